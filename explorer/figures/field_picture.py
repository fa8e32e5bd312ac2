"""A unit's receptive fields on the picture: the box it can see, and what really moves it.

What the network does not see of the picture is dark, what the unit cannot see a little; within its
box the picture is grey, so that the colours belong to the effective field alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from explorer.pictures.pixels import pixels
from explorer.vision.field_records import on_picture
from explorer.vision.marked import encoded
from explorer.vision.records import Box
from explorer.vision.spreads import square
from explorer.vision.stamp import stamped

if TYPE_CHECKING:
    from explorer.pictures.records import Picture
    from explorer.vision.field_records import EffectiveField, TheoreticalField

THEORY, EFFECT = (92, 168, 255), (255, 166, 41)
"""Blue and orange, as in the curve, but light enough for any photograph."""
CASING = (12, 14, 18)
UNSEEN, OUTSIDE, GREYED = 0.42, 0.88, 0.70
"""How bright the picture stays outside the input, outside the box and inside it."""
PEAK = 99.8
"""The percentile of the values within the box that is drawn at full strength."""
SMOOTH_FROM = 96
"""Inputs of this side or more are smoothed over three pixels for the eye."""

# matplotlib's inferno from where it can be told from a dark photograph.
_INFERNO = (
    (66, 10, 104), (106, 23, 110), (147, 38, 103), (188, 55, 84), (221, 81, 58), (243, 120, 25),
    (252, 165, 10), (246, 215, 70), (252, 255, 164),
)  # fmt: skip

Floats: TypeAlias = npt.NDArray[np.float32]


class Drawn(NamedTuple):
    """A file to show, and which part of the picture it shows (a band of words reaches below)."""

    file: bytes
    view: Box


class _Sheet(NamedTuple):
    """The canvas: `view` is the part of the picture on it, `scale` its pixels per picture pixel."""

    view: Box
    scale: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        view = self.view
        return (
            max(1, round((view.right - view.left) * self.scale)),
            max(1, round((view.bottom - view.top) * self.scale)),
        )

    def edges(self, box: Box) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of a box of the picture, on the canvas."""
        return (
            (box.left - self.view.left) * self.scale,
            (box.top - self.view.top) * self.scale,
            (box.right - self.view.left) * self.scale,
            (box.bottom - self.view.top) * self.scale,
        )


def field_picture(
    picture: Picture,
    window: Box,
    theory: TheoreticalField,
    shape: tuple[int, int],
    *,
    field: EffectiveField | None = None,
    words: str = "",
    width: int = 1280,
) -> Drawn:
    """Draw the fields of a unit over its picture, about `width` pixels along the longer side.

    `window` is where the input, `shape` (H, W) pixels, lies in the picture. Without a `field` only
    the box is drawn. `words` stand in a band below.
    """
    sheet = _sheet(picture, window, width)
    canvas = _photo(picture, sheet)
    seen = _mask(sheet, window)
    box = None if theory.box is None else on_picture(theory.box, window, shape)
    within = np.zeros_like(seen) if box is None else seen & _mask(sheet, box)
    grey = canvas @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    muted = GREYED * (0.25 * canvas + 0.75 * grey[..., None])
    base = np.where(within[..., None], muted, OUTSIDE * canvas)
    base = np.where(seen[..., None], base, UNSEEN * canvas)
    if field is not None:
        base = _heated(base, field, sheet, within)
    drawn = Image.fromarray(np.clip(np.rint(base), 0, 255).astype(np.uint8))
    _outlines(drawn, sheet, window, theory, shape, field)
    finished = _stamped(np.asarray(drawn), words)
    below = (finished.shape[0] - drawn.height) / sheet.scale
    view = sheet.view
    return Drawn(encoded(finished), Box(view.top, view.left, view.bottom + below, view.right))


def within(box: Box, view: Box) -> Box:
    """Return a box of the picture in fractions of the part that a drawing shows."""
    height, width = view.bottom - view.top, view.right - view.left
    return Box(
        (box.top - view.top) / height,
        (box.left - view.left) / width,
        (box.bottom - view.top) / height,
        (box.right - view.left) / width,
    )


