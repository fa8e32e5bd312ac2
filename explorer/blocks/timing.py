"""How long do the designs of a comparison really take, on this machine?

They run in turn, one pass of each and again from the first, so that whatever else keeps the
machine busy slows all of them alike. The weights are random: times are real, answers are not.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import torch

from explorer import device as devices
from explorer import units
from explorer.anatomy import dissect, memory
from explorer.anatomy.measure import exhaustion
from explorer.blocks.build import build
from explorer.blocks.comparisons import find
from explorer.blocks.lab_records import Timed, Timing
from explorer.errors import BadRequest, ExplorerError, OutOfMemory
from explorer.knobs import settled
from explorer.progress import Progress, silent

if TYPE_CHECKING:
    from torch import Tensor, nn

    from explorer.blocks.comparison import Design

LARGEST_BATCH = 1024
SECONDS, PATIENCE = 4.0, 10.0
"""Rounds end after so long: once every design ran often enough, and with three rounds at least."""
FEWEST, MOST = 5, 60  # rounds
MOST_MACS = {"cpu": 100_000_000_000, "mps": 2_000_000_000_000, "cuda": 20_000_000_000_000}
"""Multiply-adds of one pass; more take very long on such a device, and no pass can be stopped."""
_SHORT = 1e-3  # seconds; what is over sooner is run several times between two looks at the clock
_AT_ONCE = 50
_SLOW = 0.1


@dataclass(frozen=True, slots=True)
class _Runner:
    """A design as a real module with its input, on the device."""

    key: str
    module: nn.Module
    numbers: Tensor

    def seconds(self, device: torch.device, times: int) -> float:
        """Seconds of one pass, averaged over so many without a pause."""
        devices.synchronise(device)
        start = time.perf_counter()
        with torch.inference_mode():
            for _ in range(times):
                self.module(self.numbers)
        devices.synchronise(device)
        return (time.perf_counter() - start) / times


def measure(
    key: str,
    given: Mapping[str, Any] | None = None,
    *,
    batch: int = 1,
    device: str | None = None,
    progress: Progress = silent,
) -> Timing:
    """Run every design of a comparison in turn and say what a pass takes.

    The first pass of each is left out. After that they run until four seconds are over, at least
    five and at most sixty times each (three times where passes are so slow that this takes ten
    seconds); what is over in less than a millisecond is repeated up to fifty times for one
    sample. Everything is freed afterwards, also when `progress` raises `Cancelled`.

    Raises as `lab.compare`; BadRequest for a batch outside 1..1024 or a pass that would take
    very long; OutOfMemory, beforehand where the designs exceed what is free.
    """
    comparison = find(key)
    values = settled(comparison.knobs, given or {})
    if type(batch) is not int or not 1 <= batch <= LARGEST_BATCH:
        raise BadRequest(f"A batch is a whole number from 1 to {LARGEST_BATCH:,}, not {batch!r}.")
    place = devices.choose(device)
    progress(0.0, "Counting what it will take")
    designs = comparison.designs(values)
    _refuse(designs, batch, place)
    try:
        with exhaustion(comparison.title, batch, place), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            timed = _timed(designs, batch, place, progress)
    except ExplorerError as error:
        # The frames of a pass that was stopped hold modules and tensors; the error may be kept.
        error.__context__ = None
        raise error.with_traceback(None) from None
    finally:
        gc.collect()
        devices.release(place)
    progress(1.0, "Done")
    about = devices.describe(device)
    return Timing(key, tuple(values.items()), batch, about.name, about.threads, timed)


def _refuse(designs: Sequence[Design], batch: int, place: torch.device) -> None:
    """Stop before anything is built that would not fit, or could not be waited for."""
    needed = 0
    for design in designs:
        inputs = torch.empty(batch, *design.shape, device="meta")
        anatomy = dissect(build(design.parts, design.shape), inputs=inputs)
        if anatomy.macs > MOST_MACS[place.type]:
            raise BadRequest(
                f"One pass of {design.title} has {units.cost(anatomy.macs)}, which takes long "
                f"on a {place.type.upper()}; choose a smaller map, fewer channels or a smaller "
                "batch."
            )
        needed += memory.forward_bytes(anatomy)
    free = devices.free_bytes(place)
    if needed > free:
        raise OutOfMemory(
            f"The designs need about {units.memory(needed)} for weights and activations and "
            f"{units.memory(free)} are free; choose a smaller map, fewer channels or a smaller "
            "batch."
        )


def _timed(
    designs: Sequence[Design], batch: int, place: torch.device, progress: Progress
) -> tuple[Timed, ...]:
    runners = []
    for number, design in enumerate(designs):
        progress(0.1 * number / len(designs), f"Building {design.title}")
        module = build(design.parts, design.shape, place)
        runners.append(_Runner(design.key, module, torch.rand(batch, *design.shape, device=place)))
    times = []
    for runner in runners:
        progress(0.1, "First passes, which do not count")
        taken = runner.seconds(place, 1)
        if taken < _SLOW:
            taken = runner.seconds(place, 1)
        times.append(max(1, min(_AT_ONCE, int(_SHORT / max(taken, 1e-9)))))
    found = _rounds(runners, times, place, progress)
    return tuple(_told(runner.key, samples) for runner, samples in zip(runners, found, strict=True))


def _rounds(
    runners: Sequence[_Runner], times: Sequence[int], place: torch.device, progress: Progress
) -> list[list[float]]:
    """Samples in seconds, one list a design; a round has one sample of each."""
    found: list[list[float]] = [[] for _ in runners]
    start = time.perf_counter()
    for number in range(MOST):
        past = time.perf_counter() - start
        if (past > SECONDS and number >= FEWEST) or (past > PATIENCE and number >= 3):
            break
        share = max(number / MOST, min(past / SECONDS, number / FEWEST, 1.0))
        for runner, samples, repeated in zip(runners, found, times, strict=True):
            progress(0.15 + 0.85 * share, f"Round {number + 1} of at most {MOST}")
            samples.append(runner.seconds(place, repeated))
    return found


def _told(key: str, samples: Sequence[float]) -> Timed:
    lower, middle, upper = (1e3 * each for each in quantiles(samples, n=4, method="inclusive"))
    return Timed(key, middle, lower, upper, len(samples))
