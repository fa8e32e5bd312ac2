"""How much slower `fit` is than a loop written by hand, and how soon a run's first point is there.

    python -m benchmarks.training [fit] [batches] [submit] [gpu] [--rounds 5]

`fit` is measured against a bare PyTorch loop on the same network, data, batches and schedule, which
sums up loss and accuracy and validates after each epoch, as loops written by hand do. They take
turns epoch by epoch, in one process with one thread; ratios are of CPU time, without the first
epoch of each, and their target is 0.97. "recorded" is the same run written into a store of runs, as
the engine does it. CIFAR-10 is the JPEG set in CONVZOO_SHARED_DATA where that is there, else noise
in its shape.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

from benchmarks.serving import own_engine
from explorer.engine import control
from explorer.runs.recording import record
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.training import networks
from explorer.training.assembly import assemble
from explorer.training.data.loading import Loaded, Pictures
from explorer.training.data.records import DataSet
from explorer.training.data.splits import sets, split
from explorer.training.fit import Training
from explorer.training.recipe import Recipe, checked
from explorer.training.records import Began, Epoch, Record

if TYPE_CHECKING:
    from torch import Tensor, nn

    from explorer.training.data.splits import Sets

ROW = "{:<46}{:>12}{:>10}"
CIFAR_STEPS, CIFAR_BATCH = 4, 128


def digits() -> tuple[Recipe, Sets]:
    """LeNet-5 on scikit-learn's digits."""
    recipe = checked(network="lenet5", data="digits", length=15)
    return recipe, sets(recipe)


def cifar() -> tuple[Recipe, Sets]:
    """ResNet-20 on a part of CIFAR-10, or on noise in its shape."""
    samples = CIFAR_STEPS * CIFAR_BATCH
    given = {"network": "resnet20", "batch_size": CIFAR_BATCH, "length": 6, "samples": samples}
    shared = Path(os.environ.get("CONVZOO_SHARED_DATA", "../shared/data")).resolve()
    archive = shared / "cifar10" / "cifar10-jpeg.tar.xz"
    if archive.exists():
        recipe = checked(**given, data=f"folder:{archive}", validation=1)
        return recipe, sets(recipe)
    recipe = checked(**given, data="cifar10", validation=1)
    parts = [_noise(count) for count in (samples + 600, 600)]
    names = tuple(map(str, range(10)))
    data = DataSet("noise", "Noise", "", names, (3, 32, 32), len(parts[0]), 600, "generated")
    return recipe, split(Loaded(data, *parts), recipe)


def _noise(count: int) -> Pictures:
    values = torch.randint(256, (count, 3, 32, 32), dtype=torch.uint8)
    return Pictures(values, torch.arange(count) % 10)


