"""Where a run stands: all that it has to remember besides its network and optimiser."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from explorer.training.records import Layers, Score, Step
from explorer.training.tally import Tally

if TYPE_CHECKING:
    from torch import Tensor

Due: TypeAlias = Step | Layers | Literal["epoch", "sample", "filters"]


@dataclass(slots=True)
class Standing:
    """The place in a run.

    `tally` adds up the epoch's batches so far, `told_pictures` and `told_seconds` the time since
    the last step that was told. `due` is what is still to be told
    of the last step. `lowest` is the best validation loss, `waited` how many epochs ago it was,
    `best` the network's state (on the CPU) after that epoch.
    """

    step: int = 0
    seconds: float = 0.0
    last_seconds: float = 0.0
    tally: Tally = field(default_factory=Tally)
    told_pictures: int = 0
    told_seconds: float = 0.0
    showed: bool = False
    lowest: float = float("inf")
    waited: int = 0
    train: Score | None = None
    validation: Score | None = None
    best_train: Score | None = None
    best_validation: Score | None = None
    best: dict[str, Tensor] | None = None
    due: list[Due] = field(default_factory=lambda: ["sample", "filters"])

    def clock(self, seconds: float, pictures: int) -> None:
        """Count the time of a step."""
        self.last_seconds = seconds
        self.seconds += seconds
        self.told_seconds += seconds
        self.told_pictures += pictures

    def packed(self) -> dict[str, Any]:
        """As plain values and tensors, for a checkpoint."""
        plain = {name: getattr(self, name) for name in _NAMES}
        for name, value in plain.items():
            if isinstance(value, Score | Tally):
                plain[name] = dataclasses.asdict(value)
        plain["due"] = [
            each if isinstance(each, str) else dataclasses.asdict(each) for each in self.due
        ]
        return plain


_NAMES = tuple(each.name for each in dataclasses.fields(Standing))
_SCORES = ("train", "validation", "best_train", "best_validation")


def unpacked(plain: dict[str, Any]) -> Standing:
    """Make a standing again of what `packed` gave."""
    scores = {name: Score(**plain[name]) if plain[name] else None for name in _SCORES}
    due = [_due(each) for each in plain["due"]]
    best = plain["best"] and {name: each.cpu() for name, each in plain["best"].items()}
    tally = Tally(**plain["tally"])
    return Standing(**{**plain, **scores, "tally": tally, "due": due, "best": best})


def _due(plain: Any) -> Due:
    if isinstance(plain, str):
        return plain  # type: ignore[return-value]
    return Step(**plain) if "loss" in plain else Layers(**plain)
