"""What is known of a run, as the store keeps it. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from explorer.training.recipe import Recipe
    from explorer.training.records import Began, Ended

State: TypeAlias = Literal["queued", "running", "paused", "done", "failed", "cancelled", "lost"]
"""paused, cancelled, failed and lost runs with a checkpoint can be continued."""
Wish: TypeAlias = Literal["", "pause", "stop", "cancel"]
"""What somebody asked of a run: stop keeps the weights, cancel lets everything go but the rows."""

OVER: tuple[State, ...] = ("done", "failed", "cancelled", "lost")


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that is asked for.

    `owner` is who asked (a visitor's token, or "" for the command line), `group` joins the runs of
    one experiment ("optimisers-3f2a"), `variant` is its label in there.
    """

    recipe: Recipe
    name: str
    owner: str = ""
    shared: bool = False
    group: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is now.

    Times are Unix seconds, None for what has not been yet. `sentence` says how it is or why it
    ended, for the person at the screen. `fraction` is how far it is, `step` and `epoch` the last
    ones told. `continues` says whether there is a checkpoint to go on from, `weights` which of
    "last" and "best" are kept.
    """

    id: str
    name: str
    note: str
    owner: str
    shared: bool
    group: str
    variant: str
    recipe: Recipe
    state: State
    wish: Wish
    sentence: str
    created: float
    started: float | None
    ended: float | None
    step: int
    epoch: float
    fraction: float
    seconds: float
    began: Began | None
    result: Ended | None
    folder: Path
    continues: bool
    weights: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is kept of all runs together."""

    runs: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Steps:
    """Columns of the steps a run told of, float64 (T,) each; see `explorer.training.records.Step`.

    `number` is the row's own number in the store: ask for what is newer than the last one.
    """

    number: np.ndarray
    step: np.ndarray
    epoch: np.ndarray
    seconds: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray
    learning_rate: np.ndarray
    samples_per_second: np.ndarray
    gradient_norm: np.ndarray


@dataclass(frozen=True, slots=True)
class LayerSteps:
    """Steps (T,), and for each and every layer the gradient's norm and the update ratio (T, L)."""

    step: np.ndarray
    gradient_norms: np.ndarray
    update_ratios: np.ndarray
