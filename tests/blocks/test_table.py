"""Rows of the table: settings checked, spelled one way, and expanded to parts."""

from __future__ import annotations

import pytest

from explorer.blocks.parts import Conv, DepthwiseConv, Linear, Pool
from explorer.blocks.table import KINDS, MOST_ROWS, Row, pair, parts_of, row
from explorer.errors import BadDesign


def test_a_row_keeps_what_differs() -> None:
    """The kind's own values are left out; the order is the kind's, whatever was typed first."""
    made = row("conv", stride="2", kernel="3x3", channels=16, padding="SAME", activation="ReLU")
    assert made == Row("conv", (("channels", 16), ("stride", 2)))
    assert (made.value("channels"), made.value("kernel"), made.value("growth")) == (16, "3", None)


@pytest.mark.parametrize(
    ("typed", "spelled"), [("5", "5"), (" 1 X 7", "1x7"), ("7×7", "7"), ("03", None), (3, None)]
)
def test_windows_are_spelled_one_way(typed: object, spelled: str | None) -> None:
    """One number where both sides agree; 3 is a convolution's own kernel and is left out."""
    assert dict(row("conv", kernel=typed).settings).get("kernel") == spelled


def test_rows_become_parts() -> None:
    """Pairs, "same", no bias before a normalisation, and 0 for what is not said."""
    rows = [
        row("conv", channels=8, kernel="1x7", padding="0x3", norm="batch"),
        row("depthwise", kernel=5),
        row("max pool", kernel=3, stride=2, padding=1),
        row("linear", features=10, expects=400),
    ]
    assert [part for each in parts_of(rows, 3) for part in each] == [
        Conv(8, (1, 7), 1, (0, 3), bias=False, norm="batch", activation="ReLU"),
        DepthwiseConv((5, 5), activation="ReLU"),
        Pool("max", (3, 3), 2, (1, 1)),
        Linear(10, 400),
    ]


@pytest.mark.parametrize(
    ("kind", "settings", "words"),
    [
        ("convolve", {}, "There is no layer 'convolve'"),
        ("conv", {"growth": 3}, "Convolution has no setting 'growth'; it has channels, kernel"),
        ("flatten", {"stride": 3}, "Flatten has no setting 'stride'; it has none"),
        ("conv", {"channels": 0}, "Channels is a whole number from 1 to 8192"),
        ("conv", {"channels": 10**400}, "Channels is a whole number from 1 to 8192"),
        ("conv", {"stride": "nan"}, "Stride is a whole number"),
        ("conv", {"stride": True}, "Stride is a whole number"),
        ("conv", {"stride": 1.5}, "Stride is a whole number"),
        ("conv", {"stride": [1, 2]}, "Stride is a whole number"),
        ("conv", {"activation": "relu"}, "Activation is one of none, ReLU"),
        ("conv", {"kernel": "3; linear 5"}, "A kernel is a whole number or two of them"),
        ("conv", {"kernel": "٣"}, "A kernel is a whole number"),
        ("conv", {"kernel": "1x2x3"}, "A kernel is a whole number"),
        ("conv", {"kernel": "9" * 5000}, "A kernel is a whole number"),
        ("conv", {"padding": "-1"}, "Padding is a whole number"),
        ("inverted", {"kernel": "1x7"}, "Kernel is a whole number from 1 to 15"),
        ("dropout", {"probability": 1.0}, "Probability is a number from 0 to 0.99"),
    ],
)
def test_a_wrong_setting_is_said_in_a_sentence(
    kind: str, settings: dict[str, object], words: str
) -> None:
    """Whatever is typed; a long value is not repeated whole."""
    with pytest.raises(BadDesign, match=words) as caught:
        row(kind, **settings)
    assert len(str(caught.value)) < 300


def test_what_cannot_become_a_part_names_its_row() -> None:
    """Pooling has no "same"; the 65th row is one too many."""
    with pytest.raises(BadDesign, match="Pooling takes its padding as a number") as caught:
        parts_of([row("conv"), row("max pool", padding="same")], 3)
    assert caught.value.place == (1,)
    with pytest.raises(BadDesign, match="at most 64 rows") as caught:
        parts_of([row("flatten")] * (MOST_ROWS + 1), 3)
    assert caught.value.place == (MOST_ROWS,)


def test_pairs() -> None:
    """Height comes first."""
    assert (pair("3", "x"), pair("1x7", "x"), pair(" 2 × 4 ", "x")) == ((3, 3), (1, 7), (2, 4))


def test_every_kind_says_what_it_is() -> None:
    """Titles differ, so that a person can pick by them; every default is in its own range."""
    assert len({kind.title for kind in KINDS.values()}) == len(KINDS) == 18
    for kind in KINDS.values():
        assert kind.sentence.endswith(".")
        assert row(kind.name, **{knob.name: knob.default for knob in kind.knobs}) == Row(kind.name)
