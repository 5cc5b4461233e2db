"""Makes norms.json with PyTorch in float64: PGD, APGD and FAB in the L2 ball, and FAB toward whichever boundary is nearest.

    pip install torch numpy
    python Tests/goldens/generate_norms.py

Classifier, images, radii, labels, targets and addresses are those of generate_attacks.py, and so are the loops; what L2 changes
of them is `Euclidean`. Where the specification says nothing of L2, this follows what the authors' programs do. A normal number
is the one of which (word + 1/2) / 2^32 is the probability.

    pgd       x_0 = x + r v t / |t|, t normal, v = u of the word behind those of t; then STEPS steps of STEP r along the
              gradient of cross-entropy. `points` are all of them
    apgd      as in attacks.json
    fab       the same, with the norm of the ball and how a search begins: nowhere but at the image, or half the radius
              away by the random numbers of a `restart`; `nearest`: not toward the target
    offsets   onto single hyperplanes within [0, 1], the least in L2
"""

import json
import math
from pathlib import Path

import torch

import generate_attacks as base
from generate_attacks import ITERATIONS, Noise, Problem, apgd, apgd_case, fab, rounded, rows, steady, stored
from generate_methods import normal, u

STEPS, STEP = 12, 0.3

# (image, radius · 255)
PGD_EXAMPLES = ((0, 40), (1, 60), (2, 20), (4, 60))
APGD_CASES = (
    ("crossEntropy", ("avoid",), 5, 0, ((6, 30), (31, 12), (23, 12), (8, 30), (26, 20))),
    ("logitRatio", ("avoid",), 5, 1, ((5, 45), (0, 20), (12, 45))),
    ("logitRatio", ("reach",), 5, 2, ((6, 20), (0, 20), (2, 45))),
)
FAB_CASES = (
    ("l2", False, 5, None, ((15, 60), (12, 40), (0, 30), (20, 40))),
    ("l2", True, 5, None, ((0, 20), (12, 40), (6, 60), (2, 40))),
    ("l2", True, 5, 1, ((11, 40), (29, 20), (28, 60), (0, 40))),
    ("linf", True, 5, None, ((6, 6), (2, 5), (9, 4), (0, 5))),
    ("linf", True, 5, 1, ((23, 5), (9, 3), (20, 6), (0, 4))),
)


class Euclidean(Problem):
    """The same in the L2 norm."""

    def start(self, restart, part=1):
        return self.at(self.random(restart, normal), part * self.radii)

    def begin(self, restart):
        v = self.random(restart, u, base.COUNT + 1)[:, -1:]
        return self.at(self.random(restart, normal), v * self.radii)

    def at(self, t, radius):
        return (self.x + radius * self.direction(t)).clamp(0, 1)

    def inside(self, x):
        d = x - self.x
        return (self.x + self.direction(d) * torch.minimum(self.radii, self.length(d).unsqueeze(1))).clamp(0, 1)

    def direction(self, g):
        return g / (self.length(g).unsqueeze(1) + 1e-12)

    def length(self, d):
        return (d**2).sum(dim=-1).sqrt()

    def steepness(self, w):
        return self.length(w)

    def offset(self, t, w, b):
        """From t, [N, n], onto the hyperplanes <w, .> = b within [0, 1]: each coordinate by level · |w|, as far as it can."""
        flip = torch.where((w * t).sum(dim=1) < b, -1, 1)
        w, b = flip.view(-1, 1) * w, flip * b
        room = torch.where(w > 0, t, 1 - t) * (w != 0)
        missing = (w * t).sum(dim=1) - b
        # Bisection; what all can bring is enough, or all go as far as they can.
        low, high = torch.zeros_like(missing), (room / w.abs().clamp(min=1e-30)).amax(dim=1)

        def brings(level):
            return (w.abs() * torch.minimum(level.view(-1, 1) * w.abs(), room)).sum(dim=1)

        for _ in range(200):
            middle = (low + high) / 2
            enough = brings(middle) >= missing
            low, high = torch.where(enough, low, middle), torch.where(enough, middle, high)
        return -w.sign() * torch.minimum(high.view(-1, 1) * w.abs(), room)


def pgd(q, restart, noise):
    x = q.begin(restart)
    points = [x]
    for _ in range(STEPS):
        at = x.detach().requires_grad_()
        g, = torch.autograd.grad(base.loss("crossEntropy", "avoid", q.model(at), q).sum(), at)
        x = q.inside(x + STEP * q.radii * q.direction(noise.of(g, g.abs().amax(dim=1, keepdim=True))))
        points.append(x)
    # All of the way is looked at, and the end judged.
    wrong = q.model(x).argmax(dim=1) != q.labels
    return {"points": torch.stack(points), "broken": torch.where(wrong, STEPS, STEPS + 1)}


def problem(norm):
    return Problem if norm == "linf" else Euclidean


def pgd_case(classes, restart, examples):
    q = Euclidean(classes, examples)
    way = steady(lambda q, noise: pgd(q, restart, noise), classes, examples, "PGD", Euclidean)
    return {
        "classes": classes, "restart": restart, "steps": STEPS, "step": STEP,
        "examples": stored(q, examples, way, lambda n, last: {})}


def fab_case(norm, nearest, classes, restart, examples):
    kind = problem(norm)
    way = steady(
        lambda q, noise: fab(q, noise, restart, nearest), classes, examples, f"FAB, {norm}, {nearest}, {restart}", kind)
    return {
        "norm": norm, "nearest": nearest, "classes": classes, "restart": restart,
        "examples": stored(kind(classes, examples), examples, way, lambda n, last: {
            "norm": rounded(way["norm"][last, n], 8), "starts": rows(way["starts"][:, n], last + 1)})}


def write_all():
    content = {
        "seed": base.SEED, "attackSeed": base.ATTACK_SEED, "side": base.SIDE, "hidden": base.HIDDEN,
        "steepness": base.STEEPNESS, "iterations": ITERATIONS, "pgd": pgd_case(5, 3, PGD_EXAMPLES),
        "apgd": [apgd_case(*case, Euclidean) for case in APGD_CASES], "fab": [fab_case(*case) for case in FAB_CASES],
        "offsets": base.offsets(Euclidean)}
    base.write(content, "norms.json")


if __name__ == "__main__":
    torch.set_num_threads(1)
    write_all()
