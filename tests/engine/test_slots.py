"""How many networks learn at the same time, and with how many threads."""

from __future__ import annotations

import pytest

from explorer.engine import slots
from explorer.errors import BadRequest


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has set anything, and there is no GPU."""
    for name in ("CONVZOO_JOBS", "OMP_NUM_THREADS", "CONVZOO_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(slots, "gpu", lambda: False)


@pytest.mark.parametrize(
    ("cores", "jobs", "threads"),
    [(1, 2, 1), (2, 2, 1), (4, 2, 1), (8, 2, 3), (12, 3, 3), (16, 4, 3), (64, 4, 15)],
)
def test_cores_are_shared(
    monkeypatch: pytest.MonkeyPatch, cores: int, jobs: int, threads: int
) -> None:
    """Two jobs at least, four at most, and one core stays free for the page server."""
    monkeypatch.setattr(slots, "cores", lambda: cores)
    assert (slots.slots(), slots.threads()) == (jobs, threads)


def test_gpu_takes_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many cores there are."""
    monkeypatch.setattr(slots, "cores", lambda: 64)
    monkeypatch.setattr(slots, "gpu", lambda: True)
    assert (slots.slots(), slots.threads()) == (2, 31)


def test_variables_override(monkeypatch: pytest.MonkeyPatch) -> None:
    """CONVZOO_JOBS for the number of jobs, OMP_NUM_THREADS for the threads."""
    monkeypatch.setenv("CONVZOO_JOBS", "7")
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert (slots.slots(), slots.threads()) == (7, 5)


@pytest.mark.parametrize("wrong", ["0", "65", "many", "-1", "1.5"])
def test_wrong_number_is_a_sentence(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    """It says what may be given."""
    monkeypatch.setenv("CONVZOO_JOBS", wrong)
    with pytest.raises(BadRequest, match=f"number from 1 to 64, not '{wrong}'"):
        slots.slots()
