"""What the window slides over: a small grid of numbers to type in, or a shrunken picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.convolution import patterns, small
from explorer.errors import BadRequest
from explorer.ui import convolution_editor, convolution_knobs, picture

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.convolution.records import Array

PICTURE = "picture"
SMALLEST, LARGEST, USUAL = 3, 12, 7
MOST_CHANNELS = 3

_SIDES = {
    "16": "16 pixels",
    "24": "24 pixels",
    "32": "32 pixels",
    "48": "48 pixels",
    "64": "64 pixels",
}
_TURNED = "The second is the first mirrored, the third upside down"
_COLOURS = {"grey": "Grey", "rgb": "RGB"}
_RGB = ("red", "green", "blue")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The input (C, H, W), what its channels are called, and whether it is a picture (0 to 1)."""

    values: Array
    names: tuple[str, ...]
    is_picture: bool


def knobs(more: DeltaGenerator) -> tuple[str, int, int, int]:
    """Draw what to slide over, and how large: source, channels, height and width (or side).

    The number of channels goes into `more`.
    """
    source = _source("input", "edge")
    if source == PICTURE:
        return source, *_shrunk("colour", "grey")
    height = convolution_knobs.whole("Height", "rows", SMALLEST, LARGEST, USUAL)
    width = convolution_knobs.whole("Width", "columns", SMALLEST, LARGEST, USUAL)
    with more:
        count = convolution_knobs.whole(
            "Channels in", "channels", 1, MOST_CHANNELS, 1, help_=_TURNED
        )
    return source, count, height, width


def knobs_for_mixing() -> tuple[str, int, int, int]:
    """Draw the same where there are three channels to mix: a picture in colours to begin with."""
    source = _source("mixinput", PICTURE)
    if source == PICTURE:
        return source, *_shrunk("mixcolour", "rgb")
    side = convolution_knobs.whole("Side", "mixside", SMALLEST, LARGEST, USUAL)
    return source, MOST_CHANNELS, side, side


def _source(name: str, default: str) -> str:
    titles = {each.name: each.title for each in patterns.PATTERNS} | {PICTURE: "A picture"}
    return convolution_knobs.word("Input", name, titles, default, width=140)


def _shrunk(name: str, default: str) -> tuple[int, int, int]:
    side = int(convolution_knobs.word("Shrunk to", "side", _SIDES, "32", width=120))
    colour = convolution_knobs.word("Colours", name, _COLOURS, default, width=100)
    return 3 if colour == "rgb" else 1, side, side


def take(
    asked: tuple[str, int, int, int],
    above: DeltaGenerator,
    below: DeltaGenerator,
    *,
    table: str = "grid",
) -> Chosen:
    """Draw the picture's chooser above, or the table of numbers below, and return the input.

    `asked` is what the knobs say, `table` the name under which the numbers stand in the address.
    """
    source, channels, height, width = asked
    if source == PICTURE:
        with above:
            return _picture(height, grey=channels == 1)
    names = ("",) if channels == 1 else tuple(f"channel {each + 1}" for each in range(channels))
    drawn = patterns.grid(source, channels, height, width)
    rows = [f"{name} {row + 1}".strip() for name in names for row in range(height)]
    with (
        below,
        st.expander("Change the input's numbers", icon=":material/edit:", key="conv_input_box"),
    ):
        values = convolution_editor.edited(table, source, drawn, rows)
    return Chosen(values, names, is_picture=False)


def _picture(side: int, *, grey: bool) -> Chosen:
    chosen = picture.choose()
    if chosen is None:
        raise BadRequest("There is no picture to slide over: choose one, or a pattern.")
    values = small.shrink(chosen, side, grey=grey)
    return Chosen(values, ("",) if grey else _RGB, is_picture=True)
