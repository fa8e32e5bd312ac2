"""What each row gives and costs, up to the row that does not fit."""

from __future__ import annotations

import subprocess
import sys

import pytest

from explorer.anatomy.records import Status
from explorer.blocks.drawing import draw, draw_lines
from explorer.blocks.presets import PRESETS
from explorer.blocks.text import blueprint
from explorer.errors import BadDesign


def test_lenet_5_row_by_row() -> None:
    """By hand: 6 (25 + 1), 28^2 * 150 MACs, a 5-pixel window; twice 2 x 2 of it sees 16."""
    drawn = draw(PRESETS["LeNet-5"])
    assert drawn.failing is None
    assert [row.output for row in drawn.rows] == [
        (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (400,), (120,), (84,), (10,),
    ]  # fmt: skip
    assert [row.params for row in drawn.rows] == [156, 0, 2_416, 0, 0, 48_120, 10_164, 850]
    assert [row.macs for row in drawn.rows] == [117_600, 0, 240_000, 0, 0, 48_000, 10_080, 840]
    fields = [row.field.size[-2:] for row in drawn.rows[:4] if row.field]
    assert fields == [(5, 5), (6, 6), (14, 14), (16, 16)]
    # conv and tanh write 6 * 28 * 28 numbers of 4 bytes each.
    assert drawn.rows[0].activation_bytes == 2 * 6 * 28 * 28 * 4
    assert drawn.rows[5].field is not None
    assert drawn.rows[5].field.status is Status.WHOLE_INPUT


@pytest.mark.parametrize("name", PRESETS)
def test_rows_add_up_to_the_anatomy(name: str) -> None:
    """Every layer belongs to exactly one row."""
    drawn = draw(PRESETS[name])
    anatomy = drawn.anatomy
    assert anatomy is not None
    assert (anatomy.title, anatomy.model) == (name, name.replace("-", "_"))
    assert [layer for row in drawn.rows for layer in row.layers] == [
        layer.name for layer in anatomy.layers
    ]
    assert sum(row.params for row in drawn.rows) == anatomy.params
    assert sum(row.macs or 0 for row in drawn.rows) == anatomy.macs
    assert sum(row.activation_bytes for row in drawn.rows) == anatomy.activation_bytes
    assert drawn.rows[-1].output == anatomy.layers[-1].output[1:]


def test_the_failing_row_says_why() -> None:
    """The rows before it keep their numbers, those behind it were not reached."""
    text = "conv 32 kernel=5 padding=0; max pool; conv 32 kernel=5 padding=0; max pool; flatten;"
    drawn = draw(blueprint("Mine", "1x32x32", f"{text} linear 120 expects=400; linear 10"))
    assert drawn.failing == 5
    assert drawn.rows[5].error == "Linear expects 400 numbers, receives 800: 32 × 5 × 5."
    assert [row.standing for row in drawn.rows] == ["fits"] * 5 + ["fails", "not reached"]
    assert [row.title for row in drawn.rows][-2:] == ["Fully connected"] * 2
    assert drawn.rows[4].output == (800,)
    assert drawn.anatomy is not None
    assert drawn.anatomy.params == sum(row.params for row in drawn.rows)


@pytest.mark.parametrize(
    ("lines", "failing", "words"),
    [
        (("conv 8", "residual 8 stride=2", "conv groups=3", "linear"), 2, "3 groups must divide"),
        (("conv 8", "foo 3", "linear"), 1, "There is no layer 'foo 3'"),
        (("conv 8 kernel=50 padding=0", "foo 3", "linear"), 0, "larger than the padded input"),
        (("flatten", "conv 8"), 1, "needs a map, and a vector of 3,072"),
        (("flatten", "residual 8"), 1, "needs a map"),
        (("flatten", "squeeze"), 1, "needs a map"),
        (("max pool 2 stride=64", "conv 8 norm=instance"), 1, "more than one position"),
        (("max pool padding=same", "linear"), 0, "takes its padding as a number"),
        (("global pool", "linear 100000", "linear 100000"), 2, "more than four billion weights"),
        (tuple(["dense 32"] * 20), 6, "more than 2,000 modules"),
        (tuple(["activation"] * 65), 64, "at most 64 rows"),
    ],
)
def test_errors_stand_at_their_row(lines: tuple[str, ...], failing: int, words: str) -> None:
    """Wrong text and wrong geometry alike; the first in order is told."""
    drawn = draw_lines("Mine", (3, 32, 32), lines)
    assert drawn.failing == failing
    assert words in drawn.rows[failing].error
    assert len(drawn.rows) == len(lines)
    assert all(row.standing == "not reached" for row in drawn.rows[failing + 1 :])
    assert (drawn.anatomy is None) == (failing == 0)


def test_nothing_is_drawn_of_nothing() -> None:
    """No rows are no error; an input out of range is."""
    drawn = draw_lines("Mine", (3, 32, 32), ())
    assert (drawn.rows, drawn.anatomy, drawn.failing) == ((), None, None)
    with pytest.raises(BadDesign, match="1 to 4096 channels"):
        draw_lines("Mine", (3, 0, 32), ("conv",))


def test_the_records_know_no_torch() -> None:
    """The page server holds them."""
    code = (
        "import sys; from explorer.blocks import drawn, sketch, exchange, presets; "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
