"""Times an evaluation in PyTorch: accuracy on clean images and under untargeted PGD, with running statistics.

The images are divided over the processes, which need nothing of each other. Parameters have no gradients, so that the
attack makes those of the images only. A block before the clock starts sets the running statistics and warms up.

Prints one line of JSON: images per second of clean accuracy alone, and of clean and robust accuracy together, by the
slowest process's time.
"""

import json
import time

import torch
import torch.nn.functional as F
from torch import nn

import torch_common as common

MARGIN = 8 / 255


def main():
    parser = common.arguments(__doc__)
    parser.add_argument("--count", type=int, default=1024, help="images, of all processes together")
    parser.add_argument("--batch", type=int, default=128, help="images a process takes at once")
    options = parser.parse_args()

    group = common.Group()
    module, call = common.network(options)
    module.requires_grad_(False)
    own = group.share(options.count)
    images, labels = common.images(options, range(group.rank * own, (group.rank + 1) * own))
    blocks = list(zip(images.split(options.batch), labels.split(options.batch)))
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = None  # the plain mean: one pass in train mode sets the statistics
    module.train()
    with torch.no_grad():
        module(blocks[0][0])
    module.eval()

    def correct(x, y):
        with torch.no_grad(), common.autocast(options):
            return (call(x).argmax(1) == y).sum()

    def attacked(x, y):
        adversarial, _ = common.pgd(call, options, common.uniform(x, MARGIN), common.ball(x, MARGIN),
                                    lambda logits: F.cross_entropy(logits, y, reduction="sum"))
        return correct(adversarial, y)

    def timed(judge, blocks):
        group.barrier()
        start = time.perf_counter()
        found = sum(int(judge(x, y)) for x, y in blocks)
        return group.greatest(time.perf_counter() - start), found

    for judge in (correct, attacked):
        timed(judge, blocks[:1])
    clean, clean_correct = timed(correct, blocks)
    robust, robust_correct = timed(attacked, blocks)
    if group.rank == 0:
        print(json.dumps(common.description(options, group) | {
            "count": options.count, "batch": options.batch,
            "pictures_per_second": {"clean": options.count / clean, "attacked": options.count / (clean + robust)},
            "correct_of_first_process": {"clean": clean_correct, "attacked": robust_correct},
        }), flush=True)
    group.end()


if __name__ == "__main__":
    main()
