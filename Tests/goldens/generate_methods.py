"""Makes methods.json with PyTorch in float64: where the attacks of every training method lead on a small network.

    pip install torch numpy
    python Tests/goldens/generate_methods.py

The loops are those of the methods' sources, which docs/methods.md names. Steps and radii are small, so that a few steps
reach the radius of some classes and not of others, and cross the boundary at different times.

    network   that of generate.py: width 8, "addressed" batch norms; its running statistics moved by WARM_UP passes, of
              the examples 100 j ... 100 j + 11, j from 1; linear weight times SCALE; linear bias as stored, which makes
              the mean logits 0, of the batch in train mode, of POOL images else. Without the last two all images would
              be of one class, and stay so
    labels    as stored: what the network predicts; where the number of the image is 3 modulo 4 the second best

Addresses, beside those of generate.py:

    images    the examples IMAGES of kind PIXELS
    start     seed 9, purpose 6, epoch as stored, example 100 + 7 · image, variant = place of the view, position in
              HWC order: 2u - 1, or the standard normal number of which (word + 1/2) / 2^32 is the probability
    noise     the same at step s + 1 for step s of the attack
    target    seed 9, purpose 5, position 0: by u from the prior k + 1 of class k, without the label

A view is stored as its number of forward passes, where p(x) is asked for once, and the fingerprints of x' - x of each
example; beside the views what has become of some running statistics after the training pass.
"""

from dataclasses import dataclass, replace
from functools import partial
from statistics import NormalDist

import numpy as np
import torch
import torch.nn.functional as F

from generate import CLASSES, PIXELS, buffers, fingerprint, fingerprints, network, philox, pictures, write

SEED, TARGET, ATTACK_START = 9, 5, 6
SIDE, WARM_UP, SCALE, POOL = 16, 40, 8, 96
# Of these no prediction and hardly a sign of a gradient hangs on the rounding of float32.
IMAGES = [1, 4, 11, 14, 16, 21, 39, 41, 76, 86, 94, 95]
EXAMPLES = [100 + 7 * image for image in IMAGES]
STATISTICS = ("layer1.0.bn2.running_var", "layer3.0.bn1.running_mean", "bn.running_mean", "bn.running_var")
TRAIN, EVAL = "batch-updating-running", "running"


# Random numbers of attacks.


