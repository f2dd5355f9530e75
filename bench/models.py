"""Writes a model in Stable Diffusion's own shapes with random weights, for timing and comparing."""

import json
import pathlib

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from turns import HOME

CROSS = "CrossAttnDownBlock2D"
UP = "CrossAttnUpBlock2D"
WIDTHS = (320, 640, 1280, 1280)

# The public models' configurations where they differ from diffusers' and transformers' defaults.
SHAPES = {
    "sd15": {
        "unet": {"cross_attention_dim": 768, "attention_head_dim": 8},
        "text": {
            "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
            "num_attention_heads": 12, "hidden_act": "quick_gelu", "projection_dim": 768,
        },
        "prediction": "epsilon",
    },
    "sd21": {
        "unet": {
            "cross_attention_dim": 1024, "attention_head_dim": (5, 10, 20, 20),
            "use_linear_projection": True,
        },
        "text": {
            "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 23,
            "num_attention_heads": 16, "hidden_act": "gelu", "projection_dim": 512,
        },
        "prediction": "epsilon",
    },
}


def spread(model):
    """Weights as far from each other as after training, so that features keep their size."""
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            parameter.add_(0.05 * torch.randn(parameter.shape))


def ensure(name, folder):
    """Writes the model unless the folder has it."""
    if not (folder / "model_index.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write(name, HOME / "assets/syntagen-tiny/tokenizer", folder)


def write(name, tokenizer, folder):
    """Writes the folder in bfloat16, which both sides read alike, and its tokenizer with 77 tokens."""
    shape = SHAPES[name]
    torch.manual_seed(1)
    with torch.no_grad():
        unet = UNet2DConditionModel(
            sample_size=64, in_channels=4, out_channels=4, layers_per_block=2,
            block_out_channels=WIDTHS,
            down_block_types=(CROSS, CROSS, CROSS, "DownBlock2D"),
            up_block_types=("UpBlock2D", UP, UP, UP), **shape["unet"],
        )
        vae = AutoencoderKL(
            sample_size=512, latent_channels=4, layers_per_block=2,
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4, scaling_factor=0.18215,
        )
        text = CLIPTextModel(CLIPTextConfig(vocab_size=49408, max_position_embeddings=77, **shape["text"]))
        for part in (unet, vae, text):
            spread(part)
            part.to(torch.bfloat16)
    unet.save_pretrained(folder / "unet")
    vae.save_pretrained(folder / "vae")
    text.save_pretrained(folder / "text_encoder")
    DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1,
        set_alpha_to_one=False, clip_sample=False, prediction_type=shape["prediction"],
    ).save_pretrained(folder / "scheduler")
    (folder / "tokenizer").mkdir()
    for file in pathlib.Path(tokenizer).iterdir():
        content = file.read_text(encoding="utf-8")
        if file.name == "tokenizer_config.json":
            content = json.dumps({**json.loads(content), "model_max_length": 77})
        (folder / "tokenizer" / file.name).write_text(content, encoding="utf-8")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "feature_extractor": [None, None], "safety_checker": [None, None],
        "image_encoder": [None, None], "requires_safety_checker": False,
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
