"""Draw a design: build it row by row, take it apart, and tell each row's shape and cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from explorer.anatomy import dissect
from explorer.blocks import sketch
from explorer.blocks.blueprint import Blueprint, checked_shape
from explorer.blocks.build import make, named
from explorer.blocks.drawn import Drawn, DrawnRow
from explorer.blocks.table import KINDS, parts_of
from explorer.errors import BadDesign

if TYPE_CHECKING:
    from torch import nn

    from explorer.anatomy.records import Anatomy, Layer
    from explorer.blocks.fitting import Shape

MOST_MODULES = 2000
"""In one design; more are a slip of the keyboard, and take seconds to draw."""


@dataclass
class _Built:
    """What was built before a row failed: modules, how many of them and what shape by row."""

    modules: list[tuple[str, nn.Module]]
    sizes: list[int]
    shapes: list[Shape]
    error: str = ""


def draw(blueprint: Blueprint) -> Drawn:
    """Draw a design at batch 1, as far as its rows fit together; wrong rows are told, not raised.

    Raises BadDesign for an input out of range.
    """
    checked_shape(*blueprint.shape)
    built = _built(blueprint)
    anatomy = _anatomy(built, blueprint) if built.modules else None
    rows = _told(built, anatomy) if anatomy else []
    return Drawn(blueprint.name, blueprint.shape, _titled(rows, built.error, blueprint), anatomy)


def draw_lines(name: str, shape: tuple[int, int, int], lines: Sequence[str]) -> Drawn:
    """Draw a design in the making: its rows as text, of which some may not be readable yet.

    Raises BadDesign for an input out of range.
    """
    rows, wrong = sketch.readable(lines)
    drawn = draw(Blueprint(name, shape, rows))
    if wrong is None:
        return drawn
    titles = [sketch.title(line) for line in lines[len(rows) :]]
    unread = [DrawnRow(title, "not reached") for title in titles]
    if drawn.failing is None:
        unread[0] = DrawnRow(titles[0], "fails", error=str(wrong))
    return replace(drawn, rows=(*drawn.rows, *unread))


def _built(blueprint: Blueprint) -> _Built:
    """Build rows on no device until one fails."""
    built = _Built([], [], [])
    shape: Shape = blueprint.shape
    with torch.device("meta"):
        for row in blueprint.rows:
            made: list[tuple[str, nn.Module]] = []
            try:
                for part in parts_of([row], shape[0])[0]:
                    here = make(part, shape)
                    made += here.modules
                    shape = here.shape
                _count([*built.modules, *made])
            except BadDesign as error:
                built.error = str(error)
                break
            built.modules += made
            built.sizes.append(len(made))
            built.shapes.append(shape)
    return built


def _count(modules: Sequence[tuple[str, nn.Module]]) -> None:
    """Raise BadDesign for too many modules."""
    if sum(1 for _, module in modules for _ in module.modules()) > MOST_MODULES:
        raise BadDesign(
            f"Up to here the design has more than {MOST_MODULES:,} modules; use fewer layers."
        )


def _anatomy(built: _Built, blueprint: Blueprint) -> Anatomy:
    example = torch.empty(1, *blueprint.shape, device="meta")
    anatomy = dissect(named(built.modules).eval(), inputs=example)
    file = re.sub(r"\W+", "_", blueprint.name).strip("_") or "design"
    return replace(anatomy, model=file, title=blueprint.name)


def _told(built: _Built, anatomy: Anatomy) -> list[DrawnRow]:
    """A row's numbers are the sums over the layers of its modules."""
    names = [name for name, _ in named(built.modules).named_children()]
    rows, start = [], 0
    for size, shape in zip(built.sizes, built.shapes, strict=True):
        mine = set(names[start : start + size])
        start += size
        layers = [each for each in anatomy.layers if each.path.partition(".")[0] in mine]
        rows.append(_row(layers, shape))
    return rows


def _row(layers: Sequence[Layer], shape: Shape) -> DrawnRow:
    return DrawnRow(
        title="",
        output=tuple(shape),
        params=sum(each.params for each in layers),
        macs=None
        if any(each.macs is None for each in layers)
        else sum(each.macs or 0 for each in layers),
        activation_bytes=sum(each.activation_bytes for each in layers),
        field=layers[-1].receptive_field if layers else None,
        layers=tuple(each.name for each in layers),
    )


def _titled(rows: Sequence[DrawnRow], error: str, blueprint: Blueprint) -> tuple[DrawnRow, ...]:
    """All rows of the table by their titles: those that fit, the one that fails, the others."""
    titles = [KINDS[row.kind].title for row in blueprint.rows]
    told = [replace(row, title=title) for row, title in zip(rows, titles, strict=False)]
    rest = [DrawnRow(title, "not reached") for title in titles[len(rows) :]]
    if rest:
        rest[0] = replace(rest[0], standing="fails", error=error)
    return (*told, *rest)