def _stamped(drawn: npt.NDArray[np.uint8], words: str) -> npt.NDArray[np.uint8]:
    """Put the band of words below, at twice its size: a page shows the drawing at half."""
    if not words:
        return drawn
    width = drawn.shape[1]
    band = stamped(np.zeros((1, width // 2, 3), dtype=np.uint8), words)[1:]
    enlarged = Image.fromarray(band).resize((width, 2 * band.shape[0]), Image.Resampling.LANCZOS)
    return np.concatenate([drawn, np.asarray(enlarged)])


def _sheet(picture: Picture, window: Box, width: int) -> _Sheet:
    view = Box(
        min(0.0, window.top),
        min(0.0, window.left),
        max(float(picture.height), window.bottom),
        max(float(picture.width), window.right),
    )
    return _Sheet(view, width / max(view.bottom - view.top, view.right - view.left))


def _photo(picture: Picture, sheet: _Sheet) -> Floats:
    """The picture on the canvas, in float; black where there is none."""
    left, top, right, bottom = sheet.edges(Box(0, 0, picture.height, picture.width))
    size = max(1, round(right - left)), max(1, round(bottom - top))
    sharp = sheet.scale > 4  # a few pixels are enlarged as squares
    how = Image.Resampling.NEAREST if sharp else Image.Resampling.BICUBIC
    photo = Image.fromarray(pixels(picture)).resize(size, how)
    canvas = Image.new("RGB", sheet.size)
    canvas.paste(photo, (round(left), round(top)))
    return np.asarray(canvas, dtype=np.float32)


def _mask(sheet: _Sheet, box: Box) -> npt.NDArray[np.bool_]:
    """Which pixels of the canvas lie in a box of the picture."""
    left, top, right, bottom = sheet.edges(box)
    width, height = sheet.size
    rows, columns = np.arange(height) + 0.5, np.arange(width) + 0.5
    down = (rows >= top) & (rows < bottom)
    across = (columns >= left) & (columns < right)
    return down[:, None] & across[None, :]


def _heated(
    base: Floats, field: EffectiveField, sheet: _Sheet, within: npt.NDArray[np.bool_]
) -> Floats:
    """Lay the effective field over the canvas: colour and cover both tell its strength."""
    heat = _relative(field.values.astype(np.float32))
    left, top, right, bottom = sheet.edges(field.window)
    size = max(1, round(right - left)), max(1, round(bottom - top))
    few = min(heat.shape) < SMOOTH_FROM
    how = Image.Resampling.NEAREST if few else Image.Resampling.BICUBIC
    scaled = np.asarray(Image.fromarray(heat).resize(size, how), dtype=np.float32).clip(0, 1)
    placed = Image.new("F", sheet.size)
    placed.paste(Image.fromarray(scaled), (round(left), round(top)))
    # Strength spans decades: its root lets the weak parts be seen beside the strong.
    strength = np.sqrt(np.where(within, np.asarray(placed), 0))
    cover = np.clip(1.15 * strength, 0, 0.94)[..., None]
    heated = base * (1 - cover) + _coloured(strength) * cover
    return heated.astype(np.float32)


def _relative(values: Floats) -> Floats:
    """The values as fractions of nearly the largest, smoothed a little."""
    finite: Floats = np.where(np.isfinite(values), values, 0).astype(np.float32)
    if min(finite.shape) >= SMOOTH_FROM:
        for axis in (0, 1):
            padded = np.pad(finite, [(1, 1) if each == axis else (0, 0) for each in (0, 1)])
            before, here, after = (
                padded.take(range(first, first + finite.shape[axis]), axis) for first in range(3)
            )
            finite = ((before + 2 * here + after) / 4).astype(np.float32)
    positive = finite[finite > 0]
    top = float(np.percentile(positive, PEAK)) if positive.size else 1.0
    relative: Floats = np.clip(finite / top, 0, 1).astype(np.float32)
    return relative


def _coloured(strength: Floats) -> Floats:
    anchors = np.array(_INFERNO, dtype=np.float32)
    places = np.linspace(0, 1, len(anchors))
    return np.stack(
        [np.interp(strength, places, anchors[:, channel]) for channel in range(3)], axis=-1
    ).astype(np.float32)


def _outlines(
    drawn: Image.Image,
    sheet: _Sheet,
    window: Box,
    theory: TheoreticalField,
    shape: tuple[int, int],
    field: EffectiveField | None,
) -> None:
    """The input's border, the box the unit can see, and the square with 95 % of the mass."""
    draw = ImageDraw.Draw(drawn)
    line = max(2, round(drawn.width / 320))
    _frame(draw, sheet.edges(window), (255, 255, 255), max(1, line // 2), drawn.size)
    for box, thick in ((theory.unclipped, line // 2 + 1), (theory.box, line)):
        if box is not None:
            edges = sheet.edges(on_picture(box, window, shape))
            _frame(draw, edges, THEORY, thick, drawn.size)
    if field is not None and field.spread.side_95 is not None:
        around = _clipped(square(field.centre, field.spread.side_95), shape)
        left, top, right, bottom = sheet.edges(on_picture(around, window, shape))
        # Drawn inside its edges, so that a box of the same size is still to be seen around it.
        edges = (left + line, top + line, right - line, bottom - line)
        _frame(draw, edges, EFFECT, line, drawn.size)


def _clipped(box: Box, shape: tuple[int, int]) -> Box:
    return Box(
        max(0.0, box.top),
        max(0.0, box.left),
        min(float(shape[0]), box.bottom),
        min(float(shape[1]), box.right),
    )


def _frame(
    draw: ImageDraw.ImageDraw,
    edges: tuple[float, float, float, float],
    colour: tuple[int, int, int],
    line: int,
    size: tuple[int, int],
) -> None:
    """A rectangle with a dark casing; sides that lie beyond the canvas are not drawn."""
    left, top, right, bottom = (round(each) for each in edges)
    far = 4 * line + max(size)
    box = (max(-far, left), max(-far, top), min(far, right) - 1, min(far, bottom) - 1)
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    draw.rectangle((box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1), outline=CASING, width=line + 2)
    draw.rectangle(box, outline=colour, width=line)
