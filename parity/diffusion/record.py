"""Records what diffusers computes with two small models; see README.md."""

import contextlib
import json
import math
import pathlib
import sys

import diffusers
import torch
from safetensors.torch import save_file

import models

PROMPTS = ["a photo of a cat on the grass, by the sea!", "two horses; a bicycle at the forest road"]
NEGATIVE = "a grey picture"
SEEDS = [11, 4242]
STEPS = 6
GUIDANCE = 7.5
ATTENTION_STEP = 2

LEADING = {"timestep_spacing": "leading"}
LINSPACE = {"timestep_spacing": "linspace"}
TRAILING = {"timestep_spacing": "trailing"}
KARRAS = {**LEADING, "use_karras_sigmas": True}
SIGMA_MIN = {**LEADING, "final_sigmas_type": "sigma_min"}
PLMS = {"skip_prk_steps": True}
PLAIN = "DDIMScheduler"

# name, diffusers' class, what its configuration has beside the model's own, and the run's settings.
RUNS = [
    ("ddim", PLAIN, LEADING, {"image": True}),
    ("ddim-eta", PLAIN, LEADING, {"eta": 0.6}),
    ("ddim-trailing", PLAIN, TRAILING, {}),
    ("ddim-alpha-one", PLAIN, {**LINSPACE, "set_alpha_to_one": True}, {}),
    ("ddim-unguided", PLAIN, LEADING, {"guidance": 1.0}),
    ("ddim-wide", PLAIN, LEADING, {"width": 96, "height": 64, "image": True}),
    ("ddim-odd", PLAIN, LEADING, {"width": 72, "height": 104, "image": True}),
    ("ddpm", "DDPMScheduler", LEADING, {}),
    ("ddpm-trailing", "DDPMScheduler", TRAILING, {}),
    ("pndm", "PNDMScheduler", {**LEADING, **PLMS}, {"image": True}),
    ("pndm-linspace", "PNDMScheduler", {**LINSPACE, **PLMS}, {}),
    ("pndm-prk", "PNDMScheduler", {**LEADING, "skip_prk_steps": False}, {}),
    ("lcm", "LCMScheduler", LEADING, {"steps": 4}),
    ("euler", "EulerDiscreteScheduler", LEADING, {}),
    ("euler-linspace", "EulerDiscreteScheduler", LINSPACE, {}),
    ("euler-trailing", "EulerDiscreteScheduler", TRAILING, {}),
    ("euler-karras", "EulerDiscreteScheduler", KARRAS, {}),
    ("euler-sigma-min", "EulerDiscreteScheduler", SIGMA_MIN, {}),
    ("euler-ancestral", "EulerAncestralDiscreteScheduler", LEADING, {"image": True}),
    ("euler-ancestral-linspace", "EulerAncestralDiscreteScheduler", LINSPACE, {}),
    ("heun", "HeunDiscreteScheduler", LEADING, {}),
    ("heun-linspace", "HeunDiscreteScheduler", LINSPACE, {}),
    ("heun-karras", "HeunDiscreteScheduler", KARRAS, {}),
    ("lms", "LMSDiscreteScheduler", LEADING, {}),
    ("lms-linspace", "LMSDiscreteScheduler", LINSPACE, {}),
    ("lms-karras", "LMSDiscreteScheduler", KARRAS, {}),
    ("dpm-2m", "DPMSolverMultistepScheduler", LEADING, {}),
    ("dpm-2m-linspace", "DPMSolverMultistepScheduler", LINSPACE, {}),
    ("dpm-2m-trailing", "DPMSolverMultistepScheduler", TRAILING, {}),
    ("dpm-2m-karras", "DPMSolverMultistepScheduler", KARRAS, {}),
    ("dpm-2m-lu", "DPMSolverMultistepScheduler", {**LEADING, "use_lu_lambdas": True}, {}),
    ("dpm-2m-sigma-min", "DPMSolverMultistepScheduler", SIGMA_MIN, {"steps": 16}),
    ("dpm-2m-euler", "DPMSolverMultistepScheduler", {**LEADING, "euler_at_final": True}, {}),
    # diffusers' singlestep solver knows linspace alone
    ("dpm-2s", "DPMSolverSinglestepScheduler", LINSPACE, {}),
    ("dpm-2s-odd", "DPMSolverSinglestepScheduler", LINSPACE, {"steps": 7}),
    ("dpm-2s-sigma-min", "DPMSolverSinglestepScheduler", {**SIGMA_MIN, **LINSPACE}, {}),
    ("dpm-2s-karras", "DPMSolverSinglestepScheduler", {**KARRAS, **LINSPACE}, {}),
    ("unipc", "UniPCMultistepScheduler", LEADING, {}),
    ("unipc-linspace", "UniPCMultistepScheduler", LINSPACE, {}),
    ("unipc-karras", "UniPCMultistepScheduler", KARRAS, {}),
    ("unipc-sigma-min", "UniPCMultistepScheduler", SIGMA_MIN, {}),
]
RUNS_OF = {
    "sd1": RUNS,
    "sd2": [
        *RUNS,
        ("ddim-zero-snr", PLAIN, {**TRAILING, "rescale_betas_zero_snr": True}, {}),
    ],
}


def generators():
    return [torch.Generator().manual_seed(seed) for seed in SEEDS]


def bytes_of(image):
    """[images, 3, height, width] in 0 .. 1 to [images, height, width, 3] in 0 .. 255."""
    return (image * 255).round().to(torch.uint8).permute(0, 2, 3, 1)


