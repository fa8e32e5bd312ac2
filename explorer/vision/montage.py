"""All channels of a layer, or all its filters, on one sheet. No torch here.

Black is 0, warm colours are above it and cold ones below. A sheet is a PNG with a
palette: one byte per pixel, so that 256 channels are encoded in a few hundredths of a second.
"""

from __future__ import annotations

import io
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from explorer.errors import BadRequest
from explorer.vision import palette
from explorer.vision.activation_records import FilterSheet, Sheet, SheetGeometry
from explorer.vision.stamp import png, stamped

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from explorer.vision.activation_records import (
        Activations,
        Filters,
        Floats,
        Order,
        Scale,
    )

    Indices = npt.NDArray[np.uint8]

MOST_MAPS = 256
"""Maps on one page of a sheet."""
MOST_NUMBERS = 1024
"""Single numbers on one page."""
WIDTH = 1200
"""Pixels that a full row of tiles comes close to."""
ASPECT = 1.5
LENIENCE = 1.25
"""A sheet may become this much wider before pixels of its maps are averaged."""
GAP = 4
DIGITS, SHOWN = 11, 800
"""Size of the digits on a sheet that is shown this wide; a wider one gets larger digits."""
SMALLEST_TILE, LARGEST_TILE = 28, 128
NUMBER_TILE = (22, 32)
NUMBER_COLUMNS = 32


def sheet(
    found: Activations,
    *,
    scale: Scale = "channel",
    order: Order = "channel",
    page: int = 0,
    holding: int | None = None,
) -> Sheet:
    """Draw the channels of a layer, at most 256 maps or 1,024 numbers on one page.

    `scale` says what full colour stands for; single numbers are always compared with each other.
    `order` sorts by number, or by mean, the largest first. `holding` asks for the page with this
    channel. Raises BadRequest for a page there is not.
    """
    values = found.values
    single = values.shape[1:] == (1, 1)
    most = MOST_NUMBERS if single else MOST_MAPS
    ordered = _ordered(values, order)
    pages = max(1, math.ceil(len(ordered) / most))
    if holding is not None and holding in ordered:
        page = ordered.index(holding) // most
    if not 0 <= page < pages:
        raise BadRequest(_no_page(found.layer, page, pages))
    shown = ordered[page * most : (page + 1) * most]
    peak = _peaks(values, "together" if single else scale)[list(shown)]
    tiles, shrunk = _tiles(values[list(shown)], peak)
    canvas, geometry = _laid_out(tiles, shown, NUMBER_COLUMNS if single else None)
    return Sheet(
        use=found.use,
        layer=found.layer,
        kind=found.kind,
        output=found.output,
        grid=(values.shape[1], values.shape[2]),
        png=_encoded(canvas, found.use.warning),
        geometry=_with_band(geometry, found.use.warning),
        count=len(values),
        page=page,
        pages=pages,
        lowest=float(values.min()),
        highest=float(values.max()),
        dead=int(np.count_nonzero(values.max((1, 2)) <= 0)),
        telling=int(values.std((1, 2)).argmax() if not single else values.argmax()),
        shrunk=shrunk,
        note=found.note,
    )


def filters(found: Filters, channel: int | None = None, page: int = 0) -> FilterSheet:
    """Draw the kernels of all outputs, of one input channel or, in a first layer, in colour.

    Full colour is each filter's largest magnitude, over all its channels; of three colours grey
    is 0. Without a channel a first layer comes in colour, another one's channel 0. Raises
    BadRequest for a channel or page there is not.
    """
    outputs, inputs = found.values.shape[:2]
    channel = 0 if channel is None and not found.first else channel
    if channel is not None and not 0 <= channel < inputs:
        raise BadRequest(f"{found.layer} has the input channels 0 to {inputs - 1}, not {channel}.")
    pages = math.ceil(outputs / MOST_MAPS)
    if not 0 <= page < pages:
        raise BadRequest(_no_page(found.layer, page, pages))
    shown = tuple(range(page * MOST_MAPS, min(outputs, (page + 1) * MOST_MAPS)))
    kernels = found.values[list(shown)]
    if channel is None:
        drawn, geometry = _coloured(kernels, shown, found.use.warning)
    else:
        tiles, _ = _tiles(kernels[:, channel], np.abs(kernels).max((1, 2, 3)))
        columns = NUMBER_COLUMNS if kernels.shape[2:] == (1, 1) else None
        canvas, geometry = _laid_out(tiles, shown, columns)
        drawn = _encoded(canvas, found.use.warning)
    return FilterSheet(
        use=found.use,
        layer=found.layer,
        kind=found.kind,
        png=drawn,
        geometry=_with_band(geometry, found.use.warning),
        kernel=(kernels.shape[2], kernels.shape[3]),
        outputs=outputs,
        inputs=inputs,
        groups=found.groups,
        first=found.first,
        page=page,
        pages=pages,
    )


