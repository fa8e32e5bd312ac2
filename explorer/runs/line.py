"""Whose turn it is, and when: a fair line over owners. No torch here.

Everybody's first run comes before anybody's second, whoever has had none for longest first; runs
that go on already count as their owner's first ones. One who asks for twenty keeps nobody waiting.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run in line: since when (Unix seconds), and how long it takes where that is known."""

    id: str
    owner: str
    since: float
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Going:
    """A run that goes on: seconds left and seconds in all, None as long as nobody can say."""

    owner: str
    left: float | None
    total: float | None


def order(
    waiting: Sequence[Waiting], going: Sequence[Going], served: Mapping[str, float]
) -> tuple[Waiting, ...]:
    """Return the line, next one first.

    `served` says when each owner's last run started (Unix seconds).
    """
    rounds = Counter(each.owner for each in going)
    placed = []
    for each in sorted(waiting, key=lambda one: (one.since, one.id)):
        placed.append((rounds[each.owner], served.get(each.owner, 0.0), each.since, each.id, each))
        rounds[each.owner] += 1
    return tuple(entry[-1] for entry in sorted(placed, key=lambda entry: entry[:-1]))


def starts_in(
    place: int, line: Sequence[Waiting], going: Sequence[Going], slots: int
) -> float | None:
    """Return in how many seconds the run at this place (1: next) starts, None if unknown.

    Runs ahead in the line, unless they are limited by seconds, are taken to last as long as those
    that go on now do on average.
    """
    totals = [each.total for each in going if each.total is not None]
    usual = sum(totals) / len(totals) if totals else None
    free = [0.0] * (slots - len(going))
    for each in going:
        free.append(float("inf") if each.left is None else each.left)
    heapq.heapify(free)
    # More runs than slots go on when the number of slots was lowered: those ends help nobody.
    for _ in range(len(free) - slots):
        heapq.heappop(free)
    for ahead in line[: place - 1]:
        lasts = usual if ahead.seconds is None else ahead.seconds
        start = heapq.heappop(free)
        heapq.heappush(free, float("inf") if lasts is None else start + lasts)
    start = heapq.heappop(free)
    return None if start == float("inf") else start
