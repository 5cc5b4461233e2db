"""Makes the weight files of the tests with PyTorch: what torch.save writes, of both formats.

    pip install torch numpy
    python Tests/goldens/generate_weights.py

    kinds.pt, kinds-older.pt, kinds-4.pt   tensors of all types, views, a parameter: zip, the older format, pickle protocol 4
    network.pt, network-older.pth          a PreActResNet-18 of width 1 with 3 classes, wrapped and bare
    weights.json                           what the readers must give, and the network's logits

Logits are float64. Images: pixel i of all, in NCHW order, is (37 i mod 256) / 255.
"""

import collections
import json
import sys
from pathlib import Path

import torch
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[2] / "launch" / "pytorch"))
import torch_model

FOLDER = Path(__file__).parent / "weights"


def kinds():
    """Tensors as they come, under names that say what they are."""
    whole = torch.arange(24, dtype=torch.float32).reshape(4, 6) * 0.25 - 3
    return collections.OrderedDict(
        float=torch.tensor([[1.5, -2.25, 0.0], [3.0e38, -1.0e-40, -0.0]]),
        half=torch.tensor([1.0, -0.333251953125, 65504.0, 6.0e-8, 6.1e-5, 0.0], dtype=torch.float16),
        bfloat=torch.tensor([1.0, -2.0e30, 3.140625, 1.0e-39], dtype=torch.bfloat16),
        double=torch.tensor([0.1, -1.0e300 * 1e-270, 2.0**-30], dtype=torch.float64),
        long=torch.tensor(2**40 + 3),
        int=torch.tensor([-7, 2**31 - 1], dtype=torch.int32),
        short=torch.tensor([-300, 300], dtype=torch.int16),
        char=torch.tensor([-128, 127], dtype=torch.int8),
        byte=torch.tensor([0, 255], dtype=torch.uint8),
        flags=torch.tensor([True, False]),
        empty=torch.zeros(0, 4),
        whole=whole,
        transposed=whole.t(),
        every_second=whole[1::2, ::3],
        row=whole[2],
        permuted=torch.arange(12, dtype=torch.float32).reshape(2, 3, 2).permute(2, 0, 1),
        parameter=nn.Parameter(torch.tensor([0.5, 0.25])),
    )


def network():
    """The network, its running statistics off their beginnings, and its logits."""
    torch.manual_seed(5)
    net = torch_model.PreActResNet18(1, 3)
    for name, tensor in net.state_dict().items():
        if name.endswith("running_mean"):
            tensor.uniform_(-0.5, 0.5)
        elif name.endswith("running_var"):
            tensor.uniform_(0.5, 2)
        elif name.endswith("num_batches_tracked"):
            tensor.fill_(41)
        elif ".bn" in name or name.startswith("bn"):
            tensor.uniform_(0.5, 1.5)
    count = 2 * 3 * 32 * 32
    images = torch.tensor([(37 * i) % 256 for i in range(count)], dtype=torch.float64).reshape(2, 3, 32, 32) / 255
    logits = net.double().eval()(images)
    net.float()
    # The blocks are numbered through in our class; the field's state dicts have them by stage.
    state = collections.OrderedDict()
    for name, tensor in net.state_dict().items():
        if name in ("mean", "std"):
            continue
        parts = name.split(".")
        if parts[0] == "blocks":
            parts[:2] = [f"layer{int(parts[1]) // 2 + 1}", str(int(parts[1]) % 2)]
        state[".".join(parts)] = tensor
    return state, net.mean, net.std, logits.tolist()


def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    dictionary = kinds()
    torch.save(dictionary, FOLDER / "kinds.pt")
    torch.save(dictionary, FOLDER / "kinds-older.pt", _use_new_zipfile_serialization=False)
    torch.save(dictionary, FOLDER / "kinds-4.pt", pickle_protocol=4)
    state, mean, std, logits = network()
    wrapped = {"epoch": 7, "best": 0.5, "names": ["a", "b"], "state_dict": {f"module.1.{k}": v for k, v in state.items()}}
    wrapped["state_dict"].update({"module.0.mean": mean.flatten(), "module.0.std": std.flatten()})
    torch.save(wrapped, FOLDER / "network.pt")
    torch.save(state, FOLDER / "network-older.pth", _use_new_zipfile_serialization=False)
    expected = {
        "kinds": {
            name: {"shape": list(tensor.shape), "values": tensor.detach().to(torch.float64).flatten().tolist()}
            for name, tensor in dictionary.items()
        },
        "mean": mean.flatten().tolist(), "std": std.flatten().tolist(), "logits": logits,
    }
    (FOLDER / "weights.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
