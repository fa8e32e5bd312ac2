"""Whether networks learn as their papers say: LeNet-5 on MNIST, ResNets and plain nets on CIFAR-10.

    python -m benchmarks.learning [mnist] [cifar] [--schedule short|full] [--networks NAME ...]

MNIST: the ready recipe of the Training lab, five epochs; its test error is to be under 1.2 %.

CIFAR-10, the full schedule: as in He et al., 2015, section 4.2, 64,000 steps of 128 pictures from
all 50,000, learning rate 0.1 divided by ten at half and at three quarters, weight decay 0.0001,
mirrored and shifted by up to four pixels. It is for a GPU and is the default where there is one.
The short schedule, for a CPU: 5,000 pictures, 6 epochs, one-cycle up to 0.1, the rest alike. Its
test errors are no published ones; what it has to show is that plain-56 has a higher *training*
error than plain-20, and ResNet-56 has not.

Data come from the data folder (CONVZOO_DATA) or from CONVZOO_SHARED_DATA: there CIFAR-10 is a JPEG
re-encoding, on which errors are a little higher.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch

from explorer.training.fit import Training
from explorer.training.ready import READY
from explorer.training.recipe import Recipe, checked
from explorer.training.records import Ended, Epoch

PUBLISHED = {"resnet20": 8.75, "resnet32": 7.51, "resnet44": 7.17, "resnet56": 6.97}
"""Test errors in percent: He et al., 2015, table 6."""
NETWORKS = ("plain20", "plain56", "resnet20", "resnet56")
MOST_MNIST_ERROR = 1.2
ROW = "{:<18}{:>12}{:>14}{:>12}{:>12}{:>10}"


def shared() -> Path:
    """The folder of real data that the repository does not hold."""
    return Path(os.environ.get("CONVZOO_SHARED_DATA", "../shared/data")).resolve()


@contextlib.contextmanager
def mnist() -> Iterator[None]:
    """MNIST where `torchvision.datasets` looks for it, unpacked for as long as it takes."""
    packed = shared() / "mnist" / "MNIST" / "raw"
    if not packed.is_dir():
        yield
        return
    before = os.environ.get("CONVZOO_DATA")
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for each in packed.glob("*.gz"):
            with gzip.open(each) as source, (raw / each.stem).open("wb") as copy:
                shutil.copyfileobj(source, copy)
        os.environ["CONVZOO_DATA"] = folder
        try:
            yield
        finally:
            del os.environ["CONVZOO_DATA"]
            if before is not None:
                os.environ["CONVZOO_DATA"] = before


def learned(recipe: Recipe, title: str, published: float | None) -> Ended:
    """Train, and print a line of the table; the training error is of the last epoch's batches."""
    for each in Training(recipe).records():
        if isinstance(each, Epoch) and sys.stderr.isatty():
            words = f"{title}: {each.epoch:g} epochs, training error {100 - each.train.top1:.2f} %"
            print(words, end="\r", file=sys.stderr, flush=True)
    if not isinstance(each, Ended) or each.train is None or each.test is None:
        raise SystemExit(f"{title} did not run its length.")
    numbers = (100 - each.train.top1, 100 - each.test.top1)
    words = [f"{number:.2f} %" for number in numbers]
    paper = "" if published is None else f"{published:.2f} %"
    minutes = f"{each.seconds / 60:.1f} min"
    print(ROW.format(title, f"{each.epochs:g}", words[0], words[1], paper, minutes), flush=True)
    return each


def head(title: str) -> None:
    """Print the names of the columns."""
    print(ROW.format(title, "epochs", "train error", "test error", "published", "time"))


def measure_mnist() -> None:
    """Five epochs of LeNet-5."""
    head("MNIST")
    recipe = next(each.recipe for each in READY if each.title.startswith("LeNet-5 on MNIST"))
    with mnist():
        ended = learned(recipe, "LeNet-5", None)
    error = 100 - (ended.test.top1 if ended.test is not None else 0)
    if error >= MOST_MNIST_ERROR or ended.epochs > 5:
        raise SystemExit(f"{error:.2f} % is not under {MOST_MNIST_ERROR} %.")


def measure_cifar(schedule: str, names: tuple[str, ...]) -> None:
    """Plain and residual nets by one of the two schedules."""
    archive = shared() / "cifar10" / "cifar10-jpeg.tar.xz"
    data = f"folder:{archive}" if archive.exists() else "cifar10"
    common = checked(
        data=data, batch_size=128, optimiser="momentum", learning_rate=0.1, weight_decay=1e-4,
        mirror=0.5, crop=4, length=64_000, unit="steps", schedule="step", validation=0,
    )  # fmt: skip
    if schedule == "short":
        common = replace(common, samples=5_000, length=6.0, unit="epochs", schedule="one-cycle")
    head(f"CIFAR-10, {schedule}")
    for name in names:
        published = PUBLISHED.get(name) if schedule == "full" else None
        learned(replace(common, network=name), name, published)


def main() -> None:
    """Train what is asked for, else everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", nargs="*", choices=["mnist", "cifar", []], default=[])
    gpu = torch.cuda.is_available()
    parser.add_argument("--schedule", choices=["short", "full"], default="full" if gpu else "short")
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    asked = parser.parse_args()
    what = asked.what or ["mnist", "cifar"]
    if "mnist" in what:
        measure_mnist()
    if "cifar" in what:
        measure_cifar(asked.schedule, tuple(asked.networks))


if __name__ == "__main__":
    main()
