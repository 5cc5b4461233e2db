"""Makes the golden file of the noises whose numbers are drawn within libraries.

    pip install numpy scikit-image
    python Tests/goldens/generate_noise.py

Written from the definitions of the benchmark: Poisson numbers of NumPy, salt and pepper of scikit-image. Their numbers cannot be drawn
again here, so what they do to one picture, that of generate_corruptions.py, is described: of 4000 corrupted pictures by severity

    mean, square, changed   the mean over the bytes of a picture; of the squared difference from what was there; the share of bytes
                            that are others: [over the pictures, standard deviation from picture to picture]
    bytes                   how often a byte of 4 k ... 4 k + 3 came out, over all pictures
"""

import json
from pathlib import Path

import numpy as np
from skimage.util import random_noise

from generate_corruptions import picture

PICTURES = 4000


def shot_noise(x, c, random):
    return np.clip(random.poisson(x / 255 * c) / c, 0, 1) * 255


def impulse_noise(x, c, random):
    return np.clip(random_noise(x / 255, mode="s&p", amount=c, rng=random), 0, 1) * 255


NOISES = {shot_noise: [500, 250, 100, 75, 50], impulse_noise: [0.01, 0.02, 0.03, 0.05, 0.07]}


def describe(corrupt, constant, random):
    x = picture()
    rows, counts = [], np.zeros(64, dtype=int)
    for _ in range(PICTURES):
        y = corrupt(x, constant, random).astype(np.uint8)
        difference = y.astype(float) - x
        rows.append((y.mean(), (difference**2).mean(), (difference != 0).mean()))
        counts += np.bincount(y.reshape(-1) // 4, minlength=64)
    rows = np.array(rows)
    figures = {
        name: [values.mean(), values.std(ddof=1)] for name, values in zip(("mean", "square", "changed"), rows.T)
    }
    return figures | {"bytes": counts.tolist()}


def main():
    random = np.random.default_rng(0)
    golden = {
        corrupt.__name__: [describe(corrupt, constant, random) for constant in constants]
        for corrupt, constants in NOISES.items()
    }
    path = Path(__file__).with_name("noise.json")
    path.write_text(json.dumps({"pictures": PICTURES, "noises": golden}) + "\n")


if __name__ == "__main__":
    main()
