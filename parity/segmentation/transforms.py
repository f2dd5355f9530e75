"""Records torchvision's training transforms of a small image with given draws; see README.md."""

import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from record import VOID, hashed
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CROP = 14
# width and height of the image, shorter side, mirrored, and the crop's place within the room it has
DRAWS = [
    (23, 17, 17, False, 0.5, 0.0),
    (23, 17, 31, True, 0.25, 0.75),
    (17, 23, 15, False, 0.0, 1.0),
    (23, 17, 9, True, 0.5, 0.0),
    (11, 40, 12, True, 0.0, 0.4),
    (16, 16, 6, False, 0.0, 0.0),
]


def picture(width, height):
    levels = hashed(f"transform {width}", 3 * width * height) % np.uint64(256)
    labels = hashed(f"mask {width}", width * height) % np.uint64(21)
    return (
        levels.reshape(height, width, 3).astype(np.uint8),
        labels.reshape(height, width).astype(np.uint8),
    )


def cropped(image, left, top, fill):
    """RandomCrop of torchvision's references: what is smaller is padded on the right and below."""
    height, width = F.get_dimensions(image)[1:]
    image = F.pad(image, [0, 0, max(0, CROP - width), max(0, CROP - height)], fill=fill)
    return F.crop(image, top, left, CROP, CROP)


def main():
    cases = []
    for width, height, side, mirrored, across, down in DRAWS:
        rgb, labels = picture(width, height)
        # In floats, which torchvision's references round to 8 bits after resizing.
        image = F.resize(torch.from_numpy(rgb).permute(2, 0, 1) / 255, side, antialias=True)
        mask = F.resize(Image.fromarray(labels), side, interpolation=InterpolationMode.NEAREST)
        if mirrored:
            image, mask = F.hflip(image), F.hflip(mask)
        left = int(across * max(0, mask.width - CROP))
        top = int(down * max(0, mask.height - CROP))
        image = F.normalize(cropped(image, left, top, 0), MEAN, STD)
        mask = cropped(mask, left, top, VOID)
        cases.append(
            {
                "width": width,
                "height": height,
                "side": side,
                "mirrored": mirrored,
                "left": left,
                "top": top,
                "colors": [round(v, 5) for v in image.flatten().tolist()],
                "labels": np.array(mask).flatten().tolist(),
            }
        )
    result = {"crop": CROP, "cases": cases}
    (pathlib.Path(sys.argv[1]) / "transforms.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
