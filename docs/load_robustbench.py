"""Puts weights of fairtat-dist into a PreActResNet-18 of RobustBench's kind, which normalises by its buffers mu and sigma."""

import json

import torch


def load(model, path):
    """Fills `model` from a .pt, .pth or .safetensors file; gives it mu and sigma, (1, 3, 1, 1), where it has none."""
    if path.endswith(".safetensors"):
        from safetensors import safe_open

        with safe_open(path, "pt") as file:
            state = {name: file.get_tensor(name) for name in file.keys()}
            for name, key in (("mu", "normalize.mean"), ("sigma", "normalize.std")):
                state[name] = torch.tensor(json.loads(file.metadata()[key])).view(1, 3, 1, 1)
    else:
        state = torch.load(path, weights_only=True)
    for name in ("mu", "sigma"):
        if name not in dict(model.named_buffers()):
            model.register_buffer(name, torch.empty(1, 3, 1, 1))
    model.load_state_dict(state)
    return model.eval()
