"""Saliency maps as pictures: over the photograph, on one scale, stamped if weights are random.

Colour says the sign and strength of a value, and how much it covers the photograph says the
strength again. No torch here.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    from explorer.vision.records import Box

Sharing: TypeAlias = Literal["grid", "method", "map"]
Floats: TypeAlias = npt.NDArray[np.float32]

CLIP = 99.0
STRENGTH = 0.8
LONGEST = 720
"""Pixels of the longer side of an overlay: sharp on a page, quick to send."""

# Blue against red, told apart by every kind of colour vision; the middle is light.
DIVERGING = ((5, 48, 97), (67, 147, 195), (247, 247, 247), (244, 109, 67), (165, 0, 38))
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
) -> bytes:
    """Draw a map over its picture and return the PNG.

    `limit` is drawn at full strength (see `limits`); with `signed` negative values are blue and
    positive ones red, without it only the absolute value is shown. `strength` (0 to 1) is how
    much of the photograph the strongest values cover. What the network did not see is dimmed.
    """
    if not 0 <= strength <= 1:
        raise BadRequest(f"The overlay's strength lies between 0 and 1, not at {strength:g}.")
    photo, factor = _sized(pixels(picture), longest)
    relative = _relative(attribution.values, limit, signed)
    placed, seen = _placed(relative, attribution.window, factor, photo.shape[:2])
    # A photograph with less colour leaves the colours to the map.
    base = photo + 0.7 * strength * (photo.mean(2, keepdims=True) - photo)
    base = np.where(seen[..., None], base, 0.5 * base + 0.5 * 235)
    cover = (strength * np.abs(placed))[..., None]
    drawn = base * (1 - cover) + _coloured(placed, signed) * cover
    return png(stamped(_bytes(drawn), attribution.use.warning))


def alone(attribution: Attribution, *, limit: float, signed: bool = True, side: int = 448) -> bytes:
    """Draw a map without its picture and return the PNG, sharp edged, its longer side `side`."""
    values = _relative(attribution.values, limit, signed)
    height, width = values.shape
    size = (
        max(1, round(width * side / max(values.shape))),
        max(1, round(height * side / max(values.shape))),
    )
    drawn = Image.fromarray(_bytes(_coloured(values, signed))).resize(
        size, Image.Resampling.NEAREST
    )
    return png(stamped(np.asarray(drawn), attribution.use.warning))


def colour_bar(*, signed: bool = True, width: int = 256, height: int = 12) -> bytes:
    """Draw the colours from the lowest value to the highest as a strip, and return the PNG."""
    row = np.linspace(-1 if signed else 0, 1, width, dtype=np.float32)[None]
    return png(np.repeat(_bytes(_coloured(row, signed)), height, axis=0))


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


def _relative(values: Map, limit: float, signed: bool) -> Floats:
    """Values as fractions of the limit, -1 to 1 or, unsigned, 0 to 1."""
    finite = _finite(values)
    if not limit > 0:
        return np.zeros_like(finite)
    relative = np.clip(finite / limit, -1, 1).astype(np.float32)
    return relative if signed else np.abs(relative)


def _sized(photo: npt.NDArray[np.uint8], longest: int) -> tuple[Floats, float]:
    """Bring the photograph to its size on the page; a few pixels are enlarged as squares."""
    factor = longest / max(photo.shape[:2])
    size = max(1, round(photo.shape[1] * factor)), max(1, round(photo.shape[0] * factor))
    how = Image.Resampling.NEAREST if factor > 4 else Image.Resampling.BICUBIC
    sized = Image.fromarray(photo).resize(size, how)
    return np.asarray(sized, dtype=np.float32), factor


def _placed(
    values: Floats, window: Box, factor: float, shape: tuple[int, ...]
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Enlarge a map into its window of the picture; also say which pixels the window holds."""
    height, width = values.shape
    down = (window.bottom - window.top) * factor / height
    across = (window.right - window.left) * factor / width
    top, left = window.top * factor, window.left * factor
    # From a pixel of the picture to one of the map: PIL asks for the inverse.
    inverse = (1 / across, 0, -left / across, 0, 1 / down, -top / down)
    size = shape[1], shape[0]
    bordered = Image.fromarray(np.pad(values, 1, mode="edge"))
    shifted = (*inverse[:2], inverse[2] + 1, *inverse[3:5], inverse[5] + 1)
    drawn = bordered.transform(
        size, Image.Transform.AFFINE, shifted, Image.Resampling.BILINEAR, fillcolor=0
    )
    rows = (np.arange(shape[0]) + 0.5)[:, None]
    columns = (np.arange(shape[1]) + 0.5)[None]
    inside = (
        (rows >= top)
        & (rows < top + height * down)
        & (columns >= left)
        & (columns < left + width * across)
    )
    return np.where(inside, np.asarray(drawn, dtype=np.float32), 0), inside


def _coloured(values: Floats, signed: bool) -> Floats:
    """Colours (H, W, 3) of values from -1 to 1, or 0 to 1."""
    anchors = np.array(DIVERGING if signed else SEQUENTIAL, dtype=np.float32)
    places = np.linspace(-1 if signed else 0, 1, len(anchors))
    channels = [np.interp(values, places, anchors[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def _bytes(values: Floats) -> npt.NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
