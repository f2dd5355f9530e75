"""Records what the package imagecorruptions makes of a picture; see README.md."""

import base64
import json
import pathlib
import sys

import numpy as np
from imagecorruptions import corrupt

WIDTH, HEIGHT = 240, 224
FIRST, EVERY = 5, 17
NAMES = ["defocus_blur", "zoom_blur", "brightness", "contrast", "pixelate", "jpeg_compression"]


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
            shown = pixels[FIRST::EVERY, FIRST::EVERY]
            result[name].append(base64.b64encode(shown.tobytes()).decode())
    (pathlib.Path(sys.argv[1]) / "corruptions.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