def _no_page(layer: str, page: int, pages: int) -> str:
    known = "one page" if pages == 1 else f"the pages 1 to {pages}"
    return f"{layer} has {known}; there is no page {page + 1}."


def _ordered(values: Floats, order: Order) -> tuple[int, ...]:
    if order == "channel":
        return tuple(range(len(values)))
    means = values.mean((1, 2))
    return tuple(int(each) for each in np.argsort(-means, kind="stable"))


def _peaks(values: Floats, scale: Scale) -> npt.NDArray[np.float32]:
    """What full colour stands for in each channel."""
    peaks = np.maximum(values.max((1, 2)), -values.min((1, 2)))
    return peaks if scale == "channel" else np.full_like(peaks, peaks.max())


def _tiles(values: Floats, peak: npt.NDArray[np.float32]) -> tuple[Indices, int]:
    """Colours of maps (N, H, W) as tiles of whole pixels, and how many pixels were made one."""
    scaled = np.asarray(values / np.maximum(peak, palette.TINY)[:, None, None], np.float32)
    if values.shape[1:] == (1, 1):
        return palette.indices(scaled).repeat(NUMBER_TILE[0], 1).repeat(NUMBER_TILE[1], 2), 1
    room = WIDTH // _columns(len(values)) - GAP
    room = min(LARGEST_TILE, max(SMALLEST_TILE, room))
    largest = max(values.shape[1:])
    shrunk = max(1, math.ceil(largest / (room * LENIENCE)))
    times = max(1, room // largest)
    return palette.indices(_shrunk(scaled, shrunk)).repeat(times, 1).repeat(times, 2), shrunk


def _shrunk(values: Floats, times: int) -> Floats:
    """Means of squares of `times` by `times` pixels; the last ones may be smaller."""
    if times == 1:
        return values
    for axis in (1, 2):
        starts = np.arange(0, values.shape[axis], times)
        counts = np.diff(np.append(starts, values.shape[axis])).astype(np.float32)
        shape = [1, 1, 1]
        shape[axis] = len(counts)
        values = np.divide(
            np.add.reduceat(values, starts, axis), counts.reshape(shape), dtype=np.float32
        )
    return values


def _columns(count: int) -> int:
    return max(1, min(count, math.ceil(math.sqrt(count * ASPECT))))


def _laid_out(
    tiles: Indices, channels: Sequence[int], columns: int | None = None
) -> tuple[Indices, SheetGeometry]:
    """Put tiles on a sheet, each with its number above."""
    count, height, width = tiles.shape[:3]
    columns = min(count, columns or _columns(count))
    across = width + GAP
    digits = round(DIGITS * max(1.0, columns * across / SHOWN))
    label = digits + 3
    down = height + label + GAP
    rows = math.ceil(count / columns)
    canvas = np.full((rows * down + GAP, columns * across + GAP), palette.GROUND, np.uint8)
    for number, channel in enumerate(channels):
        top, left = number // columns * down + GAP, number % columns * across + GAP
        text = palette.written(channel, digits)[:, :width]
        canvas[top - 1 : top - 1 + text.shape[0], left : left + text.shape[1]] = text
        canvas[top + label : top + label + height, left : left + width] = tiles[number]
    geometry = SheetGeometry(
        canvas.shape[0], canvas.shape[1], columns, (height, width), GAP, label, tuple(channels)
    )
    return canvas, geometry


def _coloured(kernels: Floats, shown: tuple[int, ...], warning: str) -> tuple[bytes, SheetGeometry]:
    """Kernels of three input channels as small pictures on a sheet."""
    peak = np.maximum(np.abs(kernels).max((1, 2, 3), keepdims=True), palette.TINY)
    grey = (127.5 * (1 + kernels / peak)).round().astype(np.uint8)
    blank, _ = _tiles(kernels[:, 0] * 0, peak[:, 0, 0, 0])
    canvas, geometry = _laid_out(blank, shown)
    sheet = palette.COLOURS[canvas]
    times = blank.shape[1] // grey.shape[2]
    down, across = geometry.pitch
    for number, kernel in enumerate(grey):
        row, column = divmod(number, geometry.columns)
        top, left = row * down + GAP + geometry.label, column * across + GAP
        tile = kernel.transpose(1, 2, 0).repeat(times, 0).repeat(times, 1)
        sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return png(stamped(sheet, warning)), geometry


def _encoded(canvas: Indices, warning: str) -> bytes:
    if warning:
        canvas = np.concatenate([canvas, palette.band(canvas.shape[1], warning)])
    image = Image.fromarray(np.ascontiguousarray(canvas), "P")
    image.putpalette(palette.COLOURS.tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _with_band(geometry: SheetGeometry, warning: str) -> SheetGeometry:
    """The geometry of a sheet below which the warning stands."""
    if not warning:
        return geometry
    band = palette.band(geometry.width, warning).shape[0]
    return replace(geometry, height=geometry.height + band)
