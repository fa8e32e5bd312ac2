"""Figures about the trust a saliency map deserves, and the sheet of maps to keep."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from explorer.figures import attribution as figures
from explorer.figures import attribution_sheet, style
from explorer.pictures import samples
from explorer.vision import overlay
from explorer.vision.attribution_records import Attribution, Curves, Randomisation, Step
from explorer.vision.records import Box, NetworkUse

ONES = np.ones((4, 4), np.float32)


def made(values: Any = ONES, *, random: bool = False, name: str = "tabby") -> Attribution:
    """A map of a network that need not exist, over the whole of a sample."""
    use = NetworkUse("net", "Net", "w", "Weights", random, "cpu")
    picture = samples.accepted("coffee")
    window = Box(0, 0, picture.height, picture.width)
    return Attribution(
        use, "gradcam", 1, name, 0.25, "layer4", "", values, window, 0.1, 1, None, ()
    )


STEPS = (
    Step("fc", 0.8, 0.7, ONES),
    Step("conv2", None, 0.4, ONES),
    Step("conv1", -0.3, None, ONES),
)
FORGOTTEN = Randomisation(made(), STEPS, "It depends.")
CURVES = Curves(
    (0.0, 0.5, 1.0), (0.1, 0.6, 0.9), (0.9, 0.2, 0.05), 0.55, 0.3375, 0.4, 0.4, "They matter."
)


def test_randomisation_starts_at_the_trained_network() -> None:
    """The trained map is like itself; then the steps, output first; gaps where none can be said."""
    rank, structural = figures.randomisation(FORGOTTEN).data
    assert list(rank.y) == [1.0, 0.8, None, -0.3]
    assert list(structural.y) == [1.0, 0.7, 0.4, None]
    assert list(rank.customdata) == ["trained", "fc", "conv2", "conv1"]
    assert not rank.connectgaps
    assert rank.marker.symbol != structural.marker.symbol


def test_the_axis_reaches_below_zero_where_a_map_turns_around() -> None:
    """Correlations can be negative; without one the axis starts just below zero."""
    low = figures.randomisation(FORGOTTEN).layout.yaxis.range
    assert low[0] <= -0.3
    assert low[1] >= 1
    positive = Randomisation(made(), STEPS[:1], "")
    assert -0.1 < figures.randomisation(positive).layout.yaxis.range[0] < 0


def test_many_layers_do_not_crowd_the_axis() -> None:
    """Of a hundred steps every one is drawn and only some are named."""
    steps = tuple(Step(f"layer{number}", 0.1, 0.1, ONES) for number in range(100))
    figure = figures.randomisation(Randomisation(made(), steps, ""))
    assert len(figure.data[0].x) == 101
    assert len(figure.layout.xaxis.ticktext) <= figures.MOST_TICKS
    assert figure.layout.xaxis.ticktext[0] == "trained"


def test_curves_say_their_areas() -> None:
    """Shares of the pixels in per cent against the probability, the area in the name."""
    insertion, deletion = figures.curves(CURVES).data
    assert list(insertion.x) == [0, 50, 100]
    assert list(insertion.y) == [0.1, 0.6, 0.9]
    assert list(deletion.y) == [0.9, 0.2, 0.05]
    assert "0.55" in insertion.name
    assert "0.34" in deletion.name
    assert insertion.line.dash != deletion.line.dash


def test_rows_are_the_figures_numbers() -> None:
    """The table beneath each figure holds what is drawn."""
    assert figures.randomisation_rows(FORGOTTEN)[2] == {
        "random down to": "conv2", "rank correlation": None, "similarity": 0.4,
    }  # fmt: skip
    assert figures.curve_rows(CURVES)[1] == {"pixels %": 50, "insertion": 0.6, "deletion": 0.2}


def test_backgrounds_are_clear() -> None:
    """The same figure serves the light and the dark theme."""
    for figure in (figures.randomisation(FORGOTTEN), figures.curves(CURVES)):
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == style.CLEAR


def sheet(maps: list[Attribution], **how: Any) -> np.ndarray:
    """The pixels of a sheet."""
    data = attribution_sheet.sheet(maps, samples.accepted("coffee"), [1.0] * len(maps), **how)
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


@pytest.mark.parametrize(
    ("classes", "methods", "rows", "across"),
    [(1, 1, 1, 1), (1, 5, 1, 5), (2, 3, 2, 3), (4, 1, 1, 4), (5, 1, 2, 4), (1, 7, 2, 4)],
)
def test_a_sheet_has_room_for_all_maps(classes: int, methods: int, rows: int, across: int) -> None:
    """The coffee cup is 600 by 400: 480 by 320 each; a row of methods for each class."""
    maps = [
        dataclasses.replace(made(), target=number)
        for number in range(classes)
        for _ in range(methods)
    ]
    height, width, _ = sheet(maps).shape
    assert width == 16 + across * (480 + 16)
    assert height > rows * 320
    assert height < (rows + 1) * 320


def test_a_sheet_shows_the_maps_and_their_words() -> None:
    """A map of ones is at the scale's end; below it stand words, which differ with the class."""
    one, other = sheet([made()], strength=1.0), sheet([made(name="tench")], strength=1.0)
    assert tuple(one[100, 200]) == overlay.DIVERGING[-1]
    below = slice(16 + 320, 16 + 320 + 40)
    assert (one[below] < 128).any()
    assert (one[below] != other[below]).any()
    assert (one[: below.start] == other[: below.start]).all()


def test_random_weights_stand_on_the_sheet() -> None:
    """The band of the maps is on the sheet too."""
    band = (180, 83, 9)
    assert (sheet([made(random=True)]) == band).all(-1).sum() > 1000
    assert not (sheet([made()]) == band).all(-1).any()


def test_long_words_are_cut_to_the_map() -> None:
    """A long name ends in an ellipsis instead of running into the next map."""
    long = [made(name="an uncommonly long name of a class " * 4), made(name="x")]
    pixels = sheet(long)
    between = slice(16 + 480 + 1, 16 + 480 + 15)
    assert (pixels[:380, between] == 255).all()
