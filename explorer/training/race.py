"""What became of an optimiser's way, in numbers and in words. No torch here.

The largest learning rate at which a method still comes down a quadratic of curvature c (decay added
to it) follows from its two-term recurrence, whose roots must lie within the unit circle: 2 / c for
gradient descent, 2 (1 + m) / c with momentum m, and 2 (1 + m) / ((1 + 2 m) c) for Nesterov's in the
form torch has it. Goh, Why Momentum Really Works, 2017, https://distill.pub/2017/momentum/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from explorer.training.paths_records import Path, Settings
    from explorer.training.surfaces import Surface

Fate: TypeAlias = Literal["arrived", "running", "resting", "left", "broke"]

STILL = 1e-9
"""A last step shorter than this, in the picture's own units, is called resting."""
_LIMITED = ("sgd", "momentum", "nesterov")


@dataclass(frozen=True, slots=True)
class Limit:
    """The learning rate above which a method cannot come down a curvature, and how it is found.

    `rule` and `filled` are LaTeX, `plain` is the rule in words. `exact` says that the curvature is
    the same everywhere; else it is the one at the start, and so is the limit.
    """

    value: float
    curvature: float
    plain: str
    filled: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the race.

    `arrived` is the step from which on the loss stays below the target, None where it does not;
    `left` the step with which it left the picture for good. `lowest` is the lowest loss on the way.
    """

    optimiser: str
    learning_rate: float
    arrived: int | None
    left: int | None
    lowest: float
    last: float
    length: float
    fate: Fate
    sentence: str


def arrival(path: Path, target: float) -> int | None:
    """The step from which on the loss stays below a target; None where it does not end there.

    Who only shoots through has not arrived.
    """
    above = np.flatnonzero(~(path.losses < target))
    if path.broke is not None or (len(above) and above[-1] == path.steps):
        return None
    return int(above[-1]) + 1 if len(above) else 0


def left_at(path: Path, surface: Surface) -> int | None:
    """The step with which it left the picture and did not come back."""
    low, high = np.array(surface.low), np.array(surface.high)
    inside = np.all((path.positions >= low) & (path.positions <= high), axis=1)
    if path.broke is None and inside[-1]:
        return None
    last = np.flatnonzero(inside)
    return int(last[-1]) + 1 if len(last) else 0


def limit(optimiser: str, surface: Surface, settings: Settings) -> Limit | None:
    """The largest learning rate that comes down the steepest direction, where one is known."""
    if optimiser not in _LIMITED:
        return None
    steepest = surface.curvatures(*settings.start)[1] + settings.weight_decay
    if not 0 < steepest < np.inf:
        return None
    m = settings.momentum
    top, below, plain = {
        "sgd": (2.0, 1.0, "2 / curvature"),
        "momentum": (2 * (1 + m), 1.0, "2 (1 + momentum) / curvature"),
        "nesterov": (2 * (1 + m), 1 + 2 * m, "2 (1 + momentum) / ((1 + 2 momentum) curvature)"),
    }[optimiser]
    value = top / (below * steepest)
    filled = f"{top:.4g} / {below * steepest:.4g} = {value:.4g}"
    return Limit(value, steepest, plain, filled, surface.kind == "quadratic")


def outcome(path: Path, surface: Surface, settings: Settings, target: float) -> Outcome:
    """How far an optimiser came, and why not further."""
    arrived, left = arrival(path, target), left_at(path, surface)
    moves = np.linalg.norm(np.diff(path.positions, axis=0), axis=1)
    fate: Fate = "running"
    if path.broke is not None:
        fate = "broke"
    elif left is not None:
        fate = "left"
    elif arrived is not None:
        fate = "arrived"
    elif len(moves) and moves[-1] < STILL:
        fate = "resting"
    return Outcome(
        path.optimiser, path.learning_rate, arrived, left,
        float(path.losses.min()), float(path.losses[-1]), float(moves.sum()), fate,
        _sentence(path, surface, settings, fate, left, target),
    )  # fmt: skip


def _sentence(
    path: Path, surface: Surface, settings: Settings, fate: Fate, left: int | None, target: float
) -> str:
    if fate in ("left", "broke"):
        gone = "" if fate == "left" else ", and never came back"
        return f"Left the picture at step {left}{gone}{_reason(path, surface, settings)}"
    if fate == "resting":
        slope = float(np.linalg.norm(path.gradients[-1]))
        if slope < STILL:
            return "Rests where the gradient is zero, which is no minimum below the goal."
        return "Hardly moves: its steps have become too short."
    tail = path.losses[-max(3, len(path.losses) // 4) :]
    if fate == "running" and settings.noise == 0 and np.all(np.diff(tail) < 0):
        return "Still on its way down."
    if fate == "arrived":
        return "Stays below the goal."
    return (
        "Not below the goal yet." if path.losses.min() >= target else "Was there, but not to stay."
    )


def _reason(path: Path, surface: Surface, settings: Settings) -> str:
    """Why it left, where a formula says so."""
    known = limit(path.optimiser, surface, settings)
    if known is None:
        return ": try a smaller learning rate."
    where = "" if known.exact else " at the start"
    if path.learning_rate > known.value:
        return (
            f": the learning rate {path.learning_rate:g} is above {known.plain}{where} = "
            f"{known.filled}."
        )
    if known.exact:
        return f", below the limit {known.plain} = {known.filled}: it may come back."
    return (
        f", though the learning rate {path.learning_rate:g} is below {known.plain} at the start "
        f"({known.filled}): on its way it met steeper places."
    )
