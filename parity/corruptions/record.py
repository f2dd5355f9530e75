"""Records what the package imagecorruptions makes of a picture; see README.md."""

import base64
import json
import pathlib
import sys

import numpy as np
from imagecorruptions import corrupt
from imagecorruptions.corruptions import _motion_blur

WIDTH, HEIGHT = 240, 224
FIRST, EVERY = 5, 17
NAMES = ["defocus_blur", "zoom_blur", "brightness", "contrast", "pixelate", "jpeg_compression"]

MOTION = [(10, 3, -45), (15, 5, -20), (15, 8, 0), (15, 12, 10), (20, 15, 40)]  # radius, sigma, angle


def sampled(pixels):
    return base64.b64encode(pixels[FIRST::EVERY, FIRST::EVERY].tobytes()).decode()


def picture():
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    red = abs((3 * x + y) % 510 - 255)
    green = abs((x + 2 * y + x * y // 64) % 510 - 255)
    blue = np.where((x // 16 + y // 16) % 2 == 0, 200, 60)
    return np.stack([red, green, blue], axis=2).astype(np.uint8)


def main():
    image = picture()
    result = {}
    for name in NAMES:
        result[name] = []
        for severity in range(1, 6):
            pixels = corrupt(image, corruption_name=name, severity=severity)
            result[name].append(sampled(pixels))
    result["motion"] = [
        {"radius": r, "sigma": s, "angle": a, "pixels": sampled(np.uint8(_motion_blur(image, r, s, a)))}
        for r, s, a in MOTION
    ]
    (pathlib.Path(sys.argv[1]) / "corruptions.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
