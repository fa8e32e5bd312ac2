"""Where units of a layer lie over a picture, and exactly which part of it each one saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.anatomy.sight import seen
from explorer.vision.activation_records import Grid
from explorer.vision.records import Box

if TYPE_CHECKING:
    from explorer.anatomy.fields import Field
    from explorer.pictures.records import Picture
    from explorer.vision.arrangement import Arrangement
    from explorer.vision.loaded import LoadedModel


def grid_of(loaded: LoadedModel, layer: str, placed: Arrangement, picture: Picture) -> Grid | None:
    """Lay a row's units over a picture; None where the row has no rows and columns.

    Each unit's cell is one step of the layer large, around the middle of what it sees.
    """
    field = loaded.taps.fields.get(layer)
    rows, columns = placed.grid
    if field is None or (rows, columns) == (1, 1):
        return None
    top, down = _line(field, 0, rows)
    left, across = _line(field, 1, columns)
    box = Box(top, left, top + rows * down, left + columns * across)
    return Grid(in_picture(loaded, box, picture), rows, columns, picture.height, picture.width)


def seen_by(
    loaded: LoadedModel, layer: str, index: tuple[int, ...], picture: Picture
) -> Box | None:
    """The part of a picture that one element of a row's output saw, clipped to the input.

    None where that is unknown, or where it sees nothing.
    """
    field = loaded.taps.fields.get(layer)
    found = None if field is None else seen(field, index)
    if found is None or None in found:
        return None
    (top, bottom), (left, right) = (each for each in found if each is not None)
    return in_picture(loaded, Box(top, left, bottom + 1, right + 1), picture)


def in_picture(loaded: LoadedModel, box: Box, picture: Picture) -> Box:
    """Turn a box in pixels of the network's input into one in pixels of the picture."""
    window = loaded.preprocessing.window(picture.height, picture.width)
    height, width = loaded.preprocessing.crop
    down = (window.bottom - window.top) / height
    across = (window.right - window.left) / width
    return Box(
        window.top + box.top * down,
        window.left + box.left * across,
        window.top + box.bottom * down,
        window.left + box.right * across,
    )


def _line(field: Field, axis: int, count: int) -> tuple[float, float]:
    """Where the first cell of an axis begins, and how far apart cells are, in input pixels."""
    local, pixels = field.axes[axis].local, field.pixels[axis]
    if local is None or local.stride is None or field.axes[axis].positions != count:
        return 0.0, pixels / count
    step = float(local.stride)
    # Where neighbours see different extents (windows of attention), their middle is theirs all.
    phases = [(a + b + 1) / 2 for a, b in zip(local.starts, local.stops, strict=True) if a <= b]
    if len(phases) != local.period:
        return 0.0, pixels / count
    middle = sum(phases) / local.period - (local.period - 1) / 2 * step
    return middle - step / 2, step
