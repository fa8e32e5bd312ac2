"""The records of a drawn design: what each row of its table gives and costs. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, ReceptiveField, Shape

Standing: TypeAlias = Literal["fits", "fails", "not reached"]


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One row: the shape (C, H, W) or (features,) that leaves it, and sums over its layers.

    `macs` is None where an operator has no formula. `field` is that of its last layer. `layers`
    are the names of its layers in the anatomy. A row that fails says why in `error`; it and those
    behind it have no numbers.
    """

    title: str
    standing: Standing = "fits"
    output: Shape = ()
    params: int = 0
    macs: int | None = 0
    activation_bytes: int = 0
    field: ReceptiveField | None = None
    layers: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A design drawn at its input (C, H, W), batch 1.

    `anatomy` is that of the rows that fit, None where there are none.
    """

    name: str
    shape: tuple[int, int, int]
    rows: tuple[DrawnRow, ...]
    anatomy: Anatomy | None

    @property
    def failing(self) -> int | None:
        """The number of the row that fails, counted from 0, None where all fit."""
        return next((n for n, row in enumerate(self.rows) if row.standing == "fails"), None)
