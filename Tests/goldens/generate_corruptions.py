"""Makes the golden file of the corruptions with NumPy, SciPy, scikit-image, OpenCV and Pillow.

    pip install numpy scipy scikit-image opencv-python-headless pillow
    python Tests/goldens/generate_corruptions.py

Written from the definitions of the benchmark, on the libraries that its authors used; only ImageMagick's motion blur is
written out, and OpenCV's affine map, which works in steps of 1/32 of a pixel, is SciPy's here. The picture is not stored: both
sides make it from the addressed generator (Sources/Tensors/RandomStream.swift), and so are all random numbers:

    picture   purpose 63, example 5, block of 4 x 4 pixels (by, bx) and channel c: high byte b of the word at (8 by + bx) 3 + c of
              epoch 0; pixel (y, x): upper 5 bits n of the word at (32 y + x) 3 + c of epoch 1; byte = b 224 / 255 + n
    draws     purpose 12, epoch = field below, example 5, step = severity, variant = number of the corruption

Of every corrupted picture the bytes 0, 7, 14, ... are kept, all severities one after the other, in base64. Frost is not here: its
textures are the program's own.
"""

import base64
import json
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from scipy import ndimage, special, stats
from skimage import color
from skimage.filters import gaussian

SEED, EXAMPLE, SIDE = 0, 5, 32
CORRUPTION, TEST = 12, 63


def philox(counter, key):
    """Philox4x32-10 of uint32 counters [n, 4] under a 64-bit key."""
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    c = [counter[:, i].astype(np.uint64) for i in range(4)]
    for turn in range(10):
        k = [(half + turn * step) & 0xFFFFFFFF for half, step in ((key, 0x9E3779B9), (key >> 32, 0xBB67AE85))]
        p, q = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(q >> shift) ^ c[1] ^ np.uint64(k[0]), q & mask, (p >> shift) ^ c[3] ^ np.uint64(k[1]), p & mask]
    return np.stack(c, axis=1).astype(np.uint32)


