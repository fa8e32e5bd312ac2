"""All channels on one sheet: where each tile stands, what its colours say, how fast it is made."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from PIL import Image

from explorer.errors import BadRequest
from explorer.vision import montage, palette
from explorer.vision.activation_records import Activations, Filters
from explorer.vision.records import Box, NetworkUse

LEARNED = NetworkUse("net", "Net", "V1", "ImageNet", random=False, device="cpu")
RANDOM = NetworkUse("net", "Net", "random", "Random weights", random=True, device="cpu")


def maps(values: np.ndarray, use: NetworkUse = LEARNED) -> Activations:
    """A layer with these values (C, H, W)."""
    box = Box(0, 0, 10, 10)
    return Activations(use, "conv", "Conv2d", (1, *values.shape), values, box, None)


def rgb(png: bytes) -> np.ndarray:
    """The pixels of a PNG."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def tile(png: bytes, sheet: object, channel: int) -> np.ndarray:
    """The pixels of one channel's tile, found by hand from the geometry's definition."""
    geometry = sheet.geometry  # type: ignore[attr-defined]
    row, column = divmod(geometry.channels.index(channel), geometry.columns)
    height, width = geometry.tile
    top = geometry.gap + row * (height + geometry.label + geometry.gap) + geometry.label
    left = geometry.gap + column * (width + geometry.gap)
    return rgb(png)[top : top + height, left : left + width]


def test_each_unit_is_a_square_of_whole_pixels() -> None:
    """A map of 7 by 7 is enlarged by repeating: each unit has one colour and sharp edges."""
    values = np.random.default_rng(0).random((64, 7, 7), np.float32)
    sheet = montage.sheet(maps(values))
    found = tile(sheet.png, sheet, 37)
    times = found.shape[0] // 7
    assert times >= 10
    assert np.array_equal(found, found[::times, ::times].repeat(times, 0).repeat(times, 1))
    brightness = found[::times, ::times].astype(int).sum(2)
    assert np.array_equal(brightness.argmax(), values[37].argmax())


def test_a_click_finds_its_channel() -> None:
    """The middle of each tile leads to its channel, and the box of the channel back to it."""
    values = np.random.default_rng(0).random((50, 5, 9), np.float32)
    geometry = montage.sheet(maps(values), order="activation").geometry
    assert sorted(geometry.channels) == list(range(50))
    for channel in range(50):
        box = geometry.box(channel)
        assert box is not None
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        assert geometry.channel_at(x, y) == channel
    assert geometry.channel_at(0.999, 0.999) is None
    assert geometry.box(77) is None


def test_arrow_keys_step_from_tile_to_tile() -> None:
    """One step to the right from channel 0 is channel 1, one down is the next row's first."""
    values = np.ones((50, 5, 5), np.float32)
    geometry = montage.sheet(maps(values)).geometry
    box = geometry.box(0)
    assert box is not None
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    right, down = geometry.step
    assert geometry.channel_at(x + right, y) == 1
    assert geometry.channel_at(x, y + down) == geometry.columns


def test_scales() -> None:
    """By itself each channel reaches full colour; together only the largest one does."""
    values = np.stack([np.full((4, 4), 1.0), np.full((4, 4), 10.0)]).astype(np.float32)
    full = palette.COLOURS[2 * palette.ZERO]
    alone, together = montage.sheet(maps(values)), montage.sheet(maps(values), scale="together")
    assert np.array_equal(tile(alone.png, alone, 0)[0, 0], full)
    assert np.array_equal(tile(together.png, together, 1)[0, 0], full)
    tenth = palette.COLOURS[palette.ZERO + round(palette.ZERO / 10)]
    assert np.array_equal(tile(together.png, together, 0)[0, 0], tenth)


