"""Trains by the recipe "quick" in PyTorch and measures mIoU; see README.md."""

import argparse
import json
import math
import pathlib

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch.nn import functional
from torchvision.models.segmentation import deeplabv3_mobilenet_v3_large
from torchvision.transforms import functional as F

CLASSES, VOID = 21, 255
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BATCH, RATE, WARMUP, DECAY, NORM = 16, 0.002, 0.05, 0.01, 5
LEAST_SCALE, MOST_SCALE, JITTER = 0.75, 1.5, 0.5
TO_YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
TO_RGB = np.array([[1, 0.956, 0.619], [1, -0.272, -0.647], [1, -1.106, 1.703]])


def read(folder):
    """All images [3, h, w], levels 0 to 255, with their masks [1, h, w]."""
    folder = pathlib.Path(folder)
    samples = []
    for name in (folder / "train.txt").read_text().split():
        image = np.array(Image.open(folder / "image" / f"{name}.png").convert("RGB"))
        mask = np.array(Image.open(folder / "mask" / f"{name}.png"))
        levels = torch.from_numpy(image).permute(2, 0, 1).float()
        samples.append((levels, torch.from_numpy(mask)[None]))
    return samples


def color_shift(levels, random):
    """Brightness, contrast, saturation and hue at once, as a linear map of the levels."""
    brightness = random.uniform(-50, 50) * JITTER
    contrast = 1 + random.uniform(-0.4, 0.4) * JITTER
    chroma = contrast * (1 + random.uniform(-0.6, 0.6) * JITTER)
    hue = random.uniform(-0.5, 0.5) * math.pi * JITTER
    along, across = chroma * math.cos(hue), chroma * math.sin(hue)
    turn = [[contrast, 0, 0], [0, along, -across], [0, across, along]]
    matrix = torch.tensor(TO_RGB @ np.array(turn) @ TO_YIQ, dtype=torch.float32)
    shifted = torch.einsum("dc,chw->dhw", matrix, levels) + brightness + (1 - contrast) * 127.5
    return shifted.clamp(0, 255)


def augmented(image, mask, base, crop, random):
    side = int(random.integers(int(LEAST_SCALE * base), int(MOST_SCALE * base) + 1))
    image = color_shift(F.resize(image, side, antialias=True), random)
    mask = F.resize(mask, side, interpolation=F.InterpolationMode.NEAREST_EXACT)
    if random.random() < 0.5:
        image, mask = F.hflip(image), F.hflip(mask)
    height, width = mask.shape[1:]
    padding = [0, 0, max(0, crop - width), max(0, crop - height)]
    image, mask = F.pad(image, padding, fill=0), F.pad(mask, padding, fill=VOID)
    top = int(random.integers(0, max(0, height - crop) + 1))
    left = int(random.integers(0, max(0, width - crop) + 1))
    return F.crop(image, top, left, crop, crop), F.crop(mask, top, left, crop, crop)


def normalized(levels):
    return F.normalize(levels / 255, MEAN, STD)


def rate(done):
    if done < WARMUP:
        return RATE * (0.01 + 0.99 * done / WARMUP)
    return RATE * (1 - (done - WARMUP) / (1 - WARMUP)) ** 0.9


def network(classifier):
    model = deeplabv3_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=True
    )
    if classifier:
        weights = load_file(classifier)
        state = model.backbone.state_dict()
        model.backbone.load_state_dict(
            {name: weights[f"features.{name}"].to(tensor.dtype) for name, tensor in state.items()}
        )
    return model.to(memory_format=torch.channels_last)


def train(samples, options, seed):
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    model = network(options.init).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    order, losses = [], []
    for step in range(options.iterations):
        while len(order) < BATCH:
            order += random.permutation(len(samples)).tolist()
        chosen, order = order[:BATCH], order[BATCH:]
        pairs = [augmented(*samples[i], options.base, options.crop, random) for i in chosen]
        images = normalized(torch.stack([image for image, _ in pairs]))
        masks = torch.cat([mask for _, mask in pairs]).long()
        for group in optimizer.param_groups:
            group["lr"] = rate(step / options.iterations)
        out = model(images.contiguous(memory_format=torch.channels_last))
        loss = functional.cross_entropy(out["out"], masks, ignore_index=VOID)
        loss = loss + 0.5 * functional.cross_entropy(out["aux"], masks, ignore_index=VOID)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), NORM)
        optimizer.step()
        losses.append(loss.item())
    return model.eval(), float(np.mean(losses[-max(1, len(losses) // 10) :]))


def miou(model, samples):
    matrix = np.zeros((CLASSES, CLASSES), dtype=np.int64)
    with torch.no_grad():
        for image, mask in samples:
            found = model(normalized(image)[None])["out"].argmax(1).numpy()
            truth = mask.numpy()
            known = truth != VOID
            matrix += np.bincount(
                CLASSES * truth[known].astype(np.int64) + found[known], minlength=CLASSES**2
            ).reshape(CLASSES, CLASSES)
    hit = np.diag(matrix)
    union = matrix.sum(0) + matrix.sum(1) - hit
    return float(np.mean(hit[union > 0] / union[union > 0]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--test", required=True, nargs="+")
    parser.add_argument("--init", help="an image classifier in torchvision's names")
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--base", type=int, default=128)
    parser.add_argument("--crop", type=int, default=128)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    samples, tests = read(options.data), [read(test) for test in options.test]
    for seed in options.seeds:
        model, loss = train(samples, options, seed)
        score = [round(100 * miou(model, test), 2) for test in tests]
        print(json.dumps({"seed": seed, "loss": round(loss, 3), "mIoU": score}), flush=True)


if __name__ == "__main__":
    main()
