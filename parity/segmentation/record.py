"""Records what torchvision's DeepLabv3 computes from weights given by a formula; see README.md."""

import json
import pathlib
import sys
import zlib

import numpy as np
import torch
from torch.nn import functional
from torchvision.models.segmentation import (
    deeplabv3_mobilenet_v3_large,
    deeplabv3_resnet50,
    deeplabv3_resnet101,
)

CLASSES = 21
VOID = 255

# Evaluation sees feature maps of 5 x 17: one pyramid rate fits inside, two do not, both sides are
# odd. Training, whose 64-bit steps are slow, sees maps of 5 x 5.
MODELS = {
    "resnet50": (deeplabv3_resnet50, (2, 3, 40, 136), (3, 3, 40, 40)),
    "resnet101": (deeplabv3_resnet101, (2, 3, 40, 136), (3, 3, 40, 40)),
    "mobilenet_v3_large": (deeplabv3_mobilenet_v3_large, (2, 3, 72, 264), (3, 3, 72, 72)),
}

STEPS = 5
LEARNING_RATE = 0.01


def hashed(name, count):
    """The 32-bit finaliser of MurmurHash3 over k + crc32(name), k = 0 .. count-1."""
    h = np.arange(count, dtype=np.uint64) + np.uint64(zlib.crc32(name.encode()))
    h &= np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(16)
    h = h * np.uint64(0x85EBCA6B) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(13)
    h = h * np.uint64(0xC2B2AE35) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(16)
    return h


def unit(name, shape):
    """Numbers in [-1, 1) that 32-bit floats hold exactly."""
    h = hashed(name, int(np.prod(shape)))
    u = (h >> np.uint64(8)).astype(np.float64) / 2**23 - 1
    return torch.from_numpy(u.reshape(shape))


def fill(model):
    for name, tensor in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        u = unit(name, tuple(tensor.shape))
        if tensor.dim() == 4:
            fan_in = tensor.shape[1] * tensor.shape[2] * tensor.shape[3]
            value = u * (3 / fan_in) ** 0.5
        elif name.endswith("running_var"):
            value = 1 + 0.5 * u
        elif name.endswith("bn3.weight"):
            value = 0.25 + 0.05 * u
        elif name.endswith("weight"):
            value = 1 + 0.2 * u
        else:
            value = 0.1 * u
        tensor.copy_(value.float())


def labels(shape):
    h = (hashed("labels", int(np.prod(shape))) % np.uint64(24)).astype(np.int64)
    h[h >= CLASSES] = VOID
    return torch.from_numpy(h.reshape(shape))


def summary(logits):
    """Mean, deviation, largest value and all classes at a few pixels of two images."""
    _, _, height, width = logits.shape
    pixels = [(0, 0), (height - 1, width - 1), (height // 2, width // 3), (height // 3, width // 2)]
    logits = logits.detach().double()
    return {
        "mean": logits.mean().item(),
        "std": logits.std(correction=0).item(),
        "largest": logits.abs().max().item(),
        "pixels": [
            {"image": i, "y": y, "x": x, "logits": logits[i, :, y, x].tolist()}
            for i in (0, 1)
            for y, x in pixels
        ],
    }


class SeededDropout(torch.nn.Module):
    """Dropout whose draws are those of torch.rand, so that another language can repeat them."""

    generator = torch.Generator()

    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        kept = (torch.rand(x.shape, generator=self.generator) + (1 - self.p)).floor()
        return x * (kept / (1 - self.p)).to(x.dtype)


def repeatable(module):
    for name, child in module.named_children():
        if isinstance(child, torch.nn.Dropout):
            setattr(module, name, SeededDropout(child.p))
        else:
            repeatable(child)


PROBE = unit("probe", (5_000_000,))


def digest(tensor):
    """The norm, the product with a formula's vector, and four elements far apart."""
    flat = tensor.detach().double().flatten()
    at = [k * flat.numel() // 4 for k in range(4)]
    return [flat.norm().item(), (flat @ PROBE[: flat.numel()]).item()] + flat[at].tolist()


def train(model, shape):
    """Steps of torchvision's recipe: SGD, tenfold rate in the auxiliary head, poly schedule."""
    aux = [p for n, p in model.named_parameters() if n.startswith("aux_classifier")]
    others = [p for n, p in model.named_parameters() if not n.startswith("aux_classifier")]
    optimizer = torch.optim.SGD(
        [{"params": others}, {"params": aux, "lr": 10 * LEARNING_RATE}],
        lr=LEARNING_RATE,
        momentum=0.9,
        weight_decay=1e-4,
    )
    schedule = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=STEPS, power=0.9)
    image = (2 * unit("input", shape)).float().double()
    target = labels((shape[0], shape[2], shape[3]))
    model.train()
    steps = []
    for step in range(STEPS):
        SeededDropout.generator.manual_seed(step)
        optimizer.zero_grad()
        out = model(image)
        loss = functional.cross_entropy(out["out"], target, ignore_index=VOID)
        loss = loss + 0.5 * functional.cross_entropy(out["aux"], target, ignore_index=VOID)
        loss.backward()
        gradients = {n: digest(p.grad) for n, p in model.named_parameters()}
        optimizer.step()
        schedule.step()
        state = {n: digest(t) for n, t in model.state_dict().items() if t.is_floating_point()}
        steps.append({"loss": loss.item(), "gradients": gradients, "state": state})
    return steps


def record(name):
    build, shape, training_shape = MODELS[name]
    model = build(weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=True)
    with torch.no_grad():
        fill(model)
    parameters = dict(model.named_parameters())
    keys = [
        f"{key}\t{str(value.dtype).removeprefix('torch.')}\t{'x'.join(map(str, value.shape)) or '-'}"
        f"\t{'parameter' if key in parameters else 'buffer'}"
        for key, value in model.state_dict().items()
    ]
    repeatable(model)
    model = model.double()  # the weights are those of 32 bits, the arithmetic is exact beside them
    model.eval()
    with torch.no_grad():
        evaluation = summary(model((2 * unit("input", shape)).float().double())["out"])
    result = {
        "torch": torch.__version__.split("+")[0],
        "parameters": sum(p.numel() for p in parameters.values()),
        "evaluation": {"input": shape} | evaluation,
        "training": {
            "input": training_shape,
            "steps": train(model, training_shape),
        },
    }
    return result, keys


def resizes():
    """Bilinear resizing with antialiasing of a small grey image, growing, shrinking and both."""
    image = torch.round((unit("resize", (1, 1, 13, 17)) + 1) * 127.5).float()
    cases = []
    for height, width in [(26, 34), (20, 31), (6, 8), (5, 40), (13, 17), (1, 1)]:
        resized = functional.interpolate(
            image, size=(height, width), mode="bilinear", align_corners=False, antialias=True
        )
        cases.append({"height": height, "width": width, "values": resized.flatten().tolist()})
    return {"height": 13, "width": 17, "image": image.int().flatten().tolist(), "cases": cases}


def rounded(value):
    """Ten digits, more than any comparison asks for."""
    if isinstance(value, float):
        return float(f"{value:.10g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return value


def main():
    target = pathlib.Path(sys.argv[1])
    torch.use_deterministic_algorithms(True)
    for name in MODELS:
        result, keys = record(name)
        (target / f"{name}.json").write_text(json.dumps(rounded(result)) + "\n")
        (target / f"{name}.keys.tsv").write_text("\n".join(keys) + "\n")
    (target / "resize.json").write_text(json.dumps(rounded(resizes())) + "\n")


if __name__ == "__main__":
    main()
