"""Maps lie where the network looked, on one scale, and say what they must."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from explorer.errors import BadRequest
from explorer.pictures.intake import accept
from explorer.vision import overlay as drawing
from explorer.vision.attribution_records import Attribution
from explorer.vision.records import Box, NetworkUse

if TYPE_CHECKING:
    from explorer.pictures.records import Picture

GREY = 128


def picture(height: int, width: int) -> Picture:
    """A grey picture without a detail that could be mistaken for a map."""
    buffer = io.BytesIO()
    Image.fromarray(np.full((height, width, 3), GREY, np.uint8)).save(buffer, "PNG")
    return accept(buffer.getvalue(), "grey.png")


def attribution(
    values: Any, window: Box, *, random: bool = False, method: str = "m"
) -> Attribution:
    """A map of a network that need not exist."""
    use = NetworkUse("net", "Net", "random" if random else "w", "W", random, "cpu")
    map_ = np.asarray(values, dtype=np.float32)
    return Attribution(use, method, 0, "cat", 0.5, "", "", map_, window, 0.1, 1, None, ())


def opened(data: bytes) -> Any:
    """The pixels of a PNG, signed so that they can be subtracted."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_the_limit_is_the_percentile_of_all_maps_together() -> None:
    """Of 100 absolute values 1 to 100, numpy's own 99th percentile of their union."""
    one = attribution(np.arange(1, 51).reshape(5, 10), Box(0, 0, 1, 1), method="a")
    two = attribution(-np.arange(51, 101).reshape(5, 10), Box(0, 0, 1, 1), method="b")
    everything = float(np.percentile(np.arange(1, 101), 99))
    assert drawing.limits([one, two]) == pytest.approx((everything, everything))
    alone = [float(np.percentile(np.arange(*ends), 99)) for ends in ((1, 51), (51, 101))]
    assert drawing.limits([one, two], sharing="method") == pytest.approx(alone)
    assert drawing.limits([one, one], sharing="map") == pytest.approx([alone[0]] * 2)


def test_sparse_blank_and_broken_maps_have_a_limit() -> None:
    """One value among zeros is drawn at its own strength; NaN counts for nothing."""
    sparse = np.zeros((40, 40))
    sparse[3, 3] = -7
    box = Box(0, 0, 1, 1)
    broken = sparse + np.where(np.arange(40) == 9, np.nan, 0)
    assert drawing.limits([attribution(sparse, box)]) == (7,)
    assert drawing.limits([attribution(broken, box)]) == (7,)
    assert drawing.limits([attribution(np.zeros((4, 4)), box)]) == (0,)
    assert drawing.limits([]) == ()


def test_the_map_lies_in_its_window() -> None:
    """A network that sees the middle square of a wide picture: colour there, dimmed beside."""
    shown = attribution(np.ones((4, 4)), Box(0, 100, 100, 200))
    pixels = opened(drawing.overlay(shown, picture(100, 300), limit=1, longest=300))
    assert pixels.shape == (100, 300, 3)
    colourful = np.ptp(pixels, axis=2) > 30
    assert colourful[:, 101:199].all()
    assert not colourful[:, :99].any()
    assert not colourful[:, 201:].any()
    assert (pixels[:, :99] > GREY).all()


def test_signs_have_their_colours_and_strength_its_share() -> None:
    """Negative is blue, positive red, absolute both alike; strength 0 leaves the photograph."""
    values = np.concatenate([-np.ones((4, 2)), np.ones((4, 2))], axis=1)
    shown, grey = attribution(values, Box(0, 0, 64, 64)), picture(64, 64)
    pixels = opened(drawing.overlay(shown, grey, limit=1, strength=1, longest=64))
    assert tuple(pixels[32, 4]) == drawing.DIVERGING[0]
    assert tuple(pixels[32, 60]) == drawing.DIVERGING[-1]
    absolute = opened(drawing.overlay(shown, grey, limit=1, strength=1, signed=False, longest=64))
    assert tuple(absolute[32, 4]) == tuple(absolute[32, 60]) == drawing.SEQUENTIAL[-1]
    plain = opened(drawing.overlay(shown, grey, limit=1, strength=0, longest=64))
    assert (plain == GREY).all()


def test_half_the_limit_covers_half() -> None:
    """A value of 0.5 on a limit of 1 mixes its colour and the photograph in equal parts."""
    shown = attribution(np.full((4, 4), 0.5), Box(0, 0, 64, 64))
    pixels = opened(drawing.overlay(shown, picture(64, 64), limit=1, strength=1, longest=64))
    colour = np.array(drawing.DIVERGING[3])
    assert np.abs(pixels[32, 32] - (colour + GREY) / 2).max() <= 1


def test_random_weights_stand_on_the_picture() -> None:
    """A band is added below, whatever the map shows."""
    window, grey = Box(0, 0, 64, 64), picture(64, 64)
    sure = opened(drawing.overlay(attribution(np.ones((4, 4)), window), grey, limit=1))
    stamped = opened(
        drawing.overlay(attribution(np.ones((4, 4)), window, random=True), grey, limit=1)
    )
    assert sure.shape[0] == drawing.LONGEST < stamped.shape[0]
    alone = opened(drawing.alone(attribution(np.ones((4, 4)), window, random=True), limit=1))
    assert alone.shape[0] > 448


def test_a_map_alone_keeps_its_proportions() -> None:
    """Twice as wide as high stays so, and the bar runs from blue to red."""
    alone = opened(drawing.alone(attribution(np.ones((4, 8)), Box(0, 0, 1, 1)), limit=1))
    assert alone.shape == (224, 448, 3)
    bar = opened(drawing.colour_bar())
    assert tuple(bar[0, 0]) == drawing.DIVERGING[0]
    assert tuple(bar[0, -1]) == drawing.DIVERGING[-1]


def test_numbers_outside_their_range_are_one_sentence() -> None:
    """Strength and percentile."""
    shown = attribution(np.ones((2, 2)), Box(0, 0, 8, 8))
    with pytest.raises(BadRequest, match="strength lies between 0 and 1, not at 2"):
        drawing.overlay(shown, picture(8, 8), limit=1, strength=2)
    with pytest.raises(BadRequest, match="between 50 and 100, not at 5"):
        drawing.limits([shown], clip=5)
