"""Makes the golden file of the augmentations with Pillow, on which torchvision's and timm's transforms of PIL images rest.

    pip install pillow numpy
    python Tests/goldens/generate_augmentations.py

Both sides make the picture, 12 x 16 pixels: the byte of row y, column x and colour c is (7 y^2 + 13 x (c + 1) + 31 c + 9 (x y mod 11)) mod 256.
Of every result all bytes are kept, in base64.

    resized   a window (top, left, height, width), resized to the picture's size by the bicubic filter (torchvision: resized_crop)
    jitter    brightness, contrast, saturation by a factor of single precision (torchvision: adjust_...; ImageEnhance)
    rotated   by degrees, counter-clockwise, nearest pixel, black around (torchvision: rotate)
"""

import base64
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

HEIGHT, WIDTH = 12, 16
WINDOWS = [(0, 0, 12, 16), (1, 2, 10, 13), (3, 0, 9, 16), (0, 5, 12, 11), (2, 3, 5, 7), (11, 15, 1, 1), (4, 4, 2, 3), (1, 1, 11, 15)]
FACTORS = [0.0, 0.25, 0.75, 0.8, 0.9371, 1.0, 1.0629, 1.25, 1.9]
ENHANCERS = {"brightness": ImageEnhance.Brightness, "contrast": ImageEnhance.Contrast, "saturation": ImageEnhance.Color}
ANGLES = [0.0, 0.5, -1.25, 2.0, -2.0, 7.3, -15.0, 15.0, 44.9, 90.5, -170.0]


def picture():
    y, x, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(3), indexing="ij")
    return Image.fromarray(((7 * y**2 + 13 * x * (c + 1) + 31 * c + 9 * (x * y % 11)) % 256).astype(np.uint8))


def text(image):
    return base64.b64encode(np.asarray(image).tobytes()).decode()


def main():
    image = picture()
    resized = []
    for top, left, height, width in WINDOWS:
        window = image.crop((left, top, left + width, top + height))
        resized.append({"window": [top, left, height, width], "image": text(window.resize((WIDTH, HEIGHT), Image.BICUBIC))})
    jitter = []
    for name, enhancer in ENHANCERS.items():
        for factor in map(float, np.array(FACTORS, dtype=np.float32)):
            jitter.append({"property": name, "factor": factor, "image": text(enhancer(image).enhance(factor))})
    rotated = [{"degrees": angle, "image": text(image.rotate(angle, Image.NEAREST, fillcolor=0))} for angle in ANGLES]
    path = Path(__file__).with_name("augmentations.json")
    path.write_text(json.dumps({"resized": resized, "jitter": jitter, "rotated": rotated}) + "\n")


if __name__ == "__main__":
    main()
