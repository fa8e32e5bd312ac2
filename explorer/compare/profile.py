"""How fast is a network here, batch by batch, and how many pictures go through at once?

Random weights: times and memory are those of a trained network, answers mean nothing.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch

from explorer import device as devices
from explorer import units
from explorer.anatomy import measure, memory, passes, peak_memory
from explorer.anatomy.dissection import checked_size, dissect
from explorer.compare.records import BatchRun, LargestBatch, Profile
from explorer.errors import BadRequest, ExplorerError, OutOfMemory
from explorer.progress import Progress, silent
from explorer.zoo import build

if TYPE_CHECKING:
    from explorer.anatomy.merit_records import DeviceDescription
    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard

BATCHES = (1, 2, 4, 8, 16, 32)
MOST_BATCH = 4096
SECONDS = 1.5
"""The timed passes of one batch end after this, but not before there are FEWEST."""
FEWEST, MANY = 3, 50
SLOWEST = 6.0
"""Seconds; no batch is timed whose passes would take longer than this."""


def profile(
    model: str,
    *,
    size: int | tuple[int, int] | None = None,
    batches: Sequence[int] = BATCHES,
    device: str | None = None,
    progress: Progress = silent,
) -> Profile:
    """Run a model of the zoo with growing batches: median time, throughput, peak memory.

    `batches` grow and begin with 1. A batch that would take too long or too much memory ends the
    series, and `stopped` says so. Everything is freed afterwards, also when `progress` raises.

    Raises UnknownModel; BadRequest for arguments that make no sense, a quantised model or an
    input the network cannot take; OutOfMemory where one sample does not fit.
    """
    if not batches or batches[0] != 1 or list(batches) != sorted(set(batches)):
        raise BadRequest("Batches to be timed must grow and begin with 1, such as 1, 2, 4.")
    place = devices.choose(device)
    progress(0.0, f"Counting what {model} will take")
    card, anatomy = build.card(model), dissect(model, size=size)
    if card.task == "quantised":
        raise BadRequest(f"{card.title} runs in int8; time it on its Anatomy page instead.")
    measure.refuse(anatomy, place)
    meter = peak_memory.meter(place)
    try:
        with measure.exhaustion(anatomy.title, 1, place), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            progress(0.02, f"Building {card.title}")
            network = build.real_network(model, place)
            series = _Series(card, anatomy, network, place, meter, progress, checked_size(size))
            runs, stopped = series.run(batches)
            largest = series.largest(runs)
    except ExplorerError as error:
        # Frames of a stopped pass hold the network; the error goes on without them.
        error.__context__ = None
        raise error.with_traceback(None) from None
    finally:
        meter.stop()
        gc.collect()
        devices.release(place)
    progress(1.0, "Done")
    return _told(anatomy, devices.describe(device), runs, (stopped, meter.convention), largest)


def profiles(
    models: Sequence[str],
    *,
    batches: Sequence[int] = BATCHES,
    device: str | None = None,
    progress: Progress = silent,
) -> tuple[Profile, ...]:
    """Run models of the zoo, one after the other, each at its own input; raises as `profile`."""
    return tuple(
        profile(
            model,
            batches=batches,
            device=device,
            progress=lambda share, words, done=done: progress((done + share) / len(models), words),  # type: ignore[misc]
        )
        for done, model in enumerate(models)
    )


def _told(
    anatomy: Anatomy,
    place: DeviceDescription,
    runs: Sequence[BatchRun],
    words: tuple[str, str],
    largest: LargestBatch,
) -> Profile:
    stopped, convention = words
    return Profile(
        model=anatomy.model,
        title=anatomy.title,
        device=place,
        input_shape=anatomy.input_shapes[0],
        params=anatomy.params,
        macs=anatomy.macs,
        runs=tuple(runs),
        stopped=stopped,
        largest=largest,
        memory_convention=convention,
        notes=(measure.RANDOM_WEIGHTS, *anatomy.run.assumptions),
    )


class _Series:
    """One network, run with one batch after the other."""

    def __init__(
        self,
        card: ModelCard,
        anatomy: Anatomy,
        network: torch.nn.Module,
        place: torch.device,
        meter: peak_memory.PeakMeter,
        progress: Progress,
        size: tuple[int, int] | None,
    ) -> None:
        self.card, self.anatomy, self.network = card, anatomy, network
        self.place, self.meter, self.progress, self.size = place, meter, progress, size

    def run(self, batches: Sequence[int]) -> tuple[list[BatchRun], str]:
        """Time batch after batch, and say why there are no more."""
        runs: list[BatchRun] = []
        for number, batch in enumerate(batches):
            expected = runs[-1].median_ms / 1e3 * batch / runs[-1].batch if runs else 0.0
            if expected > SLOWEST:
                return runs, f"a batch of {batch} would take about {units.duration(expected)}"
            if runs and self._needs(batch) > devices.free_bytes(self.place) + self._held():
                return runs, f"a batch of {batch} would not fit the memory"
            share = 0.05 + 0.85 * number / len(batches)
            self.progress(share, f"{self.card.title}: timing a batch of {batch}")
            try:
                with measure.exhaustion(self.anatomy.title, batch, self.place):
                    runs.append(self._timed(batch, share))
            except OutOfMemory:
                if not runs:
                    raise
                return runs, f"a batch of {batch} did not fit the memory"
        return runs, "these batches were asked for"

    def largest(self, runs: Sequence[BatchRun]) -> LargestBatch:
        """The most samples at once: tried on a GPU, estimated elsewhere."""
        if self.place.type == "cuda" and self.card.task != "detection":
            self.progress(0.92, f"{self.card.title}: looking for the largest batch")
            batch = largest_that(self._fits, MOST_BATCH, known=runs[-1].batch)
            capped = batch >= MOST_BATCH
            more = "or more; no larger one was tried" if capped else "the next larger did not fit"
            return LargestBatch(batch, True, capped, f"{batch:,} were tried and fit, {more}.")
        return estimate(self.anatomy, devices.free_bytes(self.place) + self._held())

    def _needs(self, batch: int) -> int:
        return memory.forward_bytes(self.anatomy) + (batch - 1) * _each(self.anatomy)

    def _held(self) -> int:
        """Bytes the weights already take of what was free."""
        return self.anatomy.param_bytes + self.anatomy.buffer_bytes

    def _job(self, batch: int, share: float) -> passes.Job:
        inputs = build.example_inputs(self.card, self.size, batch, self.place)
        label = f"{self.card.title}: batch {batch}"
        return passes.Job(
            self.network,
            inputs,
            self.place,
            lambda _, words: self.progress(share, f"{label}, {words}"),
        )

    def _timed(self, batch: int, share: float) -> BatchRun:
        job = self._job(batch, share)
        self.meter.restart()
        passes.warm_up(job)
        found: list[float] = []
        start = time.perf_counter()
        while len(found) < MANY:
            self.progress(share, f"{self.card.title}: batch {batch}, timed pass {len(found) + 1}")
            found.append(job.timed())
            if time.perf_counter() - start > SECONDS and len(found) >= FEWEST:
                break
        middle = statistics.median(found)
        return BatchRun(batch, len(found), 1e3 * middle, batch / middle, self.meter.read())

    def _fits(self, batch: int) -> bool:
        try:
            self._job(batch, 0.95).timed()
        except torch.OutOfMemoryError:
            return False
        finally:
            devices.release(self.place)
        return True


def largest_that(fits: Callable[[int], bool], most: int, known: int = 1) -> int:
    """The largest batch that fits, to within an eighth: doubled while it does, then bisected.

    `known` is a batch that fits.
    """
    low = known
    while low < most and fits(min(2 * low, most)):
        low = min(2 * low, most)
    if low >= most:
        return most
    high = min(2 * low, most)
    while high - low > max(1, low // 8):
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def estimate(anatomy: Anatomy, free: int) -> LargestBatch:
    """How many samples fit by the counted memory: what is free less the weights, over the peak.

    Raises OutOfMemory where not even one does.
    """
    left = free - anatomy.param_bytes - anatomy.buffer_bytes
    batch = left // max(1, _each(anatomy))
    if batch < 1:
        raise OutOfMemory(f"Not one sample of {anatomy.title} fits; choose a smaller size.")
    sentence = (
        f"About {batch:,}, estimated and not tried: {units.memory(free)} free, less the weights, "
        f"over the {units.memory(_each(anatomy))} of activations alive at once per sample."
    )
    return LargestBatch(int(batch), False, False, sentence)


def _each(anatomy: Anatomy) -> int:
    return anatomy.peak_activation_bytes // memory.recorded_batch(anatomy)
