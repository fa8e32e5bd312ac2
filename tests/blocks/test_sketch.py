"""Rows while they are typed: shown as cells, changed cell by cell, never lost."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.blocks import sketch
from explorer.blocks.presets import PRESETS
from explorer.blocks.table import KINDS
from explorer.blocks.text import read
from explorer.errors import BadDesign

HOSTILE = (
    "foo 3", "conv 6 7", "conv channels=abc", "conv kernel=x stride=0", "dense growth=z", "conv =",
    "linear 10 10", "conv activation=relu", "max pool 2 2", "=", "flatten 1", "conv a=b=c",
)  # fmt: skip


def told(line: str) -> dict[str, Any]:
    """The cells that are not empty."""
    return {name: value for name, value in sketch.cells(line).items() if value is not None}


def test_cells_show_what_concerns_the_row() -> None:
    """The kind's own values too; features stand where channels do, other settings under more."""
    assert told("conv 6 kernel=5 dilation=2") == {
        "layer": "Convolution", "channels": 6, "kernel": "5", "stride": 1, "padding": "same",
        "norm": "none", "activation": "ReLU", "more": "dilation=2",
    }  # fmt: skip
    assert told("flatten") == {"layer": "Flatten"}
    assert told("linear 120 expects=400") == {
        "layer": "Fully connected", "channels": 120, "activation": "none", "more": "expects=400",
    }  # fmt: skip
    assert told("dense growth=8") == {"layer": "Dense block", "more": "layers=4 growth=8"}


@pytest.mark.parametrize(
    ("line", "typed", "expected"),
    [
        ("conv 6 kernel=5", {"channels": 12}, "conv 12 kernel=5"),
        ("conv 6 kernel=5", {"kernel": " 1 x 7 "}, "conv 6 kernel=1x7"),
        ("conv 6 kernel=5", {"kernel": None}, "conv 6"),
        ("conv 6 kernel=5", {"channels": 32.0, "stride": 2}, "conv kernel=5 stride=2"),
        ("flatten", {"stride": 3, "kernel": "5"}, "flatten"),
        ("linear 120", {"channels": 84}, "linear 84"),
        ("dense", {"more": "growth=8  layers=2"}, "dense 2 growth=8"),
        ("dense 2 growth=8", {"more": ""}, "dense"),
        ("conv 6", {"more": "dilation=2 groups=3"}, "conv 6 dilation=2 groups=3"),
        ("conv 6 dilation=2", {"more": None}, "conv 6"),
        ("conv 6 kernel=5", {"more": "kernel=7"}, "conv 6 kernel=7"),
        ("conv 6 kernel=5", {"layer": "Max pooling"}, "max pool 5"),
        ("conv 6 activation=tanh", {"layer": "Fully connected"}, "linear 6 activation=tanh"),
        ("linear 120 expects=400", {"layer": "Residual block"}, "residual 120"),
        ("", {"layer": "Dropout"}, "dropout"),
        ("", {}, ""),
        ("foo 3", {"layer": "Convolution", "more": "8"}, "conv 8"),
        ("conv 6", {"layer": None}, "conv 6"),
    ],
)
def test_typing_changes_the_row(line: str, typed: dict[str, Any], expected: str) -> None:
    """Cells that do not concern the row are ignored; an emptied one is the kind's own again."""
    assert sketch.changed(line, typed) == expected


@pytest.mark.parametrize("line", HOSTILE)
def test_what_is_wrong_is_kept(line: str) -> None:
    """Nothing typed is lost: all of it stands in some cell, and typing nothing keeps the row."""
    shown = " ".join(str(value) for value in told(line).values())
    kind_words = len(KINDS["max pool"].name.split()) if line.startswith("max pool") else 1
    words = line.split()[0 if not told(line).get("layer") else kind_words :]
    for word in words:
        assert word.rpartition("=")[2] in shown, word
    rows, wrong = sketch.readable([line])
    assert rows == ()
    assert wrong is not None
    assert sketch.readable([sketch.changed(line, {})])[1] is not None


@pytest.mark.parametrize("name", PRESETS)
def test_presets_stay_when_their_own_cells_are_typed(name: str) -> None:
    """Cells say all there is to a row."""
    for line in sketch.of(PRESETS[name]).lines:
        empty = sketch.changed("", {"layer": sketch.cells(line)["layer"]})
        assert sketch.changed(empty, sketch.cells(line)) == line


def test_what_parts_rows_cannot_be_typed_into_a_cell() -> None:
    """Semicolons and line ends are spaces, so that a cell stays a cell in the link."""
    line = sketch.changed("conv 6", {"kernel": "3; linear 5\nflatten"})
    assert ";" not in line
    assert "\n" not in line
    assert sketch.readable([line])[1] is not None


def test_rows_are_read_up_to_the_first_wrong_one() -> None:
    """With its number; a finished design raises it."""
    lines = ("conv 6", "foo", "linear")
    rows, wrong = sketch.readable(lines)
    assert (rows, wrong.place if wrong else None) == (read("conv 6"), (1,))
    with pytest.raises(BadDesign, match="There is no layer 'foo'"):
        sketch.finished(sketch.Sketch("Mine", (3, 8, 8), lines))
    assert sketch.readable(["flatten"] * 65)[1] is not None