def words(count, purpose, epoch=0, step=0, variant=0):
    """The first words of a stream."""
    counter = np.zeros(((count + 3) // 4, 4), dtype=np.uint32)
    counter[:, 0] = np.arange(len(counter))
    counter[:, 1:] = (EXAMPLE, epoch, purpose << 26 | step << 10 | variant)
    return philox(counter, SEED).reshape(-1)[:count].astype(np.uint64)


def picture():
    blocks = (words(8 * 8 * 3, TEST) >> np.uint64(24)).reshape(8, 8, 3).repeat(4, axis=0).repeat(4, axis=1)
    noise = (words(SIDE * SIDE * 3, TEST, epoch=1) >> np.uint64(27)).reshape(SIDE, SIDE, 3)
    return (blocks * np.uint64(224) // np.uint64(255) + noise).astype(np.uint8)


class Draws:
    """The random numbers of one corrupted picture."""

    def __init__(self, number, severity):
        self.number, self.severity = number, severity

    def quantiles(self, shape, field=0):
        w = words(int(np.prod(shape)), CORRUPTION, field, self.severity, self.number)
        return ((w.astype(np.float64) + 0.5) / 2**32).reshape(shape)

    def normal(self, shape, field=0):
        return special.ndtri(self.quantiles(shape, field))

    def uniform(self, low, high, shape, field=0):
        return low + (high - low) * self.quantiles(shape, field)

    def integers(self, bound, count, field=0):
        w = words(count, CORRUPTION, field, self.severity, self.number)
        return (w * np.uint64(bound) >> np.uint64(32)).astype(int)


def cut(x):
    """Bytes of numbers in [0, 1]."""
    return (np.clip(x, 0, 1) * 255).astype(np.uint8)


def middle_enlarged(x, factor):
    n = int(np.ceil(SIDE / factor))
    first = (SIDE - n) // 2
    zoomed = ndimage.zoom(x[first : first + n, first : first + n], (factor, factor) + (1,) * (x.ndim - 2), order=1)
    trim = (len(zoomed) - SIDE) // 2
    return zoomed[trim : trim + SIDE, trim : trim + SIDE]


def moved(x, radius, sigma, degrees):
    """ImageMagick's motion blur of numbers in [0, 1], rounded to 16 bits and cut to 8."""
    j = np.arange(2 * int(np.ceil(radius)) + 1)
    weights = np.exp(-(j**2) / (2 * sigma**2))
    weights /= weights.sum()
    right = np.ceil(j * np.cos(np.radians(degrees)) - 0.5).astype(int)
    down = np.ceil(j * np.sin(np.radians(degrees)) - 0.5).astype(int)
    y, x_ = np.mgrid[:SIDE, :SIDE]
    parts = [
        w * x[np.clip(y + v, 0, SIDE - 1), np.clip(x_ + u, 0, SIDE - 1)] for w, u, v in zip(weights, right, down)
    ]
    return (np.round(np.sum(parts, axis=0) * 65535) // 257).astype(np.uint8)


def clouds(noise, decay):
    """Diamond-square on a torus."""
    n = len(noise)
    a, step, amplitude = np.zeros((n, n)), n, 100.0

    def around(rows, columns, offsets):
        neighbours = [a[np.ix_((rows + v) % n, (columns + u) % n)] for v, u in offsets]
        return np.mean(neighbours, axis=0) + amplitude**2 * noise[np.ix_(rows, columns)]

    while step >= 2:
        h = step // 2
        on, between = np.arange(0, n, step), np.arange(h, n, step)
        sides = [(-h, 0), (h, 0), (0, -h), (0, h)]
        a[np.ix_(between, between)] = around(between, between, [(-h, -h), (-h, h), (h, -h), (h, h)])
        first, second = around(on, between, sides), around(between, on, sides)
        a[np.ix_(on, between)], a[np.ix_(between, on)] = first, second
        step, amplitude = h, amplitude / decay
    a -= a.min()
    return a / a.max()


def gaussian_noise(x, d, c):
    return cut(x / 255 + c * d.normal(x.shape))


def shot_noise(x, d, c):
    return cut(stats.poisson.ppf(d.quantiles(x.shape), x / 255 * c) / c)


def impulse_noise(x, d, c):
    q = d.quantiles(x.shape)
    return np.where(q < c, np.where(q < c / 2, 255, 0), x).astype(np.uint8)


def speckle_noise(x, d, c):
    return cut(x / 255 * (1 + c * d.normal(x.shape)))


def defocus_blur(x, d, c):
    v, u = np.mgrid[-8:9, -8:9]
    disk = (u**2 + v**2 <= c[0] ** 2).astype(np.float64)
    kernel = cv2.GaussianBlur(disk / disk.sum(), (3, 3), sigmaX=c[1])
    return cut(cv2.filter2D(x / 255, -1, kernel))


def gaussian_blur(x, d, c):
    return cut(gaussian(x / 255, sigma=c, channel_axis=-1))


def motion_blur(x, d, c):
    return moved(x / 255, *c, d.uniform(-45, 45, 1)[0])


def zoom_blur(x, d, c):
    x = x / 255
    layers = [middle_enlarged(x, factor) for factor in np.arange(1, c, 0.01)]
    return cut((x + np.sum(layers, axis=0)) / (len(layers) + 1))


def snow(x, d, c):
    x = x / 255
    flakes = middle_enlarged(c[0] + c[1] * d.normal((SIDE, SIDE)), c[2])
    flakes = cut(np.where(flakes < c[3], 0, flakes))
    flakes = moved(flakes / 255, c[4], c[5], d.uniform(-135, -45, 1, field=1)[0])[..., None] / 255
    grey = (x @ np.array([0.299, 0.587, 0.114]))[..., None]
    pale = c[6] * x + (1 - c[6]) * np.maximum(x, 1.5 * grey + 0.5)
    return cut(pale + flakes + np.rot90(flakes, 2))


def fog(x, d, c):
    x = x / 255
    layer = clouds(d.uniform(-1, 1, (SIDE, SIDE)), c[1])[..., None]
    return cut((x + c[0] * layer) * x.max() / (x.max() + c[0]))


def spatter(x, d, c):
    x = x / 255
    layer = gaussian(c[0] + c[1] * d.normal((SIDE, SIDE)), sigma=c[2])
    layer = np.where(layer < c[3], 0, layer)
    if c[5]:
        mask = gaussian((layer > c[3]).astype(np.float64), sigma=c[4])[..., None]
        mask = np.where(mask < 0.8, 0, mask)
        return cut(x * (1 - mask) + mask * np.array([63, 42, 20]) / 255)
    # What is above 1 begins anew at 0, in the published images too.
    layer = (layer * 255).astype(np.int64).astype(np.uint8)
    relief = np.minimum(cv2.distanceTransform(255 - cv2.Canny(layer, 50, 150), cv2.DIST_L2, 5), 20)
    relief = cv2.equalizeHist(cv2.blur(relief, (3, 3)).astype(np.uint8))
    relief = cv2.blur(cv2.filter2D(relief, cv2.CV_8U, np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])), (3, 3))
    mask = layer.astype(np.float64) * relief
    return cut(x + (c[4] * mask / max(mask.max(), 1e-9))[..., None] * np.array([175, 238, 238]) / 255)


def brightness(x, d, c):
    hsv = color.rgb2hsv(x)
    hsv[..., 2] = np.clip(hsv[..., 2] + c, 0, 1)
    return cut(color.hsv2rgb(hsv))


def contrast(x, d, c):
    mean = (x / 255).mean(axis=(0, 1))
    return cut((x / 255 - mean) * c + mean)


def saturate(x, d, c):
    hsv = color.rgb2hsv(x)
    hsv[..., 1] = np.clip(hsv[..., 1] * c[0] + c[1], 0, 1)
    return cut(color.hsv2rgb(hsv))


def elastic_transform(x, d, c):
    corners = np.array([[26.0, 26.0], [26.0, 6.0], [6.0, 6.0]])
    ends = corners + d.uniform(-c[2], c[2], 6).reshape(3, 2)
    # From where a point comes: the affine map of the ends to the corners.
    back = np.linalg.solve(np.column_stack([ends, np.ones(3)]), corners).T
    y, x_ = np.mgrid[:SIDE, :SIDE].astype(np.float64)
    from_x, from_y = (back[i, 0] * x_ + back[i, 1] * y + back[i, 2] for i in (0, 1))

    def sample(image, rows, columns, mode):
        return np.stack(
            [ndimage.map_coordinates(image[..., k], [rows, columns], order=1, mode=mode) for k in range(3)], axis=-1
        )

    turned = sample(x / 255, from_y, from_x, "mirror")
    if c[0] == 0:
        return cut(turned)
    right, down = (
        c[0] * gaussian(d.uniform(-1, 1, (SIDE, SIDE), field), sigma=c[1], mode="reflect", truncate=3) for field in (1, 2)
    )
    return cut(sample(turned, y + down, x_ + right, "reflect"))


def pixelate(x, d, c):
    small = Image.fromarray(x).resize((int(SIDE * c), int(SIDE * c)), Image.BOX)
    return np.asarray(small.resize((SIDE, SIDE), Image.BOX))


def jpeg_compression(x, d, c):
    file = BytesIO()
    Image.fromarray(x).save(file, "JPEG", quality=c)
    return np.asarray(Image.open(file))


def glass_blur(x, d, c):
    x = cut(gaussian(x / 255, sigma=c[0], channel_axis=-1))
    for turn in range(c[2]):
        steps = iter(d.integers(2 * c[1], 2 * SIDE * SIDE, field=turn) - c[1])
        for y in range(SIDE - c[1], c[1], -1):
            for column in range(SIDE - c[1], c[1], -1):
                right, down = next(steps), next(steps)
                x[y, column] = x[y + down, column + right]
    return cut(gaussian(x / 255, sigma=c[0], channel_axis=-1))


# Number, severities 1 to 5.
CORRUPTIONS = {
    gaussian_noise: (1, [0.04, 0.06, 0.08, 0.09, 0.10]),
    shot_noise: (2, [500, 250, 100, 75, 50]),
    impulse_noise: (3, [0.01, 0.02, 0.03, 0.05, 0.07]),
    speckle_noise: (4, [0.06, 0.1, 0.12, 0.16, 0.2]),
    defocus_blur: (5, [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)]),
    gaussian_blur: (6, [0.4, 0.6, 0.7, 0.8, 1]),
    motion_blur: (7, [(6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)]),
    zoom_blur: (8, [1.06, 1.11, 1.16, 1.21, 1.26]),
    snow: (
        9,
        [
            (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
            (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
            (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
            (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
            (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
        ],
    ),
    fog: (10, [(0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)]),
    brightness: (11, [0.05, 0.1, 0.15, 0.2, 0.3]),
    contrast: (12, [0.75, 0.5, 0.4, 0.3, 0.15]),
    elastic_transform: (
        13,
        [(0, 0, 2.56), (1.6, 6.4, 2.24), (2.56, 1.92, 1.92), (3.2, 1.28, 1.6), (3.2, 0.96, 0.96)],
    ),
    pixelate: (14, [0.95, 0.9, 0.85, 0.75, 0.65]),
    jpeg_compression: (15, [80, 65, 58, 50, 40]),
    spatter: (
        16,
        [
            (0.62, 0.1, 0.7, 0.7, 0.5, 0),
            (0.65, 0.1, 0.8, 0.7, 0.5, 0),
            (0.65, 0.3, 1, 0.69, 0.5, 0),
            (0.65, 0.1, 0.7, 0.69, 0.6, 1),
            (0.65, 0.1, 0.5, 0.68, 0.6, 1),
        ],
    ),
    saturate: (17, [(0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2)]),
    glass_blur: (19, [(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)]),
}


def main():
    golden = {}
    for corrupt, (number, constants) in CORRUPTIONS.items():
        pictures = [corrupt(picture(), Draws(number, s), c) for s, c in enumerate(constants, start=1)]
        samples = np.concatenate([p.reshape(-1)[::7] for p in pictures])
        golden[corrupt.__name__] = base64.b64encode(samples.tobytes()).decode()
    path = Path(__file__).with_name("corruptions.json")
    path.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
