"""PyTorch's side of the comparison: how its processes are started, and which configuration is the fastest here.

A configuration is a dictionary: processes, threads (of each), format (default, channels_last), mode (eager, compile),
memory (default, kept).
"""

import itertools
import json
import os
import socket
import sys

import processes

HERE = os.path.dirname(os.path.abspath(__file__))
VALUES = {"format": ("channels_last", "default"), "mode": ("eager", "compile"), "memory": ("default", "kept")}
# Freed memory stays with the process, in huge pages, so that a step does not ask the kernel for it again.
KEPT = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "2147483647", "THP_MEM_ALLOC_ENABLE": "1"}


def name(configuration):
    """Such as `2 x 1, channels_last, eager`."""
    words = [f"{configuration['processes']} x {configuration['threads']}", configuration["format"], configuration["mode"]]
    return ", ".join(words + (["memory kept"] if configuration["memory"] == "kept" else []))


def speed(configuration, method, setting, options, bf16=False, memory=False, steps=None):
    """Images per second of whole training steps, and what the program says beside it."""
    steps = steps or options.steps
    words = ["--batch", setting["batch"], "--steps", steps, "--warmup", options.warmup, "--method", method,
             "--budget", options.budget, "--trades-passes", options.trades_passes]
    outcome = _launch("torch_step.py", words, configuration, setting["width"], options, bf16,
                      lambda output: [line for line in processes.json_lines(output) if "step" in line],
                      options.warmup + steps, memory)
    result = _last_line(outcome)
    return result | {"peaks": outcome.peaks, "first_step_line": outcome.first_step}


def evaluation(configuration, width, options, bf16=False):
    """Images per second of clean accuracy alone, and of clean and robust accuracy."""
    words = ["--count", options.eval_count, "--batch", options.eval_batch]
    return _last_line(_launch("torch_eval.py", words, configuration, width, options, bf16))


def fastest(cores, method, setting, options, say):
    """The fastest configuration on so many cores, and all that were tried with their images per second.

    Everything is measured once, what comes within a tenth of the best once more, and then the best one with freed memory
    kept, twice.
    """
    tried = []

    def measure(entry):
        try:
            found = speed(entry["configuration"], method, setting, options, steps=options.search_steps)
            entry["images_per_second"].append(found["images_per_second"])
            say(f"  {name(entry['configuration']):42} {found['images_per_second']:9.2f}")
        except processes.Failed as error:
            entry["error"] = str(error)
            lines = str(error).splitlines()
            reason = next((line for line in reversed(lines) if "Error" in line or "Exception" in line), lines[-1])
            say(f"  {name(entry['configuration']):42} does not work here: {reason[:200]}")
        return entry

    def best(entries):
        working = [entry for entry in entries if "error" not in entry]
        if not working:
            raise processes.Failed("no configuration of PyTorch works here; the last one: " + entries[-1]["error"])
        # Other work on the machine only slows: the best of a configuration's runs judges it.
        return max(working, key=lambda entry: max(entry["images_per_second"]))

    def entry(**configuration):
        return {"configuration": configuration, "images_per_second": []}

    placements = [place for place in dict.fromkeys([(cores, 1), (1, cores)]) if setting["batch"] % place[0] == 0]
    for mode, (count, threads), layout in itertools.product(VALUES["mode"], placements, VALUES["format"]):
        tried.append(measure(entry(processes=count, threads=threads, format=layout, mode=mode, memory="default")))
    if all("error" in entry for entry in tried if entry["configuration"]["mode"] == "compile"):
        say("  torch.compile does not work here (it needs a C++ compiler): eager mode only")
    limit = 0.9 * best(tried)["images_per_second"][0]
    for again in tried:
        if "error" not in again and again["images_per_second"][0] >= limit:
            measure(again)
    kept = entry(**best(tried)["configuration"] | {"memory": "kept"})
    tried.append(measure(measure(kept)))
    return best(tried)["configuration"], tried


def _launch(program, words, configuration, width, options, bf16, *watching):
    count, threads = configuration["processes"], configuration["threads"]
    words = [sys.executable, os.path.join(HERE, program), *words, "--width", width, "--attack-steps", options.attack_steps,
             "--format", configuration["format"], "--mode", configuration["mode"]]
    words += ["--bf16"] if bf16 else []
    words += ["--data", options.data] if options.data else []
    shared = {
        "WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(_free_port()),
        "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads), "OMP_PLACES": "cores", "OMP_PROC_BIND": "close",
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
    }
    shared |= KEPT if configuration["memory"] == "kept" else {}
    cores = processes.Cores()
    return processes.run(
        [(words, shared | {"RANK": str(rank)}, cores.share(rank, count, threads)) for rank in range(count)], *watching)


def _last_line(outcome):
    return json.loads(outcome.output.splitlines()[-1])


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
