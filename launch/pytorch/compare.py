"""Runs fairtat-dist and PyTorch in turn on the same work and prints how their speeds compare.

The machine's speed drifts, so each round measures both, one right after the other and in alternating order, and yields one
ratio; the result is the median of the ratios, with the least and the greatest beside it. Keep the machine free of other
work meanwhile. Progress goes to standard error, the tables, as Markdown, to standard output.

  launch/compare-pytorch --search --bf16 --preset speed-issue --json FILE
  launch/compare-pytorch --method trades,fat,fairtat-trades --search --json FILE
  launch/compare-pytorch --search --evaluate --memory --setting width=16,batch=128,ranks=2,threads=1
  launch/compare-pytorch --pytorch processes=2,threads=1,format=channels_last,mode=compile
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys

import ours
import processes
import theirs
from methods import METHODS

DEFAULT = {"width": 64, "batch": 128, "ranks": 2, "threads": 1}
# No processes, no threads: as many as the setting has ranks and threads.
PYTORCH = {"processes": 0, "threads": 0, "format": "channels_last", "mode": "eager", "memory": "default"}
PRESETS = {
    "speed-issue": [
        DEFAULT, DEFAULT | {"ranks": 1, "threads": 2}, DEFAULT | {"width": 16}, DEFAULT | {"batch": 64},
        DEFAULT | {"batch": 32},
    ],
}
EPILOG = """
environment:
  FAIRTAT_PYTHON   a Python that has torch; without, PyTorch is installed into .venv-pytorch (8 GB of disk)
  FAIRTAT_ISA      avx2: both sides without AVX-512, ours built in .build-x86-64-v3
  FAIRTAT_PROGRAM  another program than the one that is built
