"""Times whole training steps of a method in PyTorch, data-parallel over gloo: the baseline of our speed comparison.

One step is what the method needs and no more: targets drawn from a prior, where it has targets, PGD with class-wise margins
(gradients of the images only), the training pass, gradients averaged by DistributedDataParallel, SGD. The batch is divided
over the processes. One process alone goes without DistributedDataParallel. torch_methods.py has the methods.

DistributedDataParallel normalises each process's part of the batch by its own statistics; PyTorch's SyncBatchNorm, which
would take those of the whole batch, exists for GPUs only. So the baseline exchanges less than our default does, and the
search of FAT, which ends when all images are done, ends in each process by itself.

Prints a line of JSON for each step, then one with images per second from the median over the steps of the slowest process's
time.
"""

import json
import math
import statistics
import time

import torch
from torch import nn

import methods
import torch_common as common
import torch_methods


def main():
    parser = common.arguments(__doc__)
    parser.add_argument("--batch", type=int, default=128, help="images a step, of all processes together")
    parser.add_argument("--steps", type=int, default=5, help="steps that are timed")
    parser.add_argument("--warmup", type=int, default=1, help="steps before them")
    parser.add_argument("--method", choices=methods.METHODS, default="fairtat")
    parser.add_argument("--budget", type=int, default=3, help="FAT: steps from misclassified images before one is done")
    parser.add_argument("--trades-passes", type=int, choices=(2, 3), default=2,
                        help="TRADES: forward passes of the training pass, of x, x' and perhaps of x again")
    options = parser.parse_args()
    method = methods.METHODS[options.method]

    group = common.Group()
    module, call = common.network(options)
    module.train()
    parameters = list(module.parameters())
    parallel = torch_methods.Views(call)
    if group.size > 1:
        # The buffers are not sent round before each pass: they are not read in train mode, and TRADES's attack reads its own.
        parallel = nn.parallel.DistributedDataParallel(
            parallel, broadcast_buffers=False, gradient_as_bucket_view=True, static_graph=True)
    optimizer = torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=5e-4, fused=True)

    local = group.share(options.batch)
    batches = []
    for step in range(options.warmup + options.steps):
        first = step * options.batch + group.rank * local
        batches.append(common.images(options, range(first, first + local)))
    torch.manual_seed(100 + group.rank)
    prior = torch.full((common.CLASSES,), 1 / common.CLASSES)
    margin_of_class = torch.full((common.CLASSES,), 8 / 255)
    counts = torch.zeros(2, common.CLASSES, dtype=torch.long)
    times, passes = [], []
    for step, (x, y) in enumerate(batches):
        group.barrier()
        start = time.perf_counter()
        targets = None
        if method.targeted:
            targets = torch.multinomial(prior.repeat(local, 1).scatter_(1, y[:, None], 0), 1)[:, 0]
        margins = margin_of_class[y].view(-1, 1, 1, 1)
        # The attack runs the module itself: nothing of it is for the other processes, or for the weights.
        for parameter in parameters:
            parameter.requires_grad_(False)
        adversarial, attack_passes = torch_methods.attack(method, module, call, options, x, y, targets, margins)
        for parameter in parameters:
            parameter.requires_grad_(True)
        optimizer.zero_grad(set_to_none=True)
        with common.autocast(options):
            loss, logits = torch_methods.train(method, parallel, options, x, adversarial, y)
        loss.backward()
        optimizer.step()
        predicted = logits.detach().argmax(1)
        counts[0] += torch.bincount(predicted[predicted == y], minlength=common.CLASSES)
        counts[1] += torch.bincount(predicted[predicted != y], minlength=common.CLASSES)
        seconds = group.greatest(time.perf_counter() - start)
        passes.append(group.greatest(attack_passes) + (options.trades_passes if method.regularised else 1))
        if step >= options.warmup:
            times.append(seconds)
        if group.rank == 0:
            print(json.dumps({"step": step + 1, "seconds": seconds}), flush=True)
    if not math.isfinite(loss.item()):
        raise SystemExit(f"the loss is {loss.item()}")
    if not group.all_equal(sum(p.detach().double().sum().item() for p in parameters)):
        raise SystemExit("the processes' weights differ: gradients were not exchanged")
    if group.rank == 0:
        median = statistics.median(times)
        print(json.dumps(common.description(options, group) | {
            "method": options.method, "forward_passes": statistics.mean(passes), "images_per_second": options.batch / median,
            "seconds": {"median": median, "least": min(times), "greatest": max(times)},
            "steps": options.steps, "warmup": options.warmup, "batch": options.batch, "loss": loss.item(),
            "parameters": sum(p.numel() for p in parameters), "batch_norm": "each process's own statistics",
        }), flush=True)
    group.end()


if __name__ == "__main__":
    main()
