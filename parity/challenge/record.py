"""Records what ImageHash computes for the bundled test scenes; see README.md."""

import pathlib
import sys

import imagehash
from PIL import Image

# Whole, and a crop that no factor of either hash divides.
SIZES = [(128, 128), (101, 67), (20, 31)]


def small(image, width, height):
    """Rows first; Pillow itself would choose the order, which changes the rounding."""
    narrow = image.convert("L").resize((width, image.height), Image.Resampling.BOX)
    return narrow.resize((width, height), Image.Resampling.BOX)


def main(folder, target):
    with open(target, "w", newline="\n") as out:
        out.write("id\twidth\theight\tdhash\tphash\n")
        for file in sorted(pathlib.Path(folder).glob("*.png"))[:100]:
            for width, height in SIZES:
                image = Image.open(file).convert("RGB").crop((0, 0, width, height))
                dhash = imagehash.dhash(small(image, 9, 8))
                phash = imagehash.phash(small(image, 32, 32))
                out.write(f"{file.stem}\t{width}\t{height}\t{dhash}\t{phash}\n")


main(*sys.argv[1:])