"""


def say(text):
    print(text, file=sys.stderr, flush=True)


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def fields(defaults, choices):
    """A parser of `key=value,key=value` over `defaults`: numbers, or words among `choices`."""

    def parse(text):
        result = dict(defaults)
        for part in text.split(","):
            key, _, value = part.partition("=")
            if key not in result:
                raise argparse.ArgumentTypeError(f"'{key}' is none of {', '.join(result)}")
            if key in choices and value not in choices[key]:
                raise argparse.ArgumentTypeError(f"{key} is one of {', '.join(choices[key])}")
            try:
                result[key] = value if key in choices else positive(value)
            except ValueError:
                raise argparse.ArgumentTypeError(f"{key}={value}: not a number") from None
        return result

    return parse


def method_names(text):
    names = list(dict.fromkeys(text.split(",")))
    for name in names:
        if name not in METHODS:
            raise argparse.ArgumentTypeError(f"'{name}' is none of {', '.join(METHODS)}")
    return names


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(64, f"launch/compare-pytorch: {message}; see launch/compare-pytorch --help\n")


def arguments():
    parser = Parser(prog="launch/compare-pytorch", description=__doc__, epilog=EPILOG,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--setting", action="append", type=fields(DEFAULT, {}), metavar="KEY=VALUE,...",
                        help="width, batch (of all ranks together), ranks, threads (of each); may be repeated "
                        "(default: " + ",".join(f"{k}={v}" for k, v in DEFAULT.items()) + ")")
    parser.add_argument("--preset", choices=sorted(PRESETS), help="several settings, before those of --setting")
    parser.add_argument("--method", type=method_names, default=["fairtat"], metavar="NAME,...",
                        help=f"training methods, each with every setting: {', '.join(METHODS)} (default: fairtat)")
    parser.add_argument("--rounds", type=positive, default=5)
    parser.add_argument("--steps", type=positive, default=5, help="timed steps a round")
    parser.add_argument("--warmup", type=positive, default=1, help="steps before them")
    parser.add_argument("--attack-steps", type=positive, default=10, help="steps of PGD, both sides")
    parser.add_argument("--attack-precision", choices=("float32", "bfloat16"), default="float32",
                        help="what the passes of our attack multiply in; PyTorch's are in float32, and with --bf16 in bfloat16 "
                        "autocast too")
    parser.add_argument("--budget", type=positive, metavar="N",
                        help="of FAT, both sides: steps from misclassified images before one is done, the method's is 3 "
                        "(default: as many as the attack has, so that nothing ends early and both sides make the same passes)")
    parser.add_argument("--trades-passes", type=int, choices=(2, 3), default=2,
                        help="of PyTorch's training pass with TRADES: x and x' (default), or x once more, as published")
    parser.add_argument("--data", default="", help="a folder with CIFAR-10's binary files; made-up images without")
    parser.add_argument("--json", default="", metavar="FILE", help="also write everything measured to this file")
    parser.add_argument("--dry-run", action="store_true", help="say what would be measured, and end")
    group = parser.add_argument_group("PyTorch's configuration")
    group.add_argument("--search", action="store_true",
                       help="take the fastest of memory format x processes or threads x eager or torch.compile x freed "
                       "memory kept or not, in float32, for each setting")
    group.add_argument("--search-steps", type=positive, default=2, help="timed steps of each one tried")
    group.add_argument("--pytorch", metavar="KEY=VALUE,...", default=None,
                       type=fields(PYTORCH, theirs.VALUES),
                       help="this one: processes, threads (default: the ranks and threads of the setting), "
                       + ", ".join(f"{k} ({', '.join(v)})" for k, v in theirs.VALUES.items()))
    group.add_argument("--bf16", action="store_true", help="a row more: the same in bfloat16 autocast")
    group = parser.add_argument_group("what else is measured")
    group.add_argument("--evaluate", action="store_true", help="evaluation: clean, and clean with PGD, running statistics")
    group.add_argument("--eval-count", type=positive, default=1024, help="test images of an evaluation")
    group.add_argument("--eval-batch", type=positive, default=128, help="images a rank or process takes at once")
    group.add_argument("--eval-rounds", type=positive, default=3)
    group.add_argument("--memory", action="store_true", help="sum over processes of the largest proportional set size")
    options = parser.parse_args()
    options.settings = PRESETS.get(options.preset, []) + (options.setting or [])
    options.settings = options.settings or [DEFAULT]
    if options.budget and not any(METHODS[name].friendly for name in options.method):
        parser.error("--budget is for fat and fairtat-fat")
    options.budget = options.budget or options.attack_steps
    if options.search and options.pytorch:
        parser.error("--search finds what --pytorch says: give one of them")
    for setting in options.settings:
        count = (options.pytorch or {}).get("processes") or setting["ranks"]
        if setting["batch"] % count or (options.evaluate and options.eval_count % count):
            parser.error(f"images cannot be divided over {count} processes of PyTorch in {setting}")
    if options.data:
        options.data = os.path.abspath(options.data)
    return options


def title(method, setting):
    return method + ", width {width}, batch {batch}, {ranks} ranks x {threads} threads; PyTorch:".format(**setting)


def mean(numbers):
    """None where one of them is not known."""
    numbers = list(numbers)
    return None if None in numbers else statistics.mean(numbers)


def spread(rounds, side="theirs"):
    """Medians of both sides and of the ratios, and the least and greatest ratio."""
    ratios = [r["ours"] / r[side] for r in rounds if r["ours"] and r[side]]
    if not ratios:
        return None
    return {
        "ours": statistics.median(r["ours"] for r in rounds if r["ours"]),
        "theirs": statistics.median(r[side] for r in rounds if r[side]),
        "ratio": statistics.median(ratios), "least": min(ratios), "greatest": max(ratios),
    }


def in_turn(rounds, sides, report):
    """So many rounds of measuring all `sides` (functions by name), each round in the order opposite to the last one's."""
    found = []
    for number in range(rounds):
        order = list(sides) if number % 2 == 0 else list(reversed(sides))
        measured = {side: sides[side]() for side in order}
        found.append({side: measured[side] for side in sides})
        say(f"  round {number + 1}: " + report(found[-1]))
    return found


def configuration(method, setting, options, searches):
    """PyTorch's configuration for a setting; a search is made once for a method, a width, a batch and a number of cores."""
    if not options.search:
        given = options.pytorch or PYTORCH
        return given | {key: given[key] or setting[of] for key, of in (("processes", "ranks"), ("threads", "threads"))}
    key = search_key(method, setting)
    if key not in searches:
        say("fastest PyTorch for {}, width {}, batch {} on {} cores (processes x threads, images/s):".format(*key))
        searches[key] = theirs.fastest(key[-1], method, setting, options, say)
    return searches[key][0]


def search_key(method, setting):
    return method, setting["width"], setting["batch"], setting["ranks"] * setting["threads"]


