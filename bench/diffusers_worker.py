"""Does with diffusers what EngineWorker does: a piece of work a line, answered with its seconds."""

import json
import pathlib
import sys
import time

import numpy
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from safetensors.torch import save_file

CAPTION = "a photo of a dog and a chair on a street"


def main():
    folder, dtype, threads, size, steps = sys.argv[1:]
    size, steps = int(size), int(steps)
    torch.set_num_threads(int(threads))
    dtype = {"F32": torch.float32, "BF16": torch.bfloat16}[dtype]
    pipe = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=dtype)
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)

    def texts():
        ids = pipe.tokenizer(["", CAPTION], padding="max_length", return_tensors="pt").input_ids
        return pipe.text_encoder(ids)[0]

    def latent():
        side = size // 8
        noise = torch.randn(1, 4, side, side, generator=torch.Generator().manual_seed(1))
        return noise.to(dtype)

    def unet(embedded, noise):
        return pipe.unet(torch.cat([noise, noise]), torch.full((2,), 500), embedded).sample

    def vae(noise):
        pixels = pipe.vae.decode(noise / pipe.vae.config.scaling_factor).sample
        return pipe.image_processor.postprocess(pixels, output_type="np")

    def image():
        generator = torch.Generator().manual_seed(1)
        return pipe(
            CAPTION, height=size, width=size, num_inference_steps=steps, guidance_scale=7.5,
            generator=generator, output_type="np",
        ).images

    print("ready", flush=True)
    for line in sys.stdin:
        task, *result = line.split(None, 1)
        with torch.inference_mode():
            noise = latent()
            embedded = texts() if task == "unet" else None
            start = time.perf_counter()
            if task == "text":
                made = texts()
            elif task == "unet":
                made = unet(embedded, noise)
            elif task == "vae":
                made = vae(noise)
            elif task == "image":
                made = image()
            else:
                raise ValueError(task)
            seconds = time.perf_counter() - start
        if result:
            if not isinstance(made, torch.Tensor):
                made = torch.from_numpy(numpy.rint(made * 255).astype("uint8"))
            save_file({"result": made.contiguous()}, result[0].strip())
        print(seconds, flush=True)


main()
