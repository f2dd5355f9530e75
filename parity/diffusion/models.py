"""Builds two small models in the manner of Stable Diffusion 1 and 2, with random weights."""

import json
import pathlib
import shutil

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

SEED = 20
TOKENS = 32  # of the bundled tokenizer's encodings
WIDTH = 32  # of the text embeddings
LATENT = 8

# As in the public files, also where a scheduler has no use for a key: others take it over.
SCHEDULE = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
    "set_alpha_to_one": False,
    "clip_sample": False,
}

# What sets the two apart: where the U-Net attends, its heads and projections, the text encoder's
# activation, the padding token and the scheduler.
VARIANTS = {
    "sd1": {
        "unet": {
            "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
            "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
            "layers_per_block": 2,
            "attention_head_dim": 2,
            "use_linear_projection": False,
        },
        "activation": "quick_gelu",
        "pad": "<|endoftext|>",
        "scheduler": (PNDMScheduler, {"skip_prk_steps": True}),
    },
    "sd2": {
        "unet": {
            "down_block_types": ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
            "layers_per_block": 1,
            "attention_head_dim": (2, 4),
            "use_linear_projection": True,
        },
        "activation": "gelu",
        "pad": "!",
        "scheduler": (DDIMScheduler, {"prediction_type": "v_prediction"}),
    },
}


def write_tokenizer(source, target, pad):
    """Copies the bundled tokenizer, with another padding token."""
    target.mkdir(parents=True)
    for file in source.iterdir():
        text = file.read_text(encoding="utf-8")
        if file.name in ("tokenizer_config.json", "special_tokens_map.json"):
            text = json.dumps({**json.loads(text), "pad_token": pad}, indent=2) + "\n"
        (target / file.name).write_text(text, encoding="utf-8")


def excite(model):
    """Moves what initialisation leaves at 0 and 1, and sharpens the attention."""
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            parameter.add_(0.2 * torch.randn(parameter.shape))
        elif any(part in name for part in ("to_q", "to_k", "q_proj", "k_proj")):
            parameter.mul_(4)


def build(name, tokenizer):
    variant = VARIANTS[name]
    scheduler, extra = variant["scheduler"]
    torch.manual_seed(SEED)
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=2 * WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=TOKENS,
            hidden_act=variant["activation"],
            initializer_factor=5.0,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    unet = UNet2DConditionModel(
        sample_size=LATENT,
        block_out_channels=(8, 16),
        norm_num_groups=4,
        cross_attention_dim=WIDTH,
        **variant["unet"],
    )
    vae = AutoencoderKL(
        block_out_channels=(4, 8, 8, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=2,
        latent_channels=4,
        sample_size=8 * LATENT,
    )
    with torch.no_grad():
        for model in (text, unet, vae):
            excite(model)
    return StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler.from_config({**SCHEDULE, **extra}),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def save(name, tokenizer_source, folder: pathlib.Path):
    """Writes a model folder in 16 bits and reads it back in 32, so that both sides hold the same."""
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer_folder = folder / "tokenizer"
    write_tokenizer(tokenizer_source, tokenizer_folder, VARIANTS[name]["pad"])
    pipeline = build(name, CLIPTokenizer.from_pretrained(tokenizer_folder))
    shutil.rmtree(tokenizer_folder)
    pipeline.to(torch.bfloat16).save_pretrained(folder, safe_serialization=True)
    # transformers 5 writes tokenizer.json; the public folders have the files of before.
    shutil.rmtree(tokenizer_folder)
    write_tokenizer(tokenizer_source, tokenizer_folder, VARIANTS[name]["pad"])
    pipeline = StableDiffusionPipeline.from_pretrained(
        folder, dtype=torch.float32, safety_checker=None
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