def compare_steps(method, setting, chosen, options):
    sides = {"ours": lambda: ours.speed(method, setting, options),
             "theirs": lambda: theirs.speed(chosen, method, setting, options)}
    if options.bf16:
        sides["bf16"] = lambda: theirs.speed(chosen, method, setting, options, bf16=True)
    rounds = in_turn(options.rounds, sides, lambda r: ", ".join(
        f"{side} {result['images_per_second']:.2f} images/s" for side, result in r.items()))
    speeds = [{side: result["images_per_second"] for side, result in r.items()} for r in rounds]
    passes = {side: mean(r[side]["forward_passes"] for r in rounds) for side in ("ours", "theirs")}
    passes["most"] = METHODS[method].forward_passes(options.attack_steps)
    start_up = {side: statistics.median(r[side]["first_step_line"] or 0 for r in rounds) for side in ("ours", "theirs")}
    start_up["first_step_of_ours"] = statistics.median(r["ours"]["first_step"] for r in rounds)
    return {
        "rounds": rounds, "median": spread(speeds), "bf16": spread(speeds, "bf16") if options.bf16 else None,
        "forward_passes": passes, "start_up": start_up,
    }


def compare_memory(method, setting, chosen, options):
    # Memory that PyTorch would only keep for speed is not held against it.
    plain = chosen | {"memory": "default"}
    peaks = {"ours": ours.speed(method, setting, options, memory=True)["peaks"],
             "theirs": theirs.speed(plain, method, setting, options, memory=True)["peaks"]}
    sums = {side: sum(values) for side, values in peaks.items()}
    say("  memory: " + ", ".join(f"{side} {value / 1048576:.0f} MiB" for side, value in sums.items()))
    return {"peaks": peaks, "bytes": sums, "ratio": sums["ours"] / sums["theirs"] if sums["theirs"] else None}


def compare_evaluation(setting, chosen, options):
    sides = {"ours": lambda: ours.evaluation(setting, options),
             "theirs": lambda: theirs.evaluation(chosen, setting["width"], options)}
    if options.bf16:
        sides["bf16"] = lambda: theirs.evaluation(chosen, setting["width"], options, bf16=True)

    def report(measured):
        return "evaluation, images/s: " + ", ".join(
            f"{side} " + " and ".join(f"{name} {speed:.1f}" if speed else f"{name} too short to time"
                                      for name, speed in result["pictures_per_second"].items())
            for side, result in measured.items())

    rounds = in_turn(options.eval_rounds, sides, report)
    result = {"rounds": rounds}
    for name in ("clean", "attacked"):
        speeds = [{side: r[side]["pictures_per_second"][name] for side in r} for r in rounds]
        result[name] = spread(speeds)
        result[f"{name}_bf16"] = spread(speeds, "bf16") if options.bf16 else None
    return result


def machine():
    name, flags = "", set()
    with open("/proc/cpuinfo") as file:
        for line in file:
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                name = value.strip()
            elif key.strip() == "flags":
                flags = set(value.split())
    levels = {"AVX-512": {"avx512f", "avx512dq", "avx512bw", "avx512vl"}, "AVX2": {"avx2", "fma"}}
    return {
        "cpu": name, "cores": len(processes.Cores().cpus),
        "instruction_set": next((level for level, needed in levels.items() if needed <= flags), "baseline"),
        "isa_of_the_comparison": os.environ.get("FAIRTAT_ISA") or "all", "load": os.getloadavg(),
        "kernel": platform.release(),
    }


def versions():
    program = os.environ.get("FAIRTAT_PROGRAM", "")
    told = subprocess.run([program, "--version"], capture_output=True, text=True) if program else None
    return {
        "fairtat-dist": told.stdout.strip() if told and told.returncode == 0 else "unknown",
        "torch": importlib.metadata.version("torch"), "python": platform.python_version(),
    }


def row(cells):
    print("| " + " | ".join(cells) + " |")


def table(title, heads):
    print(f"\n{title}\n")
    row(heads)
    row(["---"] * len(heads))


def cells(median):
    if not median:
        return ["too short to time", "", ""]
    return [f"{median['ours']:.1f}", f"{median['theirs']:.1f}",
            f"{median['ratio']:.2f} ({median['least']:.2f} to {median['greatest']:.2f})"]


