"""Records what torchvision's DeepLabv3 computes from weights given by a formula; see README.md."""

import json
import pathlib
import sys
import zlib

import numpy as np
import torch
from torch.nn import functional
from torchvision.models.segmentation import deeplabv3_mobilenet_v3_large, deeplabv3_resnet50

CLASSES = 21
VOID = 255

# Feature maps of 5 x 17: one pyramid rate fits inside, two do not, and both sides are odd.
MODELS = {
    "resnet50": (deeplabv3_resnet50, (4, 3, 40, 136)),
    "mobilenet_v3_large": (deeplabv3_mobilenet_v3_large, (4, 3, 72, 264)),
}

# Parameters whose gradient is recorded: the stem, a strided and a dilated layer, each head.
GRADIENTS = {
    "resnet50": [
        "backbone.conv1.weight",
        "backbone.layer2.0.conv2.weight",
        "backbone.layer4.2.conv2.weight",
        "backbone.layer4.2.bn3.weight",
        "classifier.0.convs.1.0.weight",
        "classifier.0.convs.3.0.weight",
        "classifier.0.convs.4.1.weight",
        "classifier.4.bias",
        "aux_classifier.0.weight",
    ],
    "mobilenet_v3_large": [
        "backbone.0.0.weight",
        "backbone.4.block.1.0.weight",
        "backbone.4.block.2.fc1.bias",
        "backbone.14.block.1.0.weight",
        "backbone.15.block.2.fc2.weight",
        "backbone.16.1.weight",
        "classifier.0.convs.1.0.weight",
        "classifier.0.convs.3.0.weight",
        "classifier.4.bias",
        "aux_classifier.0.weight",
    ],
}


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
    """Mean, deviation and all classes at a few pixels of two images: corners and inside."""
    _, _, height, width = logits.shape
    pixels = [(0, 0), (height - 1, width - 1), (height // 2, width // 3), (height // 3, width // 2)]
    logits = logits.detach().double()
    return {
        "mean": logits.mean().item(),
        "std": logits.std(correction=0).item(),
        "pixels": [
            {"image": i, "y": y, "x": x, "logits": logits[i, :, y, x].tolist()}
            for i in (0, 1)
            for y, x in pixels
        ],
    }


def record(name):
    build, shape = MODELS[name]
    model = build(weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=True)
    with torch.no_grad():
        fill(model)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    model = model.double()  # the weights are those of 32 bits, the arithmetic is exact beside them
    image = (2 * unit("input", shape)).float().double()
    result = {
        "torch": torch.__version__.split("+")[0],
        "input": shape,
        "parameters": sum(p.numel() for p in model.parameters()),
    }
    model.eval()
    with torch.no_grad():
        result["evaluation"] = summary(model(image)["out"])
    model.train()
    out = model(image)
    target = labels((shape[0], shape[2], shape[3]))
    loss = functional.cross_entropy(out["out"], target, ignore_index=VOID)
    aux_loss = functional.cross_entropy(out["aux"], target, ignore_index=VOID)
    (loss + 0.5 * aux_loss).backward()
    parameters = dict(model.named_parameters())
    state = model.state_dict()
    means = [key for key in state if key.endswith("running_mean")]
    result["training"] = {
        "out": summary(out["out"]),
        "aux": summary(out["aux"]),
        "loss": loss.item(),
        "aux_loss": aux_loss.item(),
        "gradients": {
            key: {
                "norm": parameters[key].grad.double().norm().item(),
                "first": parameters[key].grad.flatten()[:4].tolist(),
            }
            for key in GRADIENTS[name]
        },
        "running_means": {key: state[key].double().mean().item() for key in means[::7]},
        "running_vars": {
            key: state[key].double().mean().item()
            for key in [m.replace("running_mean", "running_var") for m in means[::7]]
        },
    }
    kinds = {key: "parameter" for key in parameters}
    state = model.float().state_dict()
    keys = [
        f"{key}\t{str(value.dtype).removeprefix('torch.')}\t{'x'.join(map(str, value.shape)) or '-'}"
        f"\t{kinds.get(key, 'buffer')}"
        for key, value in state.items()
    ]
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
    """Seven digits, which is what 32-bit floats hold."""
    if isinstance(value, float):
        return float(f"{value:.7g}")
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
