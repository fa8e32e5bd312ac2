"""What a person wrote about an architecture: its paper, its one idea, its models. No torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.zoo.cards import Paper


@dataclass(frozen=True, slots=True)
class Model:
    """One model of an architecture: its registered name, the title to show, its own differences.

    `paper` and `idea` replace the architecture's where this model has its own.
    """

    name: str
    title: str
    differs: tuple[str, ...] = ()
    paper: Paper | None = None
    idea: str | None = None


@dataclass(frozen=True, slots=True)
class Architecture:
    """A published design: `differs` says how all of its models here depart from the paper."""

    family: str
    paper: Paper
    idea: str
    models: tuple[Model, ...]
    differs: tuple[str, ...] = field(default=())
