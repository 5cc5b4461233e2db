"""Makes attacks.json with PyTorch in float64: the ways of APGD and FAB-T on a small classifier, point by point.

    pip install torch numpy
    python Tests/goldens/generate_attacks.py

The loops are written from what the papers and their authors' code define, for all examples at once and to the end,
whoever is broken on the way. Stored of an example is its way up to the point that decides it: nobody needs to search on
from there.

    classifier  z = W2 tanh(W1 (x - 1/2) + b1) + b2 of an image's COUNT numbers in HWC order; W1 and b1 are STEEPNESS
                times the values 0 and 1 of generate.py, W2 and b2 its values 2 and 3. So steep that losses rise and
                fall within the radii, that steps are halved many times and that logits change places
    images      the examples of kind PIXELS, SIDE x SIDE, with some pixels nearer to 0 or 1 than the radius
    radius      as stored, over 255 in float32
    label       what the classifier says of the image
    target      the class of rank 1 + image mod (K - 1) among the logits, where the label has rank 0
    start       seed 9, purpose 7, epoch 0, step 0, example 1000 + image, variant = restart as stored, position in HWC
                order: t = 2u - 1
    samples     of every point its sum, its norm, and its elements at the positions of kind SAMPLE

APGD: `points` is what the classifier is given, x_0 first. `broken` is the first point that is misclassified, if any;
`best` the largest loss up to there; `step` that which led to the last point. `goals` says of which losses all of this
is true. FAB: point j of `starts` is where iteration j takes the gradient, point j of `points` what it tests; `broken`
is the first of those that is misclassified within the radius; `norm` the smallest |x' - x| of misclassified ones up to
there.

Both attacks have steps that hang on the sign of a number: an element of a gradient, a difference of losses, of logits,
of a norm and the radius. Taken are examples for which no such sign hangs on rounding, which `steady` makes sure of:
with every number in float32 (but within the classifier) all points stay within 1e-6, with errors of 3e-6 of the largest
in all elements of gradients and of as much in losses within 5e-6, and each example is decided by the same point.

Among those, examples were searched for that take turns that are rare: a checkpoint of APGD at which the loss rose often
enough and yet its best value is an old one, with and without a halving at the checkpoint before; one that hangs on the
first loss being held against 0; a restored x_0; points of FAB that are of neither class.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from generate import PIXELS, SAMPLE, SEED, integer, pictures, values
from generate_methods import SEED as ATTACK_SEED, u, words

SIDE, HIDDEN, STEEPNESS, EVALUATION, ITERATIONS = 6, 24, 5.0, 7, 100
COUNT = 3 * SIDE * SIDE
CHECKPOINTS = (22, 41, 57, 70, 80, 87, 93, 99)

# (image, radius · 255)
APGD_CASES = (
    ("crossEntropy", ("avoid",), 5, 0, ((17, 1), (35, 2.5), (2, 5), (145, 4.5), (70, 8), (48, 8), (105, 7))),
    ("logitRatio", ("avoid",), 5, 1, ((123, 2), (78, 2), (16, 8), (51, 4.5), (148, 2), (48, 5.5))),
    ("logitRatio", ("reach",), 5, 2, ((121, 1.5), (0, 3.5), (74, 6), (79, 5.5), (6, 2), (11, 1))),
    ("logitRatio", ("avoid",), 3, 3, ((0, 4), (50, 4), (2, 5), (0, 3))),
    ("logitRatio", ("reach",), 3, 5, ((2, 5), (41, 4), (45, 6), (59, 8))),
    # With two classes the target is the only other one: the same loss.
    ("logitRatio", ("reach", "avoid"), 2, 4, ((55, 4), (12, 6), (56, 6))),
)
FAB_EXAMPLES = ((42, 3), (84, 2.5), (20, 3.9), (106, 8.6), (7, 11.07), (5, 5), (65, 7))


class Small:
    """The classifier; a float32 image has float32 logits and gradients, but nothing in between is rounded."""

    def __init__(self, classes):
        self.w1, self.b1 = STEEPNESS * values((HIDDEN, COUNT), 0), STEEPNESS * values((HIDDEN,), 1)
        self.w2, self.b2 = values((classes, HIDDEN), 2), values((classes,), 3)

    def __call__(self, x):
        hidden = torch.tanh((x.double() - 0.5) @ self.w1.T + self.b1)
        return (hidden @ self.w2.T + self.b2).to(x.dtype)


class Problem:
    """Examples, [N, COUNT], and their radii, [N, 1]."""

    def __init__(self, classes, examples):
        self.numbers = [image for image, _ in examples]
        x = pictures(PIXELS, self.numbers, SIDE, SIDE).permute(0, 2, 3, 1)
        self.model, self.x = Small(classes), x.reshape(len(examples), COUNT)
        ranked = self.model(self.x).argsort(dim=1, descending=True)
        ranks = 1 + torch.tensor(self.numbers) % (classes - 1)
        self.labels, self.targets = ranked[:, 0], ranked.gather(1, ranks.view(-1, 1)).squeeze(1)
        radii = np.array([radius for _, radius in examples], dtype=np.float32) / np.float32(255)
        self.radii = torch.from_numpy(radii).double().view(-1, 1)

    def random(self, restart, number, count=COUNT):
        each = [number(words(count, EVALUATION, 0, 1000 + image, 0, restart)) for image in self.numbers]
        return torch.from_numpy(np.stack(each)).to(self.x.dtype)

    # What the norm makes of it; here the largest change.

    def start(self, restart, part=1):
        t = 2 * self.random(restart, u) - 1
        return (self.x + part * self.radii * t / (t.abs().amax(dim=1, keepdim=True) + 1e-12)).clamp(0, 1)

    def inside(self, x):
        return torch.min(torch.max(x, self.x - self.radii), self.x + self.radii).clamp(0, 1)

    def direction(self, g):
        return g.sign()

    def length(self, d):
        return d.abs().amax(dim=-1)

    def steepness(self, w):
        """How fast a linear function changes at most, by distance."""
        return w.abs().sum(dim=-1)

    def offset(self, t, w, b):
        return offset(t, w, b)

    def in_float32(self):
        self.x, self.radii = self.x.float(), self.radii.float()
        return self


class Noise:
    """What is added to gradients and losses."""

    def __init__(self, size):
        self.size, self.generator = size, torch.Generator().manual_seed(1)

    def of(self, x, scale):
        return x + self.size * scale * torch.randn(x.shape, generator=self.generator, dtype=torch.float64).to(x.dtype)


def logit(z, classes):
    return z.gather(1, classes.view(-1, 1)).squeeze(1)


def loss(name, goal, z, q):
    """What is climbed, one number for each example."""
    if name == "crossEntropy":
        return F.cross_entropy(z, q.labels, reduction="none")
    ranked, classes = z.sort(dim=1, descending=True).values, z.shape[1]
    if goal == "reach":
        rival = logit(z, q.targets)
    else:
        rival = z.masked_fill(F.one_hot(q.labels, classes).bool(), -math.inf).amax(dim=1)
    if classes == 2 or classes == 3 and goal == "reach":
        scale = 1
    elif goal == "avoid":
        scale = ranked[:, 0] - ranked[:, 2] + 1e-12
    else:
        scale = ranked[:, 0] - (ranked[:, 2] + ranked[:, 3]) / 2 + 1e-12
    return (rival - logit(z, q.labels)) / scale


def where(mask, yes, no):
    return torch.where(mask.view(-1, *[1] * (yes.dim() - 1)), yes, no)


def first(happened):
    """The first row of [T, N] that holds, for each column; T where none does."""
    return torch.where(happened.any(dim=0), happened.int().argmax(dim=0), len(happened))


def apgd(q, name, goal, restart, noise):
    def evaluate(x):
        x = x.detach().requires_grad_()
        z = q.model(x)
        each = loss(name, goal, z, q)
        g, = torch.autograd.grad(each.sum(), x)
        each = each.detach()
        return z.argmax(dim=1) != q.labels, noise.of(each, each.abs()), noise.of(g, g.abs().amax(dim=1, keepdim=True))

    x = before = x_best = q.start(restart)
    wrong, l, g = evaluate(x)
    l_best, g_best, eta = l, g, 2 * q.radii
    points, wrongs, bests, steps = [x], [wrong], [l_best], [eta]
    # Of the last iteration; there was none, which counts as a loss of 0.
    l_last = torch.zeros_like(l)
    rises, l_checked, halved, window = torch.zeros(len(l)), None, None, 0
    for i in range(ITERATIONS):
        a = 1.0 if i == 0 else 0.75
        z = q.inside(x + eta * q.direction(g))
        before, x = x, q.inside(x + a * (z - x) + (1 - a) * (x - before))
        wrong, l, g = evaluate(x)
        points.append(x)
        wrongs.append(wrong)
        steps.append(eta)
        rises, window, l_last = rises + (l > l_last), window + 1, l
        better = l > l_best
        x_best, g_best, l_best = where(better, x, x_best), where(better, g, g_best), where(better, l, l_best)
        bests.append(l_best)
        if i + 1 in CHECKPOINTS:
            rarely = rises <= 0.75 * window
            halved = rarely | ~halved & (l_best == l_checked) if halved is not None else rarely
            eta, x, g = where(halved, eta / 2, eta), where(halved, x_best, x), where(halved, g_best, g)
            rises, window, l_checked = torch.zeros_like(rises), 0, l_best
    return {
        "points": torch.stack(points), "broken": first(torch.stack(wrongs)), "best": torch.stack(bests),
        "step": torch.stack(steps).squeeze(2)}


def offset(t, w, b):
    """From t, [N, n], onto the hyperplanes <w, .> = b within [0, 1]: the least in the maximum norm."""
    flip = torch.where((w * t).sum(dim=1) < b, -1, 1)
    w, b = flip.view(-1, 1) * w, flip * b
    room = torch.where(w > 0, t, 1 - t) * (w != 0)
    missing = ((w * t).sum(dim=1) - b).view(-1, 1)
    # Where every coordinate moves by some level, as far as it has room: the levels at which one has no more of it, and
    # what each brings; between two of them that is linear.
    levels = torch.cat([torch.zeros_like(missing), room.sort(dim=1).values], dim=1)
    brings = (w.abs().unsqueeze(1) * torch.minimum(levels.unsqueeze(2), room.unsqueeze(1))).sum(dim=2)
    k = torch.searchsorted(brings, missing).clamp(1, w.shape[1])
    low, high = levels.gather(1, k - 1), levels.gather(1, k)
    # Not a number where there is nothing to bring, neither missing nor room.
    share = ((missing - brings.gather(1, k - 1)) / (brings.gather(1, k) - brings.gather(1, k - 1))).nan_to_num(0)
    level = torch.where(missing >= brings[:, -1:], math.inf, low + share * (high - low))
    return -w.sign() * torch.minimum(level, room)


def fab(q, noise, restart=None, nearest=False):
    """Toward the targets, or whichever boundary is nearest."""
    x, starts, points, wrongs = q.x if restart is None else q.start(restart, 0.5), [], [], []
    for _ in range(ITERATIONS):
        starts.append(x)
        at = x.detach().requires_grad_()
        z = q.model(at)
        best = None
        for shift in range(1, z.shape[1]) if nearest else [0]:
            rivals = (q.labels + shift) % z.shape[1] if nearest else q.targets
            df = logit(z, rivals) - logit(z, q.labels)
            w, = torch.autograd.grad(df.sum(), at, retain_graph=True)
            w, df = noise.of(w, w.abs().amax(dim=1, keepdim=True)), noise.of(df.detach(), df.detach().abs())
            away = df.abs() / (1e-12 + q.steepness(w))
            is_nearer = away < (best[0] if best else math.inf)
            best = tuple(where(is_nearer, *pair) for pair in zip((away, df, w), best or (away, df, w)))
        _, df, w = best
        b = (w * x).sum(dim=1) - df
        d1, d2 = q.offset(x, w, b), q.offset(q.x, w, b)
        n1, n2 = (q.length(d).unsqueeze(1).clamp(min=1e-8) for d in (d1, d2))
        a = (n1 / (n1 + n2)).clamp(max=0.1)
        x = ((1 - a) * (x + 1.05 * d1) + a * (q.x + 1.05 * d2)).clamp(0, 1)
        wrong = q.model(x).argmax(dim=1) != q.labels
        points.append(x)
        wrongs.append(wrong)
        x = where(wrong, q.x + 0.9 * (x - q.x), x)
    points, wrongs = torch.stack(points), torch.stack(wrongs)
    norms = torch.where(wrongs, q.length(points - q.x), math.inf)
    return {
        "starts": torch.stack(starts), "points": points, "broken": first(norms <= q.radii.view(1, -1)),
        "norm": norms.cummin(dim=0).values}


# The file.


def rounded(x, digits):
    return round(float(x), digits) + 0.0


def rows(way, length):
    positions = integer(COUNT, 8, SAMPLE, 0)
    return [
        [rounded(x.sum(), 5), rounded(x.norm(), 6), *(rounded(x[p], 6) for p in positions)] for x in way[:length]]


def compare(way, other, bound, what):
    """Refuses examples whose ways part."""
    assert way["broken"].tolist() == other["broken"].tolist(), what
    for n, broken in enumerate(way["broken"].tolist()):
        for name in ("starts", "points"):
            if name in way:
                off = (way[name][:broken + 1, n] - other[name][:broken + 1, n]).abs().max().item()
                assert off <= bound, f"{what}, example {n}: {name} off by {off}"


def steady(attack, classes, examples, what, problem=Problem):
    """The way of an attack in float64."""
    way = attack(problem(classes, examples), Noise(0))
    compare(way, attack(problem(classes, examples).in_float32(), Noise(0)), 1e-6, f"{what} in float32")
    compare(way, attack(problem(classes, examples), Noise(3e-6)), 5e-6, f"{what} with noise")
    return way


def stored(q, examples, way, of_example):
    result = []
    for n, (image, radius) in enumerate(examples):
        broken, count = way["broken"][n].item(), len(way["points"])
        last = min(broken, count - 1)
        result.append({
            "image": image, "radius": radius, "label": q.labels[n].item(), "target": q.targets[n].item(),
            "broken": broken if broken < count else None, **of_example(n, last),
            "points": rows(way["points"][:, n], last + 1)})
    return result


def apgd_case(name, goals, classes, restart, examples, problem=Problem):
    way, *others = (
        steady(
            lambda q, noise: apgd(q, name, goal, restart, noise), classes, examples, f"{name}, {goal}, {classes}",
            problem)
        for goal in goals)
    for other in others:
        compare(way, other, 0, "the other goal")
    return {
        "loss": name, "goals": goals, "classes": classes, "restart": restart,
        "examples": stored(problem(classes, examples), examples, way, lambda n, last: {
            "best": rounded(way["best"][last, n], 8), "step": rounded(way["step"][last, n], 8)})}


def fab_case(classes, examples):
    way = steady(fab, classes, examples, "FAB")
    return {
        "classes": classes,
        "examples": stored(Problem(classes, examples), examples, way, lambda n, last: {
            "norm": rounded(way["norm"][last, n], 8), "starts": rows(way["starts"][:, n], last + 1)})}


def offsets(problem=Problem):
    """Single projections. All numbers are multiples of powers of 2, so that none is rounded in float32."""
    result = []
    for k in range(22):
        n = 4 + k % 6
        t = ((values((1, n), 100 + k) + 1) * 512).floor() / 1024
        w = (values((1, n), 200 + k) * 64).floor() / 64
        # Some that the hyperplane does not hear of, and some at an end of their range.
        w[0, k % n] = 0
        t[0, (k + 1) % n], t[0, (k + 2) % n] = k % 2, (k + 1) % 2
        down = k % 2 == 0
        room = torch.where((w > 0) == down, t, 1 - t)
        # From no distance at all to what is just within reach, and beyond.
        share = (0, 1, 2, 4, 6, 7, 7.5, 8, 9, 12, 3)[k // 2] / 8
        b = (w * t).sum(dim=1) + (-1 if down else 1) * share * (w.abs() * room).sum(dim=1)
        result.append((t, w, b))
    # A hyperplane that is no hyperplane.
    result.append((torch.full((1, 4), 0.5).double(), torch.zeros(1, 4).double(), torch.ones(1).double()))
    for t, w, b in result:
        assert all(torch.equal(x.float().double(), x) for x in (t, w, b))
    return [
        {"t": t[0].tolist(), "w": w[0].tolist(), "b": b.item(), "offset": [rounded(o, 10) for o in found[0]]}
        for t, w, b in result for found in [problem(2, ((0, 1),)).offset(t, w, b)]]


def write(content, name):
    lines = json.dumps(content, separators=(",", ":"), allow_nan=False).replace("},", "},\n").replace("],[", "],\n[")
    Path(__file__).with_name(name).write_text(lines + "\n")


def write_all():
    content = {
        "seed": SEED, "attackSeed": ATTACK_SEED, "side": SIDE, "hidden": HIDDEN, "steepness": STEEPNESS,
        "iterations": ITERATIONS, "apgd": [apgd_case(*case) for case in APGD_CASES],
        "fab": fab_case(5, FAB_EXAMPLES), "offsets": offsets()}
    write(content, "attacks.json")


if __name__ == "__main__":
    torch.set_num_threads(1)
    write_all()
