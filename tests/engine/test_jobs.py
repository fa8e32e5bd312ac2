"""The bookkeeping of the broker: results kept in bounds, jobs shared and abandoned."""

from __future__ import annotations

from explorer.engine.jobs import Inbox, Job, Memory
from explorer.engine.library import Call
from explorer.engine.protocol import Answer, Ask, Told


def job() -> Job:
    """A job like any other."""
    return Job(1, Ask("add", "", b"", None, 1.0), Call("module:add", "meta"))


def test_memory_forgets_the_least_recently_used() -> None:
    """Reading a result keeps it, when the number of results has reached its bound."""
    memory = Memory(entries=2, size=100)
    memory.keep(("add", "a"), Answer(b"1"))
    memory.keep(("add", "b"), Answer(b"2"))
    assert memory.recall(("add", "a")) == Answer(b"1")
    memory.keep(("add", "c"), Answer(b"3"))
    assert memory.recall(("add", "b")) is None
    assert memory.recall(("add", "a")) == Answer(b"1")
    assert len(memory) == 2


def test_memory_is_bounded_in_bytes() -> None:
    """Results leave until the rest fits; one that never fits is not kept."""
    memory = Memory(entries=9, size=10)
    memory.keep(("add", "a"), Answer(b"x" * 6))
    memory.keep(("add", "b"), Answer(b"x" * 6))
    assert (len(memory), memory.size) == (1, 6)
    memory.keep(("add", "b"), Answer(b"x" * 4))
    assert (len(memory), memory.size) == (1, 4)
    memory.keep(("add", "c"), Answer(b"x" * 11))
    assert (len(memory), memory.size) == (0, 0)


def test_inbox_rings_until_it_is_emptied() -> None:
    """Many messages ring once; the bell is silent after they were taken."""
    inbox = Inbox()
    news = [Told(n / 5, str(n)) for n in range(5)]
    for told in news:
        inbox.put(told)
    assert inbox.bell.poll()
    assert inbox.take() == news
    assert not inbox.bell.poll()
    inbox.put(news[0])
    assert inbox.bell.poll()
    inbox.close()
    inbox.put(news[0])


def test_job_is_abandoned_with_its_last_caller() -> None:
    """Nobody can join work that is being stopped."""
    shared, first, second = job(), Inbox(), Inbox()
    assert shared.join(first)
    assert shared.join(second)
    assert not shared.leave(first)
    assert shared.leave(second)
    assert not shared.join(first)
    for inbox in (first, second):
        inbox.close()


def test_late_caller_is_told_how_far_it_is() -> None:
    """Whoever joins sees the last progress, not an empty bar."""
    shared, early, late = job(), Inbox(), Inbox()
    shared.join(early)
    shared.tell(Told(0.1, "one"))
    shared.tell(Told(0.2, "two"))
    shared.join(late)
    assert late.take() == [Told(0.2, "two")]
    for inbox in (early, late):
        inbox.close()


def test_result_goes_to_those_who_still_wait() -> None:
    """A caller that left hears nothing more."""
    shared, stays, leaves = job(), Inbox(), Inbox()
    shared.join(stays)
    shared.join(leaves)
    shared.leave(leaves)
    shared.tell(Answer(b"3"))
    assert stays.take() == [Answer(b"3")]
    assert leaves.take() == []
    for inbox in (stays, leaves):
        inbox.close()