def test_signs_have_colours_of_their_own() -> None:
    """Above 0 red outweighs blue, below it is the other way round, and 0 is nearly black."""
    values = np.array([[[3.0, -3.0, 0.0]]], np.float32)
    sheet = montage.sheet(maps(values))
    warm, cold, zero = tile(sheet.png, sheet, 0)[0, :: sheet.geometry.tile[1] // 3][:3].astype(int)
    assert warm[0] > warm[2]
    assert cold[2] > cold[0]
    assert zero.max() < 16


def test_order_and_dead_channels() -> None:
    """The largest mean first; a channel that is nowhere above 0 is dead."""
    values = np.stack([np.full((2, 2), each, np.float32) for each in (1.0, 0.0, 3.0, -2.0)])
    sheet = montage.sheet(maps(values), order="activation")
    assert sheet.geometry.channels == (2, 0, 1, 3)
    assert sheet.dead == 2
    assert (sheet.lowest, sheet.highest) == (-2.0, 3.0)


def test_pages() -> None:
    """600 maps are three pages; the page of a channel is found; a fourth is refused."""
    found = maps(np.zeros((600, 3, 3), np.float32))
    assert montage.sheet(found).pages == 3
    assert montage.sheet(found, page=2).geometry.channels == tuple(range(512, 600))
    assert montage.sheet(found, holding=300).page == 1
    with pytest.raises(BadRequest, match="pages 1 to 3; there is no page 4"):
        montage.sheet(found, page=3)


def test_single_numbers_are_compared_with_each_other() -> None:
    """A vector has a cell for each number, a thousand on one page."""
    values = np.linspace(0, 1, 1000, dtype=np.float32).reshape(1000, 1, 1)
    sheet = montage.sheet(maps(values))
    assert (sheet.pages, sheet.grid, sheet.telling) == (1, (1, 1), 999)
    first, last = (tile(sheet.png, sheet, each)[0, 0].astype(int).sum() for each in (1, 999))
    assert first < last


def test_what_is_averaged_is_said() -> None:
    """Maps of 224 by 224 do not fit: squares are averaged, and their mean is kept."""
    values = np.zeros((64, 224, 224), np.float32)
    values[0, :2, :2] = ((4.0, 0.0), (0.0, 0.0))
    sheet = montage.sheet(maps(values))
    assert sheet.shrunk == 2
    quarter = palette.COLOURS[palette.ZERO + round(palette.ZERO / 4)]
    assert np.array_equal(tile(sheet.png, sheet, 0)[0, 0], quarter)


def test_random_weights_stand_on_the_sheet() -> None:
    """A band below the tiles; clicks above it still find their channels."""
    values = np.ones((12, 6, 6), np.float32)
    plain, marked = montage.sheet(maps(values)), montage.sheet(maps(values, RANDOM))
    band = rgb(marked.png)[plain.geometry.height :]
    assert band.shape[0] > 10
    assert np.array_equal(band[0, 0], (180, 83, 9))
    assert rgb(marked.png).shape[:2] == (marked.geometry.height, marked.geometry.width)
    box = marked.geometry.box(7)
    assert box is not None
    assert marked.geometry.channel_at(box.left + 0.01, (box.top + box.bottom) / 2) == 7


def test_numbers_that_are_none() -> None:
    """NaN and infinity are drawn, not raised."""
    values = np.array([[[np.nan, 1.0]], [[-1.0, 0.5]]], np.float32)
    assert montage.sheet(maps(values)).png.startswith(b"\x89PNG")


@pytest.mark.parametrize(("channels", "side"), [(64, 112), (256, 56), (256, 7)])
def test_a_sheet_is_made_in_sixty_milliseconds(channels: int, side: int) -> None:
    """64 and 256 channels of noise; processor time, for the machine may be busy."""
    found = maps(np.random.default_rng(0).random((channels, side, side), np.float32))
    times = []
    for _ in range(5):
        start = time.process_time()
        montage.sheet(found)
        times.append(time.process_time() - start)
    assert min(times) < 0.06


def test_filters_in_colour() -> None:
    """A red filter is red, its opposite is what red lacks, and grey is 0."""
    values = np.zeros((3, 3, 2, 2), np.float32)
    values[0, 0] = 5.0
    values[1, 0] = -5.0
    sheet = montage.filters(Filters(LEARNED, "conv", "Conv2d", values, 1, first=True))
    assert tuple(tile(sheet.png, sheet, 0)[0, 0]) == (255, 128, 128)
    assert tuple(tile(sheet.png, sheet, 1)[0, 0]) == (0, 128, 128)
    assert tuple(tile(sheet.png, sheet, 2)[0, 0]) == (128, 128, 128)


def test_filters_of_one_input_channel() -> None:
    """Full colour is the filter's largest weight in any of its channels."""
    values = np.zeros((2, 4, 3, 3), np.float32)
    values[0, 1, 0, 0], values[0, 2, 0, 0] = 2.0, -4.0
    found = Filters(LEARNED, "conv", "Conv2d", values, 1, first=False)
    half = montage.filters(found, 1)
    assert np.array_equal(
        tile(half.png, half, 0)[0, 0], palette.COLOURS[palette.ZERO + palette.ZERO // 2 + 1]
    )
    with pytest.raises(BadRequest, match="input channels 0 to 3, not 4"):
        montage.filters(found, 4)