def print_tables(record):
    where, what = record["machine"], record["versions"]
    limit = where["isa_of_the_comparison"]
    print(f"{record['date']}; {where['cpu']}, {where['cores']} cores, {where['instruction_set']}"
          + (f" (both sides limited to {limit})" if limit != "all" else "")
          + f"; {what['fairtat-dist']}; PyTorch {what['torch']}, Python {what['python']}")
    names = ["method", "width", "batch", "ranks x threads", "PyTorch: processes x threads"]
    sides = ["fairtat-dist", "PyTorch", "ratio: median (least to greatest)"]
    bf16 = ", bfloat16 autocast"
    precision = record["arguments"]["attack_precision"]

    def start(result, arithmetic=""):
        setting = result["setting"]
        attack = "" if precision == "float32" else f", our attack in {precision}"
        return [result["method"] + attack, str(setting["width"]), str(setting["batch"]),
                f"{setting['ranks']} x {setting['threads']}", theirs.name(result["pytorch"]) + arithmetic]

    table("Training steps, images/s:", names + sides)
    for result in record["results"]:
        row(start(result) + cells(result["steps"]["median"]))
        if result["steps"]["bf16"]:
            row(start(result, bf16) + cells(result["steps"]["bf16"]))
    table("Forward passes of a step, mean:", names + ["fairtat-dist, at most", "counted", "PyTorch, counted"])
    for result in record["results"]:
        found = result["steps"]["forward_passes"]
        row(start(result) + [str(found["most"])]
            + [f"{found[side]:.1f}" if found[side] else "" for side in ("ours", "theirs")])
    table("Start to first step line, s (ours: without the step itself):", names + ["fairtat-dist", "PyTorch"])
    for result in record["results"]:
        found = result["steps"]["start_up"]
        row(start(result) + [f"{found['ours']:.2f} ({found['ours'] - found['first_step_of_ours']:.2f})",
                             f"{found['theirs']:.2f}"])
    if any("evaluation" in result for result in record["results"]):
        table("Evaluation, images/s:", names[1:] + ["of"] + sides)
        for result in record["results"]:
            for key, name in (("clean", "clean"), ("attacked", f"clean and PGD-{record['arguments']['attack_steps']}")):
                found = result.get("evaluation")
                if found:
                    row(start(result)[1:] + [name] + cells(found[key]))
                if found and found[f"{key}_bf16"]:
                    row(start(result, bf16)[1:] + [name] + cells(found[f"{key}_bf16"]))
    if any("memory" in result for result in record["results"]):
        table("Memory of all processes, MiB:", names + ["fairtat-dist", "PyTorch", "ratio"])
        for result in record["results"]:
            if found := result.get("memory"):
                row(start(result) + [f"{found['bytes'][side] / 1048576:.0f}" for side in ("ours", "theirs")]
                    + [f"{found['ratio']:.2f}" if found["ratio"] else ""])


def main():
    options = arguments()
    measured = [(setting, method) for setting in options.settings for method in options.method]
    if options.dry_run:
        for setting, method in measured:
            chosen = "a search" if options.search else theirs.name(configuration(method, setting, options, {}))
            print(title(method, setting), chosen)
        return
    record = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"), "machine": machine(),
        "versions": versions(), "arguments": vars(options), "results": [],
    }
    if os.environ.get("FAIRTAT_ISA") and "AVX512" in record["versions"]["fairtat-dist"]:
        raise SystemExit(f"launch/compare-pytorch: FAIRTAT_ISA={os.environ['FAIRTAT_ISA']}, but FAIRTAT_PROGRAM is "
                         + record["versions"]["fairtat-dist"])
    if os.getloadavg()[0] > 0.5 * len(processes.Cores().cpus):
        say(f"warning: the machine is busy (load {os.getloadavg()[0]:.1f}); the figures will not be worth much")
    searches, evaluations = {}, {}
    try:
        for setting, method in measured:
            chosen = configuration(method, setting, options, searches)
            say(f"{title(method, setting)} {theirs.name(chosen)}")
            result = {"method": method, "setting": setting, "pytorch": chosen}
            if options.search:
                result["search"] = searches[search_key(method, setting)][1]
            result["steps"] = compare_steps(method, setting, chosen, options)
            if options.memory:
                result["memory"] = compare_memory(method, setting, chosen, options)
            if options.evaluate:
                # Batch and method of the training are nothing to an evaluation.
                key = (setting["width"], setting["ranks"], setting["threads"], tuple(chosen.values()))
                if key not in evaluations:
                    evaluations[key] = result["evaluation"] = compare_evaluation(setting, chosen, options)
            record["results"].append(result)
            if options.json:
                with open(options.json, "w") as file:
                    json.dump(record, file, indent=1)
                    file.write("\n")
    except processes.Failed as error:
        raise SystemExit(f"launch/compare-pytorch: {error}") from None
    finally:
        if record["results"]:
            print_tables(record)


if __name__ == "__main__":
    main()
