"""Networks run for real, batch by batch, and the largest batch that fits."""

from __future__ import annotations

import pytest

from explorer import device
from explorer.anatomy import dissect, memory
from explorer.compare.profile import _Series, estimate, largest_that, profile, profiles
from explorer.compare.records import BatchRun, LargestBatch
from explorer.errors import BadRequest, Cancelled, OutOfMemory, UnknownModel


def test_lenet_is_timed_batch_by_batch() -> None:
    """Times are positive, throughput is batch over time, memory is said with its convention."""
    found = profile("lenet5", batches=(1, 4), device="cpu")
    assert [run.batch for run in found.runs] == [1, 4]
    for run in found.runs:
        assert run.passes >= 3
        assert run.samples_per_second == pytest.approx(1e3 * run.batch / run.median_ms)
        assert run.peak_bytes >= 0
    assert (found.params, found.macs) == (61_706, 416_520)
    assert found.latency_ms == found.runs[0].median_ms
    assert found.best_rate == max(run.samples_per_second for run in found.runs)
    assert found.memory_convention
    assert not found.largest.found


def test_the_estimate_is_free_memory_over_activations() -> None:
    """By hand: (free - weights - buffers) // activations alive at once."""
    anatomy = dissect("lenet5")
    each, fixed = anatomy.peak_activation_bytes, anatomy.param_bytes + anatomy.buffer_bytes
    assert memory.forward_bytes(anatomy) == each + fixed
    assert estimate(anatomy, fixed + 10 * each + each // 2).batch == 10
    assert "estimated and not tried" in estimate(anatomy, fixed + 10 * each).sentence
    with pytest.raises(OutOfMemory, match="Not one sample of LeNet-5"):
        estimate(anatomy, fixed + each - 1)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 31, 100, 999, 4095])
def test_the_search_finds_the_limit_to_an_eighth(limit: int) -> None:
    """Doubled while it fits, then bisected; what it returns was tried and fits."""
    tried: list[int] = [1]

    def fits(batch: int) -> bool:
        tried.append(batch)
        return batch <= limit

    found = largest_that(fits, 4096)
    assert found <= limit < found + max(2, found // 8 + 1)
    assert found in tried


def test_the_search_ends_at_the_most() -> None:
    """Where everything fits no more than the cap is tried."""
    assert largest_that(lambda batch: batch <= 10_000, 4096) == 4096


@pytest.mark.parametrize("batches", [(), (2, 4), (1, 4, 2), (1, 1)])
def test_batches_that_make_no_sense_are_refused(batches: tuple[int, ...]) -> None:
    """They grow and begin with 1."""
    with pytest.raises(BadRequest, match="begin with 1"):
        profile("lenet5", batches=batches)


def test_what_cannot_run_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown, too small, quantised, and too large for the device."""
    with pytest.raises(UnknownModel):
        profile("lenet6")
    with pytest.raises(BadRequest, match="cannot run on this input"):
        profile("lenet5", size=8, device="cpu")
    with pytest.raises(BadRequest, match="int8"):
        profile("quantized_resnet18", device="cpu")
    monkeypatch.setattr(device, "free_bytes", lambda _: 1000)
    with pytest.raises(OutOfMemory, match="LeNet-5 needs about"):
        profile("lenet5", device="cpu")


def test_it_can_be_stopped() -> None:
    """What `progress` raises goes through, and the time stays short."""

    def stop(fraction: float, sentence: str) -> None:
        if "timing a batch of 2" in sentence:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        profile("lenet5", batches=(1, 2, 4), device="cpu", progress=stop)


@pytest.mark.parametrize(
    ("found", "capped", "said"),
    [
        (False, False, "about 1,200, estimated"),
        (True, False, "1,200, tried"),
        (True, True, "1,200 or more, tried"),
    ],
)
def test_how_the_largest_batch_is_known_is_said(found: bool, capped: bool, said: str) -> None:
    """An estimate is never passed off as a trial."""
    assert LargestBatch(1200, found, capped, "").short == said


def test_a_batch_that_runs_out_of_memory_ends_the_series(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch's CPU allocator says so with a bare RuntimeError; what was timed before stays."""
    timed = _Series._timed

    def scarce(series: _Series, batch: int, share: float) -> BatchRun:
        if batch > 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return timed(series, batch, share)

    monkeypatch.setattr(_Series, "_timed", scarce)
    found = profile("lenet5", batches=(1, 2, 4), device="cpu")
    assert [run.batch for run in found.runs] == [1]
    assert found.stopped == "a batch of 2 did not fit the memory"


def test_several_are_timed_in_turn() -> None:
    """Progress never goes back, and each has the batches asked for."""
    shares: list[float] = []
    found = profiles(
        ["lenet5", "lenet5_partial"],
        batches=(1, 2),
        device="cpu",
        progress=lambda share, _: shares.append(share),
    )
    assert [each.model for each in found] == ["lenet5", "lenet5_partial"]
    assert all([run.batch for run in each.runs] == [1, 2] for each in found)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
