"""One go at an experiment: the runs of one press, and how a group is named. No torch here.

A group is named "depth.plain56.3f2a": the experiment, what was guessed ("-" for nothing), and
letters that tell one go from another. So a guess is found again wherever the runs are.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.runs.records import Run

NOTHING = "-"
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """A go at an experiment: its group, what was guessed (None: nothing), and its runs in order."""

    experiment: str
    group: str
    guess: str | None
    runs: tuple[Run, ...]

    @property
    def seed(self) -> int:
        """The seed of its first run, by which goes differ."""
        return self.runs[0].recipe.seed

    @property
    def over(self) -> bool:
        """Whether none of its runs is going on or waits to."""
        return all(run.state not in ("queued", "running") for run in self.runs)


def new_group(experiment: str, guess: str | None) -> str:
    """Name a new group."""
    return f"{experiment}.{guess or NOTHING}.{secrets.token_hex(4)}"


def attempts(experiment: str, runs: Iterable[Run]) -> tuple[Attempt, ...]:
    """The goes at an experiment among runs, the newest first."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        parts = run.group.split(".")
        if len(parts) == _PARTS and parts[0] == experiment:
            groups.setdefault(run.group, []).append(run)
    found = [_attempt(group, members) for group, members in groups.items()]
    return tuple(sorted(found, key=lambda each: each.runs[0].created, reverse=True))


def _attempt(group: str, runs: Sequence[Run]) -> Attempt:
    experiment, guess, _ = group.split(".")
    ordered = tuple(sorted(runs, key=lambda run: (run.created, run.id)))
    return Attempt(experiment, group, None if guess == NOTHING else guess, ordered)
