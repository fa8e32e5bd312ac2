"""Designs on one line: what is written is read again, and nonsense is told by its row."""

from __future__ import annotations

import random

import pytest

from explorer.blocks.presets import PRESETS
from explorer.blocks.table import KINDS, MOST_ROWS, Row, row
from explorer.blocks.text import (
    LONGEST,
    blueprint,
    read,
    read_shape,
    split,
    written,
    written_shape,
)
from explorer.errors import BadDesign


@pytest.mark.parametrize("name", PRESETS)
def test_presets_come_back(name: str) -> None:
    """Rows and input, through text and back."""
    preset = PRESETS[name]
    text = written(preset.rows)
    assert blueprint(name, written_shape(preset.shape), text) == preset
    assert written(read(text)) == text


def test_any_row_comes_back() -> None:
    """Every kind with settings drawn by chance within their ranges."""
    chance = random.Random(4)

    def value(knob: object) -> object:
        name, choices = getattr(knob, "name", ""), getattr(knob, "choices", ())
        if choices:
            return chance.choice(choices)
        if name in ("kernel", "padding") and isinstance(getattr(knob, "default", 0), str):
            return chance.choice(["1", "5", "1x7", "3x1"])
        low, high = getattr(knob, "low", 0), getattr(knob, "high", 0)
        return chance.randint(int(low), int(high)) if getattr(knob, "whole", False) else 0.25

    for _ in range(20):
        rows = tuple(row(k.name, **{n.name: value(n) for n in k.knobs}) for k in KINDS.values())
        assert read(written(rows)) == rows


def test_it_may_be_written_by_hand() -> None:
    """The first setting without its name, spaces and empty rows wherever."""
    assert read("  conv   6  kernel=5;; max pool ;\nlinear 10;") == (
        Row("conv", (("channels", 6), ("kernel", "5"))),
        Row("max pool"),
        Row("linear"),
    )
    assert read("") == ()


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("conv 6; convolve 3", 1, "There is no layer 'convolve 3'"),
        ("conv 6 7", 0, "'7' after conv needs a name"),
        ("flatten; flatten 3", 1, "'3' after flatten needs a name"),
        ("conv 6 channels=7", 0, "Convolution has channels twice"),
        ("conv kernel=", 0, "Channels is a whole number"),
        ("conv __class__=3", 0, "Convolution has no setting '__class__'"),
        ("conv kind=3", 0, "Convolution has no setting 'kind'"),
        ("linear 10; " + "x" * 500, 1, "There is no layer"),
        ("<script>alert(1)</script>", 0, "There is no layer"),
        ("conv\x00 6", 0, None),
        ("conv 6\u202e", 0, None),
    ],
)
def test_nonsense_is_told_by_its_row(text: str, place: int, words: str | None) -> None:
    """One sentence; what cannot be seen counts as a space."""
    if words is None:
        assert read(text) == (Row("conv", (("channels", 6),)),)
        return
    with pytest.raises(BadDesign, match=words) as caught:
        read(text)
    assert caught.value.place == (place,)
    assert len(str(caught.value)) < 300


def test_too_much_is_refused() -> None:
    """More rows than a table has, more characters than any table takes."""
    with pytest.raises(BadDesign, match="at most 64 rows; this one has 65"):
        split("flatten;" * (MOST_ROWS + 1))
    with pytest.raises(BadDesign, match=f"at most {LONGEST} characters"):
        split("x" * (LONGEST + 1))


@pytest.mark.parametrize("text", ["3x32", "3x32x32x1", "axbxc", "", "3x-1x4", "3x٣x3", "1" * 99])
def test_what_is_no_input(text: str) -> None:
    """The sentence says how one is written."""
    with pytest.raises(BadDesign, match="channels x height x width"):
        read_shape(text)


@pytest.mark.parametrize("text", ["0x32x32", "3x1025x3", "4097x1x1"])
def test_inputs_out_of_range(text: str) -> None:
    """The sentence says the range."""
    with pytest.raises(BadDesign, match="1 to 4096 channels"):
        read_shape(text)


def test_inputs_come_back() -> None:
    """With the multiplication sign too."""
    assert read_shape(written_shape((3, 32, 48))) == read_shape("3×32 × 48") == (3, 32, 48)
