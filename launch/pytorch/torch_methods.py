"""The attack and the loss of each training method in PyTorch (methods.py), as one would write them for speed.

  at, fat   CE(f(x'), y)                                       x' from a uniform start, in train mode
  trades    (CE(f(x), y) + beta KL(p(x) | p(x'))) / (1 + beta)       x' from x + 0.001 N(0, 1), in evaluation mode

x' goes up on CE(f(x'), y), with TRADES on KL(p(x) | p(x')), p(x) taken once; with FAIR-TAT down on CE(f(x'), t). FAT as in
CFA: each image may take so many steps from where it is misclassified, then it stays as it is, in the passes too.
"""

import torch
import torch.nn.functional as F
from torch import nn

import torch_common as common

BETA = 6


class Views(nn.Module):
    """The training pass: each view is a batch of its own, and one call of DistributedDataParallel makes all."""

    def __init__(self, call):
        super().__init__()
        self.call = call

    def forward(self, *views):
        return [self.call(view) for view in views]


def attack(method, module, call, options, x, y, targets, margins):
    """The adversaries, and how many forward passes they took. The parameters want no gradients meanwhile."""
    module.train(not method.regularised)
    if method.regularised:
        start = x + 0.001 * torch.randn_like(x)
    else:
        start = common.uniform(x, margins)
    passes = 0
    if method.targeted:
        def objective(logits):
            return -F.cross_entropy(logits, targets, reduction="sum")
    elif method.regularised:
        with torch.no_grad(), common.autocast(options):
            reference = F.softmax(call(x).float(), 1)
        passes += 1

        def objective(logits):
            return F.kl_div(F.log_softmax(logits.float(), 1), reference, reduction="sum")
    else:
        def objective(logits):
            return F.cross_entropy(logits, y, reduction="sum")
    adversarial, found = common.pgd(
        call, options, start, common.ball(x, margins), objective, _Budget(y, options.budget) if method.friendly else None)
    module.train()
    return adversarial, passes + found


class _Budget:
    """Who takes another step, asked before each: whoever has something left of the steps from misclassified iterates."""

    def __init__(self, labels, budget):
        self.labels, self.left = labels, torch.full_like(labels, budget)

    def __call__(self, logits):
        moves = self.left > 0
        self.left -= (moves & (logits.argmax(1) != self.labels)).long()
        return moves


def train(method, parallel, options, x, adversarial, y):
    """The loss, and the logits of the adversaries."""
    if not method.regularised:
        (logits,) = parallel(adversarial)
        return F.cross_entropy(logits, y), logits
    # p(x) of the first pass serves both terms; the published code makes it anew, in a third pass.
    clean, logits, *again = parallel(*(x, adversarial, x)[:options.trades_passes])
    log_p = F.log_softmax((again[0] if again else clean).float(), 1)
    divergence = F.kl_div(F.log_softmax(logits.float(), 1), log_p, reduction="batchmean", log_target=True)
    return (F.cross_entropy(clean, y) + BETA * divergence) / (1 + BETA), logits