def words(count, purpose, epoch, example, step=0, variant=0):
    counter = np.zeros(((count + 3) // 4, 4), dtype=np.uint32)
    counter[:, 0] = np.arange(len(counter))
    counter[:, 1:] = example, epoch, purpose << 26 | step << 10 | variant
    return philox(counter, SEED).reshape(-1)[:count]


def u(words):
    return (words >> np.uint32(8)) * 2.0**-24


def normal(words):
    return np.vectorize(NormalDist().inv_cdf)((words + 0.5) * 2.0**-32)


@dataclass
class Randomness:
    """The numbers of one view in one epoch."""

    epoch: int
    place: int

    def images(self, number, step=0):
        each = (words(3 * SIDE * SIDE, ATTACK_START, self.epoch, example, step, self.place) for example in EXAMPLES)
        return torch.from_numpy(np.stack([number(w).reshape(SIDE, SIDE, 3).transpose(2, 0, 1) for w in each]))

    def uniform(self):
        return 2 * self.images(u) - 1

    def normal(self, step=0):
        return self.images(normal, step)


def drawn_targets(labels, epoch):
    drawn = []
    for example, label in zip(EXAMPLES, labels.tolist()):
        prior = np.arange(1.0, CLASSES + 1)
        prior[label] = 0
        threshold = u(words(1, TARGET, epoch, example))[0] * prior.sum()
        drawn.append(int(np.searchsorted(np.cumsum(prior), threshold, side="right")))
    return torch.tensor(drawn)


# The loops.


@dataclass
class Problem:
    """What an attack is given; radius and step are [N, 1, 1, 1]."""

    x: torch.Tensor
    labels: torch.Tensor
    targets: torch.Tensor
    radius: torch.Tensor
    step: torch.Tensor
    steps: int
    random: Randomness


def gradient(loss, pixels):
    return torch.autograd.grad(loss, pixels)[0]


def divergence(logits, p):
    return F.kl_div(F.log_softmax(logits, 1), p, reduction="sum")


def within(adversarial, x, radius):
    return torch.min(torch.max(adversarial, x - radius), x + radius).clamp(0, 1)


def clipped(delta, x, radius):
    return torch.min(torch.max(torch.min(torch.max(delta, -radius), radius), -x), 1 - x)


def pgd(model, q, targeted=False):
    """AT, FAIR-TAT: cw_attack_pgd of Targeted_attack.py. With one step FGSM from a random start."""
    delta = clipped(q.random.uniform() * q.radius, q.x, q.radius)
    for _ in range(q.steps):
        delta.requires_grad_()
        logits = model(q.x + delta)
        if targeted:
            moved = delta.detach() - q.step * gradient(F.cross_entropy(logits, q.targets), delta).sign()
        else:
            moved = delta.detach() + q.step * gradient(F.cross_entropy(logits, q.labels), delta).sign()
        delta = clipped(moved, q.x, q.radius)
    return q.x + delta


def trades(model, q):
    """TRADES: trades.py, and CFA, FRL, WAT, DAFA after it."""
    p = F.softmax(model(q.x), 1).detach()
    adversarial = q.x + 0.001 * q.random.normal()
    for _ in range(q.steps):
        adversarial.requires_grad_()
        g = gradient(divergence(model(adversarial), p), adversarial)
        adversarial = within(adversarial.detach() + q.step * g.sign(), q.x, q.radius)
    return adversarial


def trades_remargined(model, q):
    """FRL: frlrmrw.py. The largest radius of the batch sets the step of all."""
    return trades(model, replace(q, step=torch.full_like(q.step, q.radius.max().item() / 4)))


def trades_targeted(model, q):
    """FAIR-TAT + TRADES: the start and the ball of TRADES, down on the target's cross-entropy."""
    adversarial = q.x + 0.001 * q.random.normal()
    for _ in range(q.steps):
        adversarial.requires_grad_()
        g = gradient(F.cross_entropy(model(adversarial), q.targets), adversarial)
        adversarial = within(adversarial.detach() - q.step * g.sign(), q.x, q.radius)
    return adversarial


def fat(model, q, budget, targeted=False):
    """FAT as in CFA: cw_fat_loss of attack.py. With targets FAIR-TAT + FAT."""
    control = [budget] * len(q.x)
    delta = clipped(q.random.uniform() * q.radius, q.x, q.radius).requires_grad_()
    logits = model(q.x + delta)
    for _ in range(q.steps):
        wrong = (logits.argmax(1) != q.labels).tolist()
        moving = [n for n in range(len(q.x)) if control[n] > 0]
        for n in moving:
            control[n] -= wrong[n]
        if not moving:
            break
        ascent = -F.cross_entropy(logits, q.targets) if targeted else F.cross_entropy(logits, q.labels)
        moved = (delta.detach() + q.step * gradient(ascent, delta).sign())[moving]
        delta = delta.detach().clone()
        delta[moving] = clipped(moved, q.x[moving], q.radius[moving])
        delta.requires_grad_()
        logits = model(q.x + delta)
    return q.x + delta.detach()


def early_stopped(model, q, budget, noise=0.0, for_trades=False):
    """FAT as published: earlystop.py. Those that are done leave the batch."""
    p = F.softmax(model(q.x), 1).detach() if for_trades else None
    start = 0.001 * q.random.normal() if for_trades else q.random.uniform() * q.radius
    adversarial, control = (q.x + start).clamp(0, 1), torch.full((len(q.x),), budget)
    left = torch.arange(len(q.x))
    for s in range(q.steps):
        iterate = adversarial[left].requires_grad_()
        logits = model(iterate)
        loss = divergence(logits, p[left]) if for_trades else F.cross_entropy(logits, q.labels[left])
        g = gradient(loss, iterate)
        wrong = logits.argmax(1) != q.labels[left]
        goes_on = ~wrong | (control[left] > 0)
        control[left] -= (wrong & goes_on).long()
        left, g = left[goes_on], g[goes_on]
        if len(left) == 0:
            break
        moved = adversarial[left] + q.step[left] * g.sign()
        if noise > 0:
            moved += noise * q.random.normal(s + 1)[left]
        adversarial[left] = within(moved, q.x[left], q.radius[left])
    return adversarial


def last_clean(model, q):
    """BAT's x_lc: stop_to_lastclean.py."""
    p = F.softmax(model(q.x), 1).detach()
    adversarial = (q.x + 0.001 * q.random.normal()).clamp(0, 1)
    before, left = adversarial.clone(), torch.arange(len(q.x))
    for _ in range(q.steps):
        iterate = adversarial[left].requires_grad_()
        logits = model(iterate)
        g = gradient(divergence(logits, p[left]), iterate)
        right = logits.argmax(1) == q.labels[left]
        adversarial[left[~right]] = before[left[~right]]
        left, g = left[right], g[right]
        if len(left) == 0:
            break
        before[left] = adversarial[left]
        adversarial[left] = within(adversarial[left] + q.step[left] * g.sign(), q.x[left], q.radius[left])
    return adversarial


first_adversarial = partial(early_stopped, budget=1, for_trades=True)


def friendly(epoch):
    """The budget of FAT.py, which counts epochs from 1."""
    budget = 0 if epoch + 1 <= 50 else 1 if epoch + 1 <= 90 else 2
    return partial(early_stopped, budget=budget, noise=0.001)


def friendly_for_trades(epoch):
    """The budget of FAT_for_TRADES.py, which counts epochs from 1."""
    budget = 0 if epoch + 1 <= 30 else 1 if epoch + 1 <= 50 else 2 if epoch + 1 <= 70 else 3
    return partial(early_stopped, budget=budget, for_trades=True)


# The cases.


def of_classes(radius, step):
    """Radius and step of each class, given in units of 1/255."""
    return tuple([float(np.float32(of(k) / 255)) for k in range(CLASSES)] for of in (radius, step))


# In evaluation mode no image is of the class with the largest radius.
PLAIN = of_classes(lambda k: 1.5 + 0.3 * k, lambda k: 0.75)
ONE_STEP = of_classes(lambda k: 1.5 + 0.3 * k, lambda k: 3)
SLOW = of_classes(lambda k: 0.6 + 0.15 * k, lambda k: 0.25)
# DAFA multiplies both by the weight of the class.
WEIGHTED = of_classes(lambda k: (0.4 + 0.1 * k) * 3, lambda k: (0.4 + 0.1 * k) * 0.75)


def prepared(mode):
    """A network that takes the images for several classes, the images, and their labels."""
    model, x = network(8, "addressed"), pictures(PIXELS, IMAGES, SIDE, SIDE)
    with torch.no_grad():
        for j in range(1, WARM_UP + 1):
            model(pictures(PIXELS, range(100 * j, 100 * j + len(IMAGES)), SIDE, SIDE))
        model.linear.weight *= SCALE
        model.linear.bias.zero_()
        state = {name: buffer.clone() for name, buffer in model.named_buffers()}
        model.train(mode == TRAIN)
        several = x if mode == TRAIN else pictures(PIXELS, range(POOL), SIDE, SIDE)
        model.linear.bias -= model(several).mean(dim=0).float()
        best = model(x).topk(2).indices
        model.load_state_dict(state, strict=False)
    return model, x, torch.tensor([best[n, int(image % 4 == 3)].item() for n, image in enumerate(IMAGES)])


class Counted:
    """A model that counts its forward passes."""

    def __init__(self, model):
        self.model, self.passes = model, 0

    def __call__(self, pixels):
        self.passes += 1
        return self.model(pixels)


def case(names, mode, classes, steps, attacks, moves, epoch=2, epochs=20, targeted=False, budget=None):
    """The views of methods: `attacks` from the place of a view to its loop, any other view is x; `moves` are the views
    that the source passes in train mode for the loss, in its order."""
    model, x, labels = prepared(mode)
    targets = drawn_targets(labels, epoch)
    radius, step = (torch.tensor(of, dtype=torch.float64)[labels].view(-1, 1, 1, 1) for of in classes)
    seen, found, views = model.bn.num_batches_tracked.item(), {}, []
    model.train(mode == TRAIN)
    for place, attack in attacks.items():
        counted = Counted(model)
        problem = Problem(x, labels, targets, radius, step, steps, Randomness(epoch, place))
        found[place] = attack(counted, problem).detach()
        views.append({
            "place": place, "passes": counted.passes, "examples": [fingerprint(delta) for delta in found[place] - x]})
    model.train()
    with torch.no_grad():
        for place in moves:
            model(found.get(place, x))
    return {
        "methods": names.split(), "mode": mode, "epoch": epoch, "epochs": epochs, "steps": steps,
        "epsilons": classes[0], "stepSizes": classes[1], "budget": budget, "bias": model.linear.bias.tolist(),
        "labels": labels.tolist(), "targets": targets.tolist() if targeted else [], "views": views,
        "moves": moves, "batchesTracked": model.bn.num_batches_tracked.item() - seen,
        "buffers": fingerprints({name: buffers(model)[name] for name in STATISTICS}),
    }


def cases():
    return [
        case("fgsm", TRAIN, ONE_STEP, 1, {0: pgd}, [0]),
        case("at", TRAIN, PLAIN, 4, {0: pgd}, [0]),
        case("fairtat", TRAIN, PLAIN, 4, {0: partial(pgd, targeted=True)}, [0], targeted=True),
        case("trades trades-original frl-reweight", EVAL, PLAIN, 4, {1: trades}, [0, 1, 0]),
        case("wat", EVAL, PLAIN, 4, {1: trades}, [0, 1]),
        case("frl-remargin", EVAL, PLAIN, 4, {1: trades_remargined}, [0, 1, 0]),
        case("dafa", EVAL, WEIGHTED, 4, {0: trades}, [0, 1]),
        case("fairtat-trades", EVAL, PLAIN, 4, {1: trades_targeted}, [0, 1, 0], targeted=True),
        # In the second all are done before the last step. In the fourth an image is wrong at first and right after one
        # step, and done all the same.
        case("fat", TRAIN, SLOW, 6, {0: partial(fat, budget=3)}, [0], epoch=0),
        case("fat", TRAIN, PLAIN, 6, {0: partial(fat, budget=1)}, [0], budget=1),
        case("fairtat-fat", TRAIN, SLOW, 6, {0: partial(fat, budget=3, targeted=True)}, [0], epoch=14, targeted=True),
        case("fairtat-fat", TRAIN, SLOW, 6, {0: partial(fat, budget=1, targeted=True)}, [0], epoch=5, targeted=True,
             budget=1),
        *(case("fat-original", EVAL, SLOW, 5, {0: friendly(epoch)}, [0], epoch, epochs=120) for epoch in (49, 50, 90)),
        *(case("fat-for-trades", EVAL, PLAIN, 5, {1: friendly_for_trades(epoch)}, [0, 1], epoch, epochs=85)
          for epoch in (29, 30, 50, 70)),
        case("bat", EVAL, PLAIN, 5, {0: last_clean, 1: first_adversarial}, [0, 1, 2]),
    ]


if __name__ == "__main__":
    torch.set_num_threads(1)
    write("methods.json", {
        "width": 8, "side": SIDE, "warmUp": WARM_UP, "scale": SCALE, "attackSeed": SEED, "images": IMAGES,
        "examples": EXAMPLES, "prior": list(range(1, CLASSES + 1)), "cases": cases()})
