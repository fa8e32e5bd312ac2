"""A network's layers sorted by the resolution they work at. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer import units
from explorer.anatomy.grids import Grid, extent, grids
from explorer.compare.levels import levels
from explorer.compare.records import TOKENS, Stage
from explorer.compare.units import units as units_of

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Layer


def stages(anatomy: Anatomy) -> tuple[Stage, ...]:
    """Sums over the layers of each level, from the highest resolution to the head."""
    by_level: dict[int, list[Layer]] = {}
    for layer, level in zip(anatomy.layers, levels(anatomy), strict=True):
        by_level.setdefault(level, []).append(layer)
    maps = {each.layer.index: each for each in grids(anatomy)}
    # Of the units, for the first layer of the next stage may still work at this resolution.
    channels = {unit.level: unit.channels for unit in units_of(anatomy)}
    return tuple(
        _stage(level, by_level[level], maps, channels.get(level)) for level in sorted(by_level)
    )


def sizes(stage: Stage) -> str:
    """Heights and widths of a stage's maps: "56 × 56", or "147 × 147 – 149 × 149"."""
    if not stage.sizes:
        return "—"
    first, last = stage.sizes[0], stage.sizes[-1]
    return units.shape(first) if first == last else f"{units.shape(first)} – {units.shape(last)}"


def _stage(
    level: int, layers: Sequence[Layer], maps: dict[int, Grid], channels: int | None
) -> Stage:
    here = [maps[each.index] for each in layers if each.index in maps and level < TOKENS]
    shown = sorted({(each.height, each.width) for each in here if not each.single}, reverse=True)
    fields = [reach for each in layers if (reach := extent(each)) is not None]
    return Stage(
        level=level,
        sizes=tuple(shown),
        channels=channels if here else None,
        layers=len(layers),
        params=sum(each.params for each in layers),
        macs=sum(each.macs or 0 for each in layers),
        uncounted=sum(each.macs is None for each in layers if each.ran),
        activation_bytes=sum(each.activation_bytes for each in layers),
        reach=max(fields, default=None) if level < TOKENS else None,
    )
