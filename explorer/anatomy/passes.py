"""Forward passes that are timed: how many, when to stop, how to stop early."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import torch

from explorer import units
from explorer.anatomy.stopwatch import Stopwatch
from explorer.device import synchronise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

    from explorer.anatomy.merit_records import BlockTimes
    from explorer.progress import Progress

SECONDS = 8.0  # the timed passes end after this, stable or not
FEWEST, MOST = 5, 100  # passes, when their number is not asked for
STABLE = 0.01  # relative standard error of the median that ends the passes
_WARM_UP_SECONDS, _WARM_UP_PASSES = 1.0, 3
_BLOCK_PASSES, _BLOCK_SECONDS = 5, 4.0
_SLOW = 0.5  # seconds; a pass this slow can be cancelled block by block


@dataclass(frozen=True, slots=True)
class Job:
    """What to run: a network on a device with its inputs, and whom to tell how far it is."""

    network: nn.Module
    inputs: tuple[Any, ...]
    device: torch.device
    progress: Progress

    def forward(self) -> Any:
        """Run one pass."""
        with torch.inference_mode():
            return self.network(*self.inputs)

    def timed(self) -> float:
        """Seconds of one pass, from an idle device to an idle device."""
        synchronise(self.device)
        start = time.perf_counter()
        self.forward()
        synchronise(self.device)
        return time.perf_counter() - start


def warm_up(job: Job) -> int:
    """Run passes that do not count: caches fill, kernels are chosen. Returns their number."""
    job.progress(0.2, "First passes, which do not count")
    start, done = time.perf_counter(), 0
    with _cancellable(job, 0.2):
        while done < _WARM_UP_PASSES:
            job.timed()
            done += 1
            if time.perf_counter() - start > _WARM_UP_SECONDS:
                break
    return done


def latencies(job: Job, runs: int | None) -> tuple[list[float], str]:
    """Seconds of the passes that count, and why there are no more of them.

    Without `runs`, as many as it takes until the median is stable. At least three, then no more
    once the time is up.
    """
    found: list[float] = []
    most = runs or MOST
    start = time.perf_counter()
    while len(found) < most:
        share = max(len(found) / most, (time.perf_counter() - start) / SECONDS)
        job.progress(0.3 + 0.5 * min(share, 1.0), f"Timed pass {len(found) + 1}")
        if found and found[-1] > _SLOW:
            with _cancellable(job, 0.3):
                found.append(job.timed())
        else:
            found.append(job.timed())
        if time.perf_counter() - start > SECONDS and len(found) >= min(3, most):
            return found, f"{SECONDS:.0f} seconds had passed"
        if runs is None and len(found) >= FEWEST and _standard_error(found) < STABLE:
            return found, f"the median was stable to {units.percent(STABLE, 0)}"
    return found, "that many were asked for" if runs else f"{MOST} passes were enough"


def _standard_error(found: list[float]) -> float:
    """Relative standard error of the median, from the quartiles (as of a normal sample)."""
    lower, middle, upper = quantiles(found, n=4, method="inclusive")
    return float(1.253 * (upper - lower) / 1.349 / len(found) ** 0.5 / middle)


@contextmanager
def _cancellable(job: Job, fraction: float) -> Iterator[None]:
    """Let `progress` speak, and cancel, between the modules of a slow pass."""
    last = time.perf_counter()

    def tell(*_: Any) -> None:
        nonlocal last
        if time.perf_counter() - last > _SLOW / 2:
            last = time.perf_counter()
            job.progress(fraction, "Running a pass")

    handles = [each.register_forward_pre_hook(tell) for each in job.network.modules()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def block_times(job: Job, latency: float) -> BlockTimes:
    """Time every block in a few passes of their own; `latency` is one pass's seconds."""
    passes = max(1, min(_BLOCK_PASSES, int(_BLOCK_SECONDS / latency)))
    with Stopwatch(job.network, job.device) as watch, _cancellable(job, 0.85):
        for number in range(passes):
            job.progress(0.8 + 0.2 * number / passes, "Timing every block")
            watch.time(job.forward)
    return watch.read()
