"""How fast is a network really, and how much memory does it take, on this machine?

The network is built with random weights: its speed and memory are those of a trained one, its
answers mean nothing.
"""

from __future__ import annotations

import gc
import time
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING

import torch

from explorer import device as devices
from explorer import units
from explorer.anatomy import memory, passes, peak_memory
from explorer.anatomy.dissection import checked_size, dissect
from explorer.anatomy.merit_records import BlockTimes, DeviceDescription, Measurement
from explorer.errors import BadRequest, ExplorerError, OutOfMemory
from explorer.progress import Progress, silent
from explorer.zoo import build
from explorer.zoo.int8 import int8_network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard

MOST_RUNS = 1000
RANDOM_WEIGHTS = "The weights are random: times and memory are real, the network's answers are not."
_LARGE_SPREAD = 0.25  # of the median, between the quartiles
_EXHAUSTED = ("not enough memory", "can't allocate memory", "out of memory", "failed to allocate")


def measure(
    model: str,
    *,
    size: int | tuple[int, int] | None = None,
    batch: int = 1,
    device: str | None = None,
    runs: int | None = None,
    progress: Progress = silent,
) -> Measurement:
    """Build a model of the zoo for real and run it: latency, memory, time per block.

    `size` and `batch` are as for `dissect`. `runs` passes are timed; without it as many as it
    takes until the median's standard error is under 1 %, at most 100 passes or about 8 seconds.
    Quantised models run in int8, on the CPU. Everything is freed afterwards, also when
    `progress` raises `Cancelled`.

    Raises UnknownModel; BadRequest for arguments that make no sense or an input the network
    cannot take; OutOfMemory, beforehand where weights and activations exceed what is free.
    """
    _check_runs(runs)
    devices.choose(device)
    progress(0.0, "Counting what it will take")
    anatomy = dissect(model, size=size, batch=batch)
    card = build.card(model)
    if card.task == "quantised":
        device = "cpu"  # torch has int8 kernels for the CPU only
    place = devices.choose(device)
    refuse(anatomy, place)
    meter = peak_memory.meter(place)
    try:
        with exhaustion(anatomy.title, batch, place), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            observed = _observe(card, place, meter, (checked_size(size), batch, runs), progress)
    except ExplorerError as error:
        # The frames of a pass that was stopped hold the network and its tensors, and the error
        # may be kept for a while: it goes on without them.
        error.__context__ = None
        raise error.with_traceback(None) from None
    finally:
        meter.stop()
        gc.collect()
        devices.release(place)
    progress(1.0, "Done")
    return _told(anatomy, card, devices.describe(device), batch, observed)


def _check_runs(runs: int | None) -> None:
    if runs is not None and (type(runs) is not int or not 1 <= runs <= MOST_RUNS):
        raise BadRequest(f"The number of timed passes goes from 1 to {MOST_RUNS:,}, not {runs!r}.")


def refuse(anatomy: Anatomy, place: torch.device) -> None:
    """Stop before the build where the pass would fail, or take the machine down with it."""
    if anatomy.failure is not None:
        enough = anatomy.failure.sufficient_size
        hint = f" A size of {units.shape(enough)} is enough." if enough else ""
        reason = anatomy.failure.message.rstrip(".")
        raise BadRequest(f"{anatomy.title} cannot run on this input: {reason}.{hint}")
    needed, free = memory.forward_bytes(anatomy), devices.free_bytes(place)
    if needed > free:
        raise OutOfMemory(
            f"{anatomy.title} needs about {units.memory(needed)} for its weights and activations "
            f"at this input and {units.memory(free)} are free; "
            "choose a smaller size, batch or network."
        )