class Recorder:
    """An attention processor that keeps the mean over heads of the probabilities."""

    def __init__(self, name, maps):
        self.name = name
        self.maps = maps

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, **_):
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        query, key, value = map(
            attn.head_to_batch_dim,
            (attn.to_q(hidden_states), attn.to_k(context), attn.to_v(context)),
        )
        weights = attn.get_attention_scores(query, key)
        self.maps[self.name] = weights.unflatten(0, (-1, attn.heads)).mean(1)
        return attn.to_out[0](attn.batch_to_head_dim(torch.bmm(weights, value)))


@contextlib.contextmanager
def recorded(unet, maps):
    usual = dict(unet.attn_processors)
    unet.set_attn_processor(
        {name: Recorder(name.removesuffix(".processor"), maps) for name in usual}
    )
    yield
    unet.set_attn_processor(usual)


def run(pipeline, own, row, maps=None):
    """One row: its description, and every latent beginning with the scaled noise."""
    name, scheduler, extra, settings = row
    pipeline.scheduler = getattr(diffusers, scheduler).from_config(own, **extra)
    steps = settings.get("steps", STEPS)
    width, height = settings.get("width", 64), settings.get("height", 64)
    pipeline.scheduler.set_timesteps(steps)
    start = pipeline.prepare_latents(
        len(PROMPTS), 4, height, width, torch.float32, torch.device("cpu"), generators()
    )
    latents, timesteps, attention = [start], [], {}

    def keep(_, index, timestep, tensors):
        latents.append(tensors["latents"].clone())
        timesteps.append(float(timestep))
        if maps and index == ATTENTION_STEP:
            attention.update(maps)
        return {}

    result = pipeline(
        PROMPTS,
        negative_prompt=[NEGATIVE] * len(PROMPTS),
        width=width,
        height=height,
        num_inference_steps=steps,
        guidance_scale=settings.get("guidance", GUIDANCE),
        eta=settings.get("eta", 0.0),
        generator=generators(),
        output_type="pt",
        callback_on_step_end=keep,
    )
    tensors = {
        f"{name}.timesteps": torch.tensor(timesteps),
        f"{name}.latents": torch.stack(latents),
    }
    if settings.get("image"):
        tensors[f"{name}.image"] = bytes_of(result.images)
    for index, (layer, map_) in enumerate(attention.items()):
        # The conditional half of the batch comes last.
        tensors[f"attention.{index:02}.{layer}"] = map_[len(PROMPTS) :]
    description = {
        "name": name,
        "steps": steps,
        "guidance": settings.get("guidance", GUIDANCE),
        "eta": settings.get("eta", 0.0),
        "width": width,
        "height": height,
        "scheduler": {**json.loads(pipeline.scheduler.to_json_string()), **extra},
    }
    return description, tensors


def text(pipeline):
    ids = pipeline.tokenizer(
        [NEGATIVE, *PROMPTS], padding="max_length", truncation=True, return_tensors="pt"
    ).input_ids
    positive, negative = pipeline.encode_prompt(
        PROMPTS, "cpu", 1, True, [NEGATIVE] * len(PROMPTS)
    )
    return {"ids": ids, "embeddings": torch.cat([negative[:1], positive])}


def encoding(pipeline):
    """What the autoencoder makes of an image with flat regions, ramps and noise."""
    noise = torch.rand((2, 64, 96, 3), generator=torch.Generator().manual_seed(SEEDS[0]))
    ramp = torch.linspace(0, 1, 96).view(1, 1, 96, 1)
    image = (255 * (0.5 * noise.round() * ramp + 0.5 * noise)).to(torch.uint8)
    distribution = pipeline.vae.encode(image.permute(0, 3, 1, 2) / 127.5 - 1).latent_dist
    return {
        "encode.image": image,
        "encode.mean": distribution.mean,
        "encode.log_variance": distribution.logvar,
        "encode.sample": distribution.sample(torch.Generator().manual_seed(SEEDS[0])),
    }


def record(name, tokenizer, target):
    pipeline = models.save(name, tokenizer, target / name)
    own = pipeline.scheduler.config
    tensors = {**text(pipeline), **encoding(pipeline)}
    descriptions = []
    for row in RUNS_OF[name]:
        description, results = run(pipeline, own, row)
        descriptions.append(description)
        tensors.update(results)
    maps = {}
    with recorded(pipeline.unet, maps):
        _, results = run(pipeline, own, RUNS[0], maps)
    tensors.update({key: value for key, value in results.items() if "attention" in key})
    for key, value in tensors.items():
        if not math.isfinite(value.double().abs().max()):
            raise ValueError(f"{name}: {key} is not finite")
    tensors = {key: value.contiguous() for key, value in tensors.items()}
    save_file(tensors, target / f"{name}.safetensors")
    header = {
        "torch": torch.__version__.split("+")[0],
        "diffusers": diffusers.__version__,
        "prompts": PROMPTS,
        "negative": NEGATIVE,
        "seeds": SEEDS,
        "attentionStep": ATTENTION_STEP,
        "runs": descriptions,
    }
    (target / f"{name}.json").write_text(json.dumps(header, indent=1) + "\n")


def main():
    tokenizer, target = map(pathlib.Path, sys.argv[1:])
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    with torch.no_grad():
        for name in models.VARIANTS:
            record(name, tokenizer, target)


if __name__ == "__main__":
    main()
