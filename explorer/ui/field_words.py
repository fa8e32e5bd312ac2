"""What a unit's receptive fields say, in sentences with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer import units
from explorer.anatomy import export
from explorer.anatomy.records import Status
from explorer.vision.spreads import sides

if TYPE_CHECKING:
    from explorer.vision.field_records import EffectiveField, FieldRow, TheoreticalField, Unit
    from explorer.vision.records import Box

NEARLY_ALL = 0.9995
"""A share from which on it is written as all of it."""


def caption(row: FieldRow) -> str:
    """A row in a line: its kind, shape, and what one of its units sees by the theory."""
    seen = row.receptive_field
    local = seen.convolutional or seen
    parts = [f"**{row.name}**", row.kind, units.shape(row.output)]
    if seen.convolutional:
        parts.append("sees the whole input; along convolutions")
    parts.append(
        f"*r* {_one(local.size)}, *S* {_one(local.stride)}, *P* {_one(local.padding)}"
        if None not in local.stride and None not in local.padding
        else f"sees {export.receptive_field(local)}"
    )
    if seen.status is not Status.WHOLE_INPUT:
        parts.append(seen.status.value + (f": {seen.note}" if seen.note else ""))
    return " :gray[·] ".join(parts)


def legend(theory: TheoreticalField, field: EffectiveField | None) -> str:
    """What the outlines and colours of the picture are."""
    parts = [":orange[■] the unit"]
    if theory.box is not None:
        parts.append(":blue[□] what it can see")
    if field is not None and field.spread.side_95 is not None:
        parts += [
            ":orange[□] 95 % of what moves it",
            ":violet[▮]:red[▮]:orange[▮]:yellow[▮] how much",
        ]
    return ":small[" + " &emsp; ".join(parts) + "]"


def sentences(row: FieldRow, unit: Unit, field: EffectiveField | None) -> list[str]:
    """What the page says of a unit, the headline first, as Markdown."""
    theory = row.theoretical(*unit)
    if field is None:
        return [_reach(theory, row)]
    if field.spread.side_95 is None:
        return [_reach(theory, row), *field.notes]
    return [f"#### {_headline(theory, row, field)}", _reach(theory, row), *_shares(theory, field)]


def _headline(theory: TheoreticalField, row: FieldRow, field: EffectiveField) -> str:
    side = field.spread.side_95
    assert side is not None
    if theory.unclipped is None:
        return f"95 % of what moves this unit lies within {_axes(side, side)} pixels."
    if not theory.whole:
        return (
            f"95 % of what moves this unit lies within {_axes(side, side)} of its "
            f"{_size(theory.unclipped)} pixels."
        )
    height, width = row.pixels
    return (
        f"95 % of what moves this unit lies within {_axes(min(side, height), min(side, width))} "
        f"of the input's {_axes(height, width)} pixels."
    )


def _reach(theory: TheoreticalField, row: FieldRow) -> str:
    """What the unit can see."""
    if theory.box is None or theory.unclipped is None:
        reason = f": {theory.note}" if theory.note else ""
        return f"How far this unit can see is {theory.status.value}{reason}."
    if theory.convolutional is not None:
        return (
            "Through operations that mix all places (attention, squeeze and excitation) it can "
            f"see the **whole input**, {_size(theory.box)}; its convolutions alone reach "
            f"{_size(theory.convolutional)}."
        )
    most = "at most " if theory.status is Status.UPPER_BOUND else ""
    said = f"It can see {most}**{_size(theory.unclipped)}** pixels"
    if theory.unclipped == theory.box:
        if sides(theory.box) == row.pixels:
            return f"{said}, which is the whole input."
        return f"{said}, and none of the rest of the input's {_axes(*row.pixels)}."
    return (
        f"{said}, of which {_size(theory.box)} lie in the input's {_axes(*row.pixels)}; the rest "
        "is padding."
    )


def _shares(theory: TheoreticalField, field: EffectiveField) -> list[str]:
    """Where the mass lies."""
    spread, ratio = field.spread, field.ratio
    said = []
    if spread.inside is not None and spread.centre is not None:
        all_of_it = (
            "All of it lies"
            if spread.inside > NEARLY_ALL
            else f"{units.percent(spread.inside, 2)} of it lies"
        )
        said.append(
            f"{all_of_it} in the box, as it must, and **{units.percent(spread.centre, 0)}** in the "
            "box's middle half along both axes, a quarter of its area: even, it would be 25 %."
        )
    if spread.along_convolutions is not None and theory.convolutional is not None:
        said.append(
            f"{units.percent(spread.along_convolutions)} comes from the "
            f"{_size(theory.convolutional)} pixels that its convolutions reach, the rest from "
            "places only the global operations see."
            if spread.along_convolutions < NEARLY_ALL
            else "None of it comes from beyond what its convolutions reach."
        )
    if ratio is not None and spread.side_68 is not None:
        said.append(
            f"68 % lies within {_axes(spread.side_68, spread.side_68)}. Effective over theoretical "
            f"side: **{ratio:.2f}**."
        )
    return said


def _one(numbers: Sequence[float | None]) -> str:
    """One number where all axes have the same, as papers write it."""
    return units.axes(numbers[:1] if len(set(numbers)) == 1 else numbers)


def _size(box: Box) -> str:
    return _axes(*sides(box))


def _axes(height: float, width: float) -> str:
    # A line must not end within a size.
    return units.axes((height, width)).replace(" ", "\N{NO-BREAK SPACE}")
