"""How much CPU time and memory a dissection takes, beside torchinfo and the bare minimum.

    python benchmarks/anatomy.py [--quick] [--memory]

Three ways from a name to a finished result, each in CPU time of this process, in one run:
ours (`dissect`), torchinfo (build with real, initialised tensors on the CPU, `summary`), and the
floor (build without initialising, one bare forward on torch's own meta kernels). Imports are not
counted. `--quick` takes the eight single models only, `--memory` only the memory: the peak that a
fresh process adds for one model, after importing everything.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
import torchinfo
from torchvision import models

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from explorer.anatomy import dissect
from explorer.zoo import build

SINGLES = (
    "resnet50", "vgg16", "densenet201", "efficientnet_b7", "convnext_large", "vit_l_16",
    "regnet_y_128gf", "swin_v2_b",
)  # fmt: skip
ROW = "{:<20}{:>9}{:>13}{:>10}{:>16}{:>12}"


def ours(name: str) -> None:
    """A dissection from the name on."""
    dissect(name)


def by_torchinfo(name: str) -> None:
    """The familiar tool, as its users run it."""
    card = build.card(name)
    network = build.real_network(name)
    torchinfo.summary(
        network, input_data=list(build.example_inputs(card)), depth=100, verbose=0, device="cpu"
    )


def floor(name: str) -> None:
    """Build without initialising, then one bare meta forward."""
    network = build.network(name)
    args = build.example_inputs(build.card(name), device="meta")
    with torch.inference_mode():
        network(*args)


def cpu_seconds(work: Callable[[str], None], name: str) -> float:
    """CPU time of one piece of work, all threads together."""
    start = time.process_time()
    work(name)
    return time.process_time() - start


def compare(names: list[str]) -> None:
    """Print one row per single model and one for all together."""
    print(ROW.format("model", "ours s", "torchinfo s", "floor s", "torchinfo/ours", "ours/floor"))
    totals = [0.0, 0.0, 0.0]
    for name in names:
        times = [cpu_seconds(work, name) for work in (ours, by_torchinfo, floor)]
        totals = [total + each for total, each in zip(totals, times, strict=True)]
        if name in SINGLES:
            _print(name, times)
    _print(f"all {len(names)}", totals)


def _print(label: str, times: list[float]) -> None:
    own, other, least = times
    print(
        ROW.format(
            label, f"{own:.3f}", f"{other:.2f}", f"{least:.2f}",
            f"{other / own:.1f}", f"{own / least:.2f}",
        ),
        flush=True,
    )  # fmt: skip


def added_memory(name: str) -> float:
    """Peak memory in MB that a dissection adds to a fresh process that has imported everything."""
    script = f"import sys; sys.argv = ['x', '--add', {name!r}]; import runpy; " + (
        f"runpy.run_path({str(Path(__file__).resolve())!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def print_added(name: str) -> None:
    """Warm up on the smallest model, then say what one more adds, in MB."""
    dissect("alexnet")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    dissect(name)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


def main() -> None:
    """Parse the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the eight single models only")
    parser.add_argument("--memory", action="store_true", help="the memory added, not the time")
    parser.add_argument("--add", metavar="MODEL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.add:
        print_added(options.add)
        return
    if options.memory:
        names = list(SINGLES) if options.quick else models.list_models()
        added = sorted(((added_memory(name), name) for name in names), reverse=True)
        for megabytes, name in added[:10]:
            print(f"{name:<40}{megabytes:7.1f} MB")
        print(f"largest of {len(names)}: {added[0][0]:.1f} MB ({added[0][1]})")
        return
    for work in (ours, by_torchinfo, floor):  # imports that happen at the first use
        work("alexnet")
    compare(list(SINGLES) if options.quick else models.list_models(module=models))


if __name__ == "__main__":
    main()
