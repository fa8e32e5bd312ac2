"""What was typed in the grid becomes rows; steps are taken back and brought back."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.blocks import sketch
from explorer.blocks.presets import PRESETS
from explorer.blocks.sketch import Sketch
from explorer.ui.design_state import STEPS, Book, typed, with_lines

BEGAN = ("conv 6 kernel=5", "max pool", "flatten")


def edits(
    edited: dict[int, dict[str, Any]] | None = None,
    added: list[dict[str, Any]] | None = None,
    deleted: list[int] | None = None,
) -> dict[str, Any]:
    """What a data editor tells."""
    return {"edited_rows": edited or {}, "added_rows": added or [], "deleted_rows": deleted or []}


def test_cells_rows_and_deletions_at_once() -> None:
    """Numbers are those of the rows the grid began with, also behind a deleted one."""
    lines, _ = typed(
        BEGAN,
        edits(
            {0: {"channels": 12}, 2: {"layer": "Global pooling"}},
            [{}, {"layer": "Fully connected", "channels": 3}],
            [1],
        ),
    )
    assert lines == ["conv 12 kernel=5", "global pool", "linear 3"]


def test_the_same_edits_twice_change_nothing_more() -> None:
    """The rows are made anew from those the grid began with."""
    told = edits({0: {"channels": 12}}, [{"layer": "Dropout"}], [2])
    assert typed(BEGAN, told) == typed(BEGAN, told)
    assert typed(BEGAN, edits())[0] == list(BEGAN)


@pytest.mark.parametrize(
    ("told", "same"),
    [
        ({0: {"channels": 12}}, True),
        ({0: {"kernel": "1x7"}}, True),
        ({0: {"kernel": "1 x 7"}}, False),
        ({0: {"kernel": None}}, False),
        ({0: {"layer": "Flatten"}}, False),
        ({2: {"stride": 3}}, False),
    ],
)
def test_the_grid_shows_what_the_rows_say(told: dict[int, dict[str, Any]], same: bool) -> None:
    """Only where it shows otherwise must the next grid begin with the rows."""
    lines, shown = typed(BEGAN, edits(told))
    assert ([sketch.cells(line) for line in lines] == shown) is same


def test_steps() -> None:
    """Back, forth, and a new page in between forgets what was taken back."""
    first, second, third = (Sketch("Mine", (3, 8, 8), (f"conv {n}",)) for n in (1, 2, 3))
    book = Book(first).turned(second).turned(second)
    assert book.past == (first,)
    assert book.back().forth() == book
    assert book.back().back().now == first
    assert book.forth() == book
    other = book.back().turned(third)
    assert (other.now, other.past, other.future) == (third, (first,), ())


def test_a_book_is_bounded() -> None:
    """The oldest steps go."""
    book = Book(Sketch("Mine", (3, 8, 8), ()))
    for n in range(STEPS + 20):
        book = book.turned(Sketch("Mine", (3, 8, 8), (f"conv {n + 1}",)))
    assert len(book.past) == STEPS


def test_a_changed_preset_is_no_longer_called_so() -> None:
    """And keeps its name when nothing changed."""
    preset = sketch.of(PRESETS["LeNet-5"])
    assert with_lines(preset, preset.lines) is preset
    assert with_lines(preset, preset.lines[:-1]).name == "My LeNet-5"
    assert with_lines(Sketch("Mine", (3, 8, 8), ()), ("conv",)).name == "Mine"
