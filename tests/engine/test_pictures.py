"""Untrusted pictures are decoded in a process of their own: bounded, and without torch."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from explorer.engine import library
from explorer.engine.client import Engine, connect
from explorer.errors import BadPicture, OutOfMemory
from explorer.pictures import samples
from explorer.pictures.records import Picture, Refused

CHELSEA = samples.path(samples.find("chelsea"))


@pytest.fixture
def engine(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine with the product's own calls."""
    monkeypatch.delenv("CONVZOO_EXTRA_CALLS")
    return connect()


def worker_of(engine: Engine) -> psutil.Process:
    """The process that decodes."""
    pid = next(lane.worker for lane in engine.status().lanes if lane.name == "pictures")
    assert pid is not None
    return psutil.Process(pid)


def test_a_picture_arrives_whole(engine: Engine) -> None:
    """The record that the library gives, and the refusal with its own sentence."""
    found = engine.call("pictures.accept", CHELSEA.read_bytes(), "chelsea.jpg", timeout=60)
    assert found.digest == samples.accepted("chelsea").digest
    with pytest.raises(BadPicture, match="a PDF"):
        engine.call("pictures.accept", b"%PDF-1.4", "a.jpg", timeout=60)


def test_many_pictures_arrive_with_progress(engine: Engine) -> None:
    """One bad file never stops the rest."""
    told: list[str] = []
    files = [("a.jpg", CHELSEA.read_bytes()), ("b.jpg", b"words")]
    found = engine.call(
        "pictures.accept_all", files, progress=lambda _, sentence: told.append(sentence), timeout=60
    )
    assert [type(each) for each in found] == [Picture, Refused]
    assert "Reading a.jpg" in told


def test_the_worker_has_no_torch_and_a_limit(engine: Engine) -> None:
    """What decodes a stranger's file is small, and the system lets it grow only so far."""
    engine.call("pictures.accept", CHELSEA.read_bytes(), "chelsea.jpg", timeout=60)
    worker = worker_of(engine)
    mapped = [each.path for each in worker.memory_maps()]
    assert any("PIL" in path for path in mapped)
    assert not any("libtorch" in path for path in mapped)
    assert worker.memory_info().rss < 200e6
    limit = library.MEMORY_LIMITS["pictures"]
    assert worker.rlimit(psutil.RLIMIT_AS) == (limit, limit)


def test_beyond_its_limit_a_call_ends_and_the_worker_stays(runtime: Path) -> None:
    """As much as a bomb may want: refused by the system, told in a sentence."""
    engine = connect()
    with pytest.raises(OutOfMemory, match="taking memory"):
        engine.call("test.take", library.MEMORY_LIMITS["pictures"], timeout=60)
    before = worker_of(engine).pid
    assert engine.call("test.take", 1000, timeout=60) == 1000
    assert worker_of(engine).pid == before
