"""What the window slides over: a small grid of numbers to type in, or a shrunken picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.convolution import patterns, small
from explorer.errors import BadRequest
from explorer.ui import convolution_editor, convolution_knobs, picture

if TYPE_CHECKING:
    from explorer.convolution.records import Array

PICTURE = "picture"
SMALLEST, LARGEST, USUAL = 3, 12, 7

_SIDES = {
    "16": "16 pixels",
    "24": "24 pixels",
    "32": "32 pixels",
    "48": "48 pixels",
    "64": "64 pixels",
}
_COLOURS = {"grey": "Grey", "rgb": "RGB"}
_RGB = ("red", "green", "blue")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The input (C, H, W), what its channels are called, and whether it is a picture (0 to 1)."""

    values: Array
    names: tuple[str, ...]
    is_picture: bool


def knobs(*, channels: int = 1) -> tuple[str, int, int, int]:
    """Draw what to slide over, and how large: source, channels, height and width (or side)."""
    titles = {each.name: each.title for each in patterns.PATTERNS} | {PICTURE: "A picture"}
    source = convolution_knobs.word("Input", "input", titles, "edge", width=150)
    if source == PICTURE:
        side = int(convolution_knobs.word("Shrunk to", "side", _SIDES, "32", width=120))
        default = "rgb" if channels > 1 else "grey"
        name = "colours" if channels > 1 else "colour"
        colour = convolution_knobs.word("Colours", name, _COLOURS, default, width=100)
        return source, 3 if colour == "rgb" else 1, side, side
    height = convolution_knobs.whole("Height", "rows", SMALLEST, LARGEST, USUAL)
    width = convolution_knobs.whole("Width", "columns", SMALLEST, LARGEST, USUAL)
    name = "mix" if channels > 1 else "channels"
    count = convolution_knobs.whole(
        "Channels", name, 1, 3, channels, help_="The second is mirrored, the third upside down"
    )
    return source, count, height, width


def take(source: str, channels: int, height: int, width: int, *, table: str = "grid") -> Chosen:
    """Draw the picture's chooser or the table of numbers, and return the input.

    `table` is the name under which the numbers stand in the address.
    """
    if source == PICTURE:
        return _picture(height, grey=channels == 1)
    names = ("",) if channels == 1 else tuple(f"channel {each + 1}" for each in range(channels))
    drawn = patterns.grid(source, channels, height, width)
    rows = [f"{name} {row + 1}".strip() for name in names for row in range(height)]
    with st.expander("Change the input's numbers", icon=":material/edit:", key="conv_input_box"):
        values = convolution_editor.edited(table, source, drawn, rows)
    return Chosen(values, names, is_picture=False)


def _picture(side: int, *, grey: bool) -> Chosen:
    chosen = picture.choose()
    if chosen is None:
        raise BadRequest("There is no picture to slide over: choose one, or a pattern.")
    values = small.shrink(chosen, side, grey=grey)
    return Chosen(values, ("",) if grey else _RGB, is_picture=True)
