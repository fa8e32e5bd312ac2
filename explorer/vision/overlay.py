"""Saliency maps as pictures: over the photograph, on one scale, stamped if weights are random.

Colour says the sign and strength of a value, and how much it covers the photograph says the
strength again. No torch here.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.errors import BadRequest
from explorer.pictures.pixels import pixels
from explorer.vision.stamp import png, stamped

if TYPE_CHECKING:
    from explorer.pictures.records import Picture
    from explorer.vision.attribution_records import Attribution, Map

Sharing: TypeAlias = Literal["grid", "method", "map"]
Form: TypeAlias = Literal["PNG", "JPEG"]
Floats: TypeAlias = npt.NDArray[np.float32]

CLIP = 99.0
STRENGTH = 0.8
UNSEEN = (235, 235, 235)
"""What the network did not see is half covered with this."""
ZERO, FULL = 128, 127
"""Of a signed map in 8 bits: the level of zero, and the levels from there to the limit."""
LONGEST = 720
"""Pixels of the longer side of an overlay: sharp on a page, quick to send."""

# Blue against red, told apart by every kind of colour vision; the middle is light, and the ends
# are bright enough to be seen on a dark photograph.
DIVERGING = ((0, 84, 255), (92, 160, 255), (247, 247, 247), (255, 128, 82), (230, 0, 30))
# matplotlib's plasma: as light as it is strong.
SEQUENTIAL = ((13, 8, 135), (126, 3, 168), (204, 71, 120), (248, 149, 64), (240, 249, 33))


def limits(
    attributions: Sequence[Attribution],
    *,
    clip: float = CLIP,
    sharing: Sharing = "grid",
) -> tuple[float, ...]:
    """Return for each map the value that is drawn at full strength.

    It is the percentile `clip` of the absolute values of all maps that share a scale: the whole
    grid, the maps of one method (whose values have one unit), or each map its own. 0 where all
    values are zero. Raises BadRequest for a percentile outside 50 to 100.
    """
    if not 50 <= clip <= 100:
        raise BadRequest(f"The clipping percentile lies between 50 and 100, not at {clip:g}.")
    groups: dict[object, list[Floats]] = {}
    keys = [_group(each, number, sharing) for number, each in enumerate(attributions)]
    for key, each in zip(keys, attributions, strict=True):
        groups.setdefault(key, []).append(np.abs(_finite(each.values)).ravel())
    tops = {key: _top(np.concatenate(found), clip) for key, found in groups.items()}
    return tuple(tops[key] for key in keys)


def overlay(
    attribution: Attribution,
    picture: Picture,
    *,
    limit: float,
    signed: bool = True,
    strength: float = STRENGTH,
    longest: int = LONGEST,
    form: Form = "PNG",
    words: str | None = None,
) -> bytes:
    """Draw a map over its picture and return the PNG, or for a page the JPEG, which is quicker.

    `limit` is drawn at full strength (see `limits`); with `signed` negative values are blue and
    positive ones red, without it only the absolute value is shown. `strength` (0 to 1) is how
    much of the photograph the strongest values cover. What the network did not see is dimmed.
    `words` stand below; without them, what the weights' use warns of.
    """
    if not 0 <= strength <= 1:
        raise BadRequest(f"The overlay's strength lies between 0 and 1, not at {strength:g}.")
    photo = _sized(picture, longest)
    # A photograph with less colour leaves the colours to the map.
    base = Image.blend(photo, photo.convert("L").convert("RGB"), 0.7 * strength)
    drawn = Image.blend(base, Image.new("RGB", base.size, UNSEEN), 0.5)
    place, levels = _placed(_levels(attribution.values, limit, signed), attribution, picture, photo)
    if levels is not None:
        cover = levels.point(_covers(signed, strength))
        seen = Image.composite(_coloured(levels, signed), base.crop(place), cover)
        drawn.paste(seen, place[:2])
    words = attribution.use.warning if words is None else words
    return _encoded(stamped(np.asarray(drawn), words) if words else drawn, form)


def alone(attribution: Attribution, *, limit: float, signed: bool = True, side: int = 448) -> bytes:
    """Draw a map without its picture and return the PNG, sharp edged, its longer side `side`."""
    levels = _levels(attribution.values, limit, signed)
    factor = side / max(levels.size)
    size = max(1, round(levels.width * factor)), max(1, round(levels.height * factor))
    drawn = _coloured(levels, signed).resize(size, Image.Resampling.NEAREST)
    return png(stamped(np.asarray(drawn), attribution.use.warning))


def colour_bar(*, signed: bool = True, width: int = 256, height: int = 12) -> bytes:
    """Draw the colours from the lowest value to the highest as a strip, and return the PNG."""
    row = np.linspace(-1 if signed else 0, 1, width, dtype=np.float32)[None]
    strip = np.asarray(_coloured(_levels(row, 1.0, signed), signed))
    return png(np.repeat(strip, height, axis=0))


def _group(attribution: Attribution, number: int, sharing: Sharing) -> object:
    if sharing == "method":
        return attribution.method
    return number if sharing == "map" else "grid"


def _finite(values: Map) -> Floats:
    finite: Floats = np.where(np.isfinite(values), values, np.float32(0))
    return finite


def _top(values: Floats, clip: float) -> float:
    """The percentile; of sparse maps, whose percentile is 0, the largest value."""
    top = float(np.percentile(values, clip)) if values.size else 0.0
    return top if top > 0 or not values.size else float(values.max())


def _levels(values: Map, limit: float, signed: bool) -> Image.Image:
    """Values as fractions of the limit in 8 bits: 128 is zero if signed, else 0; 255 the limit."""
    relative = np.clip(_finite(values) / limit, -1, 1) if limit > 0 else np.zeros_like(values)
    levels = ZERO + FULL * relative if signed else 255 * np.abs(relative)
    return Image.fromarray(np.rint(levels).astype(np.uint8))


@lru_cache(maxsize=8)
def _sized(picture: Picture, longest: int) -> Image.Image:
    """Bring the photograph to its size on the page; a few pixels are enlarged as squares."""
    factor = longest / max(picture.width, picture.height)
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    how = Image.Resampling.NEAREST if factor > 4 else Image.Resampling.BICUBIC
    return Image.fromarray(pixels(picture)).resize(size, how)


def _placed(
    levels: Image.Image, attribution: Attribution, picture: Picture, photo: Image.Image
) -> tuple[tuple[int, int, int, int], Image.Image | None]:
    """Enlarge a map to its window in the photograph: the place there, and the map of that size.

    None where the window holds no pixel of the photograph.
    """
    window, factor = attribution.window, max(photo.size) / max(picture.width, picture.height)
    top, left = window.top * factor, window.left * factor
    down = (window.bottom - window.top) * factor / levels.height
    across = (window.right - window.left) * factor / levels.width
    # Pixels whose middle lies inside.
    x, y = max(0, math.ceil(left - 0.5)), max(0, math.ceil(top - 0.5))
    right = min(photo.width, math.ceil(left + levels.width * across - 0.5))
    bottom = min(photo.height, math.ceil(top + levels.height * down - 0.5))
    if right <= x or bottom <= y:
        return (0, 0, 0, 0), None
    # A border, so that edges are interpolated too; from a pixel here to one there, as PIL asks.
    bordered = Image.fromarray(np.pad(np.asarray(levels), 1, mode="edge"))
    inverse = (1 / across, 0, (x - left) / across + 1, 0, 1 / down, (y - top) / down + 1)
    drawn = bordered.transform(
        (right - x, bottom - y), Image.Transform.AFFINE, inverse, Image.Resampling.BILINEAR
    )
    return (x, y, right, bottom), drawn


def _covers(signed: bool, strength: float) -> list[int]:
    """How much of the photograph each level covers, 0 to 255."""
    shares = np.abs(np.arange(256) - ZERO) / FULL if signed else np.arange(256) / 255
    return [round(255 * min(1.0, strength * share)) for share in shares]


def _coloured(levels: Image.Image, signed: bool) -> Image.Image:
    """The colours of 8-bit levels."""
    coloured = Image.frombytes("P", levels.size, levels.tobytes())
    coloured.putpalette(_palette(signed))
    return coloured.convert("RGB")


@cache
def _palette(signed: bool) -> bytes:
    """Red, green and blue of each of the 256 levels."""
    anchors = np.array(DIVERGING if signed else SEQUENTIAL)
    values = (np.arange(256) - ZERO) / FULL if signed else np.arange(256) / 255
    places = np.linspace(-1 if signed else 0, 1, len(anchors))
    channels = [np.interp(values, places, anchors[:, channel]) for channel in range(3)]
    colours: bytes = np.rint(np.stack(channels, axis=-1)).astype(np.uint8).tobytes()
    return colours


def _encoded(drawn: Image.Image | npt.NDArray[np.uint8], form: Form) -> bytes:
    if form == "PNG":
        return png(np.asarray(drawn))
    image = drawn if isinstance(drawn, Image.Image) else Image.fromarray(drawn)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90, subsampling=0)
    return buffer.getvalue()
