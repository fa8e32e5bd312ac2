"""Measured times: real modules in turn, bounded, stopped between passes, refused beforehand."""

from __future__ import annotations

import time

import pytest
import torch

from explorer import device as devices
from explorer.blocks import timing
from explorer.blocks.timing import measure
from explorer.errors import BadDesign, BadRequest, Cancelled, OutOfMemory

SMALL = {"channels": 8, "height": 12, "width": 12}


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test need not wait for quiet."""
    monkeypatch.setattr(timing, "SECONDS", 0.2)
    monkeypatch.setenv(devices.VARIABLE, "cpu")


def test_times_of_real_modules() -> None:
    """Every design ran at least five times; quartiles hold the median; the device is named."""
    done = measure("stack", SMALL, batch=2)
    assert [each.design for each in done.designs] == ["single", "stack"]
    for each in done.designs:
        assert each.runs >= timing.FEWEST
        assert 0 < each.lower_ms <= each.milliseconds <= each.upper_ms
    assert (done.batch, dict(done.values)["channels"]) == (2, 8)
    assert done.device
    assert done.threads == torch.get_num_threads()


def test_far_more_work_takes_longer() -> None:
    """A 15x15 kernel has 225 times the multiply-adds of a 1x1 and cannot be as quick."""
    times = [
        measure("grouped", {"channels": 64, "kernel": kernel, "groups": 1}).designs[0].milliseconds
        for kernel in (1, 15)
    ]
    assert times[1] > 2 * times[0]


def test_designs_run_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A, B, A, B: what disturbs the machine disturbs all alike; the first pass is discarded."""
    ran: list[str] = []
    real = timing._Runner.seconds

    def noted(self: timing._Runner, device: torch.device, times: int) -> float:
        ran.append(self.key)
        return real(self, device, times)

    monkeypatch.setattr(timing._Runner, "seconds", noted)
    done = measure("stack", SMALL)
    rounds = done.designs[0].runs
    assert ran[-2 * rounds :] == ["single", "stack"] * rounds
    assert len(ran) > 2 * rounds, "passes before the rounds do not count"


def test_stopping_between_passes() -> None:
    """`progress` raises, and the work ends there with its own error, holding no tensors."""

    def stop(fraction: float, sentence: str) -> None:
        if sentence.startswith("Round 2"):
            raise Cancelled("Stopped.")

    start = time.monotonic()
    with pytest.raises(Cancelled) as caught:
        measure("stack", SMALL, progress=stop)
    assert time.monotonic() - start < 10
    frames = []
    traceback = caught.value.__traceback__
    while traceback is not None:
        frames.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    assert "_rounds" not in frames


def test_progress_rises_to_one() -> None:
    """Fractions never fall, and the last one is 1."""
    told: list[float] = []
    measure("squeeze", SMALL, progress=lambda fraction, sentence: told.append(fraction))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_too_much_work_is_refused_beforehand() -> None:
    """1,024 channels of a 15x15 kernel on 512 x 512 positions: hours on a CPU."""
    with pytest.raises(BadRequest, match="TMACs, which takes long"):
        measure("stack", {"n": 7, "channels": 1024, "height": 512, "width": 512})


def test_too_much_memory_is_refused_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    """VGG's layer has 411 MB of weights, twice with the kernel; 100 MB are free."""
    monkeypatch.setattr(timing.devices, "free_bytes", lambda device: 100_000_000)
    with pytest.raises(OutOfMemory, match="100 MB are free"):
        measure("head")


@pytest.mark.parametrize("batch", [0, -1, 1.5, True, 5000])
def test_impossible_batches(batch: int) -> None:
    """The range is said."""
    with pytest.raises(BadRequest, match="from 1 to 1,024"):
        measure("stack", SMALL, batch=batch)


def test_impossible_geometry() -> None:
    """The same sentence as where it is counted."""
    with pytest.raises(BadDesign, match="must divide"):
        measure("grouped", {"groups": 3})