@contextmanager
def exhaustion(title: str, batch: int, place: torch.device) -> Iterator[None]:
    """Turn what allocators raise into `OutOfMemory`, one sentence about what is called `title`."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # The CPU allocator of torch raises a bare RuntimeError.
        known = isinstance(error, (MemoryError, torch.OutOfMemoryError))
        if not known and not any(words in str(error).lower() for words in _EXHAUSTED):
            raise
        raise OutOfMemory(
            f"The memory of the {place.type.upper()} ran out while {title} was built or "
            f"run with a batch of {batch}; choose a smaller size, batch or network."
        ) from None


@dataclass(frozen=True, slots=True)
class _Observed:
    """What came out of building and running: seconds, bytes, time per block."""

    build_seconds: float
    discarded: int
    latencies: list[float]
    stopped: str
    peak_bytes: int
    convention: str
    times: BlockTimes


def _observe(
    card: ModelCard,
    place: torch.device,
    meter: peak_memory.PeakMeter,
    wanted: tuple[tuple[int, int] | None, int, int | None],
    progress: Progress,
) -> _Observed:
    size, batch, runs = wanted
    progress(0.05, f"Building {card.title}")
    start = time.perf_counter()
    network = _built(card, place)
    devices.synchronise(place)
    build_seconds = time.perf_counter() - start
    inputs = build.example_inputs(card, size, batch, place)
    job = passes.Job(network, inputs, place, progress)
    meter.restart()
    discarded = passes.warm_up(job)
    latencies, stopped = passes.latencies(job, runs)
    peak = meter.read()
    times = passes.block_times(job, median(latencies))
    return _Observed(build_seconds, discarded, latencies, stopped, peak, meter.convention, times)


def _built(card: ModelCard, place: torch.device) -> nn.Module:
    if card.task == "quantised":
        return int8_network(card.name)
    return build.real_network(card.name, place)


def _told(
    anatomy: Anatomy, card: ModelCard, place: DeviceDescription, batch: int, observed: _Observed
) -> Measurement:
    latencies = tuple(1e3 * each for each in observed.latencies)
    lower, middle, upper = _quartiles(latencies)
    return Measurement(
        model=anatomy.model,
        title=anatomy.title,
        device=place,
        input_shapes=anatomy.input_shapes,
        batch=batch,
        build_seconds=observed.build_seconds,
        latencies_ms=latencies,
        discarded=observed.discarded,
        stopped=observed.stopped,
        median_ms=middle,
        lower_quartile_ms=lower,
        upper_quartile_ms=upper,
        samples_per_second=1e3 * batch / middle,
        peak_bytes=observed.peak_bytes,
        memory_convention=observed.convention,
        times=observed.times,
        params=anatomy.params,
        macs=anatomy.macs,
        not_counted=tuple(each.op for each in anatomy.not_counted),
        counted_peak_bytes=memory.forward_bytes(anatomy),
        macs_per_second=1e3 * anatomy.macs / middle,
        notes=(*_notes(anatomy, card), *_doubts(lower, middle, upper)),
    )


def _quartiles(found: tuple[float, ...]) -> tuple[float, float, float]:
    if len(found) == 1:
        return found[0], found[0], found[0]
    lower, middle, upper = quantiles(found, n=4, method="inclusive")
    return lower, middle, upper


def _doubts(lower: float, middle: float, upper: float) -> tuple[str, ...]:
    """Say so when the passes disagree too much for the median to mean much."""
    spread = (upper - lower) / middle
    if spread < _LARGE_SPREAD:
        return ()
    return (
        f"The middle half of the passes spreads over {units.percent(spread, 0)} of the median: "
        "other work may be keeping this device busy, so measure again when it is idle.",
    )


def _notes(anatomy: Anatomy, card: ModelCard) -> tuple[str, ...]:
    notes = [RANDOM_WEIGHTS]
    if card.task == "quantised":
        notes.append(
            "It runs in int8 on the CPU, the only place torch has kernels for it; the counted "
            "memory is that of the same network in fp32."
        )
    if card.task == "detection":
        notes.append(
            "Untrained, a detector proposes other boxes than a trained one, so its second stage "
            "may take another time."
        )
    return (*notes, *anatomy.run.assumptions)