def by_hand(recipe: Recipe, data: Sets, device: str = "cpu") -> Iterator[None]:
    """A loop as one writes it down; comes up for air after each epoch."""
    prepared = networks.build(recipe, data.data.shape, len(data.data.classes))
    network = prepared.network.to(device)
    x, mean, std = _inputs(data.train.values, prepared.shape)
    held = data.validation
    x_held = None if held is None else (_inputs(held.values, prepared.shape)[0] - mean) / std
    x, y = ((x - mean) / std).to(device), data.train.labels.to(device)
    epochs, steps = int(recipe.length), -(-len(x) // recipe.batch_size)
    optimiser = torch.optim.SGD(network.parameters(), recipe.learning_rate, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * steps)
    yield
    for _ in range(epochs):
        total, hits = 0.0, 0
        for part in torch.randperm(len(x)).to(device).split(recipe.batch_size):
            scores = network(x[part])
            loss = F.cross_entropy(scores, y[part])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(part)
            hits += (scores.argmax(dim=1) == y[part]).sum().item()
        if held is not None and x_held is not None:
            validated(network, x_held.to(device), held.labels.to(device))
        yield


def _inputs(values: Tensor, shape: tuple[int, int, int]) -> tuple[Tensor, Tensor, Tensor]:
    x = networks.fitted(values, shape).float() / 255
    return x, x.mean((0, 2, 3), keepdim=True), x.std((0, 2, 3), keepdim=True)


def validated(network: nn.Module, x: Tensor, y: Tensor) -> tuple[float, int]:
    """Loss and hits on held-out pictures."""
    network.eval()
    with torch.no_grad():
        scores = [network(part) for part in x.split(500)]
    network.train()
    found = torch.cat(scores)
    return F.cross_entropy(found, y).item(), int((found.argmax(dim=1) == y).sum())


def fitted(recipe: Recipe, data: Sets) -> Iterator[None]:
    """The same by `fit`, its records read and dropped."""
    for each in Training(recipe, sets=data).records():
        if isinstance(each, Began | Epoch):
            yield


def recorded(recipe: Recipe) -> Iterator[None]:
    """The same by `fit`, its records kept in a store of runs, in a thread that waits its turn."""
    mine, its = threading.Semaphore(0), threading.Semaphore(0)

    def told(record: Record) -> None:
        if isinstance(record, Began | Epoch):
            mine.release()
            its.acquire()

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = RunStore(Path(folder))
            id = store.create(NewRun(recipe, "benchmark"), queue=False)
            done = record(id, store, told=told)
            if done.state != "done":
                print(done.sentence)
        mine.release()

    threading.Thread(target=run).start()
    mine.acquire()
    yield
    for _ in range(int(recipe.length)):
        its.release()
        mine.acquire()
        yield
    its.release()
    mine.acquire()


def in_turn(ways: dict[str, Iterator[None]]) -> dict[str, list[float]]:
    """CPU seconds of each epoch of each way, one epoch of each and again from the first."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        next(way)  # what comes before the first step is not counted
    going = True
    while going:
        for name, way in ways.items():
            start = time.process_time()
            going = next(way, way) is None
            taken[name].append(time.process_time() - start)
            if not going:
                taken[name].pop()
    return taken


def measure_fit(rounds: int) -> None:
    """Samples per second beside the bare loop."""
    print(ROW.format("Training, one thread of the CPU", "samples/s", "ratio"))
    for title, make in (("LeNet-5, digits, 64", digits), ("ResNet-20, CIFAR, 128", cifar)):
        recipe, data = make()
        ways: dict[str, Callable[[], Iterator[None]]] = {
            "by hand": lambda: by_hand(recipe, data),  # noqa: B023
            "fit": lambda: fitted(recipe, data),  # noqa: B023
        }
        if recipe.data != "cifar10":
            ways["recorded"] = lambda: recorded(recipe)  # noqa: B023
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, seconds in in_turn({name: way() for name, way in ways.items()}).items():
                taken[name] += seconds[1:]  # the first epoch warms the caches up
        for name, seconds in taken.items():
            hand = sum(taken["by hand"])
            speed = len(data.train) * len(seconds) / sum(seconds)
            print(ROW.format(f"  {title}: {name}", f"{speed:,.0f}", f"{hand / sum(seconds):.3f}"))


def measure_batches(rounds: int) -> None:
    """How much of a step goes into making its batch, with and without augmentation."""
    print(ROW.format("Making batches, one thread of the CPU", "ms a batch", "of a step"))
    recipe, data = cifar()
    epochs = in_turn({"by hand": by_hand(recipe, data)})["by hand"]
    step = min(epochs) / (len(data.train) / CIFAR_BATCH)
    settings: dict[str, dict[str, float]] = {
        "as they are": {},
        "mirror and shift, as for CIFAR-10": {"mirror": 0.5, "crop": 4},
        "turned, slanted, warped": {"rotation": 15, "shear": 5, "elastic": 2},
        "colours, erasing and CutMix": {"colour": 0.3, "erasing": 0.3, "cutmix": 1.0},
    }
    plain = {name: getattr(recipe, name) for name in ("network", "data", "batch_size")}
    for title, given in settings.items():
        parts = assemble(checked(**plain, **given), data, None, None, torch.device("cpu"))
        start = time.process_time()
        for number in range(10 * rounds):
            parts.batches.batch(number + 1)
        taken = (time.process_time() - start) / (10 * rounds)
        print(ROW.format(f"  {title}", f"{1e3 * taken:.2f}", f"{100 * taken / step:.1f} %"))


def measure_submit(rounds: int) -> None:
    """From asking for a run to its first point, through the engine; wall time."""
    print(ROW.format("Submit to first point, wall time", "seconds", "target"))
    recipe = checked(network="lenet5", data="digits", length=2)
    with own_engine(), tempfile.TemporaryDirectory() as folder:
        os.environ["CONVZOO_RUNS"] = folder
        _print_first("  the engine has not been started yet", first_point(recipe), "")
        waits = [first_point(recipe) for _ in range(rounds)]
        _print_first("  torch is loaded, as with the page open", statistics.median(waits), "2")


def first_point(recipe: Recipe) -> float:
    """Seconds until the first step is in the store."""
    start = time.perf_counter()
    (run,) = control.submit([NewRun(recipe, "benchmark")])
    store = RunStore()
    while not len(store.steps(run).step):
        time.sleep(0.005)
        if (state := store.run(run)).state in ("failed", "lost"):
            raise SystemExit(state.sentence)
    waited = time.perf_counter() - start
    while store.run(run).state not in ("done", "failed", "lost"):
        time.sleep(0.05)
    return waited


def _print_first(title: str, seconds: float, target: str) -> None:
    print(ROW.format(title, f"{seconds:.2f}", target))


def measure_gpu(rounds: int) -> None:
    """ResNet-20 on CIFAR's shape: precisions, layouts and compilation; wall time."""
    if not torch.cuda.is_available():
        print("No GPU that torch can use: bf16, channels last and compile were not measured.")
        return
    print(ROW.format(torch.cuda.get_device_name(), "samples/s", "ratio"))
    recipe, data = cifar()
    ways = {
        "by hand, fp32": None,
        "fit, fp32": {},
        "fit, bf16": {"precision": "bf16"},
        "fit, fp16": {"precision": "fp16"},
        "fit, bf16, channels last": {"precision": "bf16", "layout": "channels last"},
        "fit, bf16, compiled": {"precision": "bf16", "compiled": "yes"},
    }
    length = 20
    base = {name: getattr(recipe, name) for name in ("network", "data", "batch_size", "samples")}
    plain = checked(**base, length=length, validation=1)
    hand = 0.0
    for title, given in ways.items():
        speeds = []
        for _ in range(rounds):
            start = time.perf_counter()
            if given is None:
                list(by_hand(plain, data, "cuda"))
                speeds.append(length * len(data.train) / (time.perf_counter() - start))
            else:
                chosen = checked(**base, length=length, validation=1, **given)
                *_, ended = Training(chosen, sets=data, device="cuda").records()
                speeds.append(length * len(data.train) / ended.seconds)  # type: ignore[union-attr]
        speed = statistics.median(speeds)
        hand = hand or speed
        print(ROW.format(f"  {title}", f"{speed:,.0f}", f"{speed / hand:.2f}"))


MEASURES = {
    "fit": measure_fit,
    "batches": measure_batches,
    "submit": measure_submit,
    "gpu": measure_gpu,
}


def main() -> None:
    """Measure what is asked for, else everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", nargs="*", choices=[*MEASURES, []], default=[])
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for name in asked.what or MEASURES:
        MEASURES[name](asked.rounds)


if __name__ == "__main__":
    main()
