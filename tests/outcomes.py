"""Outcomes and runs written by hand, for tests of what judges them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from explorer.runs.records import Run
from explorer.training.outcomes import Outcome, gathered
from explorer.training.recipe import checked
from explorer.training.records import Began, Ended, Epoch, Layers, Score, Step


def score(top1: float, loss: float = 0.5) -> Score:
    """A score on a hundred pictures."""
    return Score(loss, top1, None, 100)


def outcome(
    key: str,
    train: float = 90.0,
    test: float = 80.0,
    *,
    train_loss: float = 0.3,
    test_loss: float = 0.6,
    held_out: float = 85.0,
    diverged: bool = False,
    sharpness: float | None = None,
) -> Outcome:
    """What came of a run of ten steps; its title is its key in capitals."""
    ended = Ended("length", 2.0, 10, 1.5, score(train), score(held_out), score(test, test_loss))
    epoch = Epoch(2.0, 10, 1.5, score(train, train_loss), score(held_out), True)
    records: list[Any] = [
        Began("Net", 10, ("a", "b"), ("0", "1"), (1, 8, 8), 80, 20, 100, 5, 10, False, "CPU", 1),
        Step(1, 0.2, 0.1, 2.0, 10.0, 0.1, 100.0, 1.0),
        Layers(1, (0.5, 2.0), (0.001, 0.002)),
        epoch,
    ]
    told = gathered(key, key.upper(), [*records, ended], diverged=False)
    if not diverged:
        return Outcome(*(getattr(told, name) for name in told.__slots__[:-1]), sharpness)
    return gathered(key, key.upper(), records[:3], diverged=True)


def run(group: str, variant: str, created: float, **given: Any) -> Run:
    """A run as the store has it; its id is made of its group, variant and moment."""
    plain: dict[str, Any] = {
        "id": f"{group}-{variant}-{created:g}", "name": variant, "note": "", "owner": "",
        "shared": False, "group": group, "variant": variant, "recipe": checked(), "state": "done",
        "wish": "", "sentence": "", "created": created, "started": None, "ended": None, "step": 0,
        "epoch": 0.0, "fraction": 1.0, "seconds": 0.0, "began": None, "result": None,
        "folder": Path(), "continues": False,
    }  # fmt: skip
    return Run(**{**plain, **given})
