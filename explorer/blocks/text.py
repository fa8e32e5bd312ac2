"""A designed network on one line, for links and for people. No torch here.

    conv 6 kernel=5 padding=0 activation=tanh; average pool; flatten; linear 10

Rows are parted by semicolons. The first setting of a kind may stand without its name; what is left
out has the kind's own value. The input is written `3x32x32`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explorer.blocks.blueprint import Blueprint, checked_shape
from explorer.blocks.table import KINDS, MOST_ROWS, Kind, Row, row
from explorer.errors import BadDesign

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 8000
"""Characters of a whole network; a full table takes fewer."""
_LONGEST_SHAPE = 40
_SIDE = re.compile(r" *[0-9]{1,6} *")

_LONGEST_FIRST = sorted(KINDS, key=len, reverse=True)
_SETTING = re.compile(r"(?:(\w+)=)?(\S+)")


def written(rows: Sequence[Row]) -> str:
    """Write rows on one line, as `read` takes them."""
    return "; ".join(map(written_row, rows))


def read(text: str) -> tuple[Row, ...]:
    """Read rows from one line. Raises BadDesign, whose place is the row that is wrong."""
    found = []
    for number, piece in enumerate(split(text)):
        try:
            found.append(read_row(piece))
        except BadDesign as error:
            raise BadDesign(str(error), (number,)) from None
    return tuple(found)


def split(text: str) -> tuple[str, ...]:
    """Part a line into its rows, which may still be wrong. Raises BadDesign for too many."""
    if len(text) > LONGEST:
        raise BadDesign(f"A network is written in at most {LONGEST} characters.")
    printable = "".join(each if each.isprintable() else " " for each in text)
    pieces = [" ".join(piece.split()) for piece in printable.split(";")]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) > MOST_ROWS:
        raise BadDesign(f"A network has at most {MOST_ROWS} rows; this one has {len(pieces)}.")
    return tuple(pieces)


def written_shape(shape: tuple[int, int, int]) -> str:
    """Write "3x32x32"."""
    return "x".join(map(str, shape))


def read_shape(text: str) -> tuple[int, int, int]:
    """Read "3x32x32". Raises BadDesign."""
    sides = text[:_LONGEST_SHAPE].strip().lower().replace("×", "x").split("x")
    if len(sides) != 3 or not all(_SIDE.fullmatch(each) for each in sides):
        raise BadDesign(f"An input is written as channels x height x width, not {text[:40]!r}.")
    channels, height, width = map(int, sides)
    return checked_shape(channels, height, width)


def blueprint(name: str, shape: str, rows: str) -> Blueprint:
    """Make a designed network of its input and rows, both as text. Raises BadDesign."""
    return Blueprint(name, read_shape(shape), read(rows))


def written_row(each: Row) -> str:
    """Write one row: its kind, and the settings that are not the kind's own."""
    kind = KINDS[each.kind]
    words = [each.kind]
    for name, value in each.settings:
        first = kind.knobs[0].name == name and not words[1:]
        words.append(f"{value}" if first else f"{name}={value}")
    return " ".join(words)


def read_row(piece: str) -> Row:
    """Read one row. Raises BadDesign."""
    kind, behind = kind_of(piece)
    if kind is None:
        raise BadDesign(f"There is no layer {behind[:40]!r}; there is {', '.join(KINDS)}.")
    return row(kind.name, **settings(kind, behind))


def kind_of(piece: str) -> tuple[Kind | None, str]:
    """The kind that a row begins with, and what stands behind it; all of it without a kind."""
    plain = " ".join(piece.split())
    kind = next((KINDS[n] for n in _LONGEST_FIRST if f"{plain} ".startswith(f"{n} ")), None)
    return kind, plain if kind is None else plain[len(kind.name) :].strip()


def settings(kind: Kind, text: str) -> dict[str, str]:
    """Read what stands behind a kind, unchecked. Raises BadDesign where a name lacks or repeats."""
    found: dict[str, str] = {}
    for name, value in _SETTING.findall(text):
        if not name and (found or not kind.knobs):
            raise BadDesign(f"{value[:40]!r} after {kind.name} needs a name, as in kernel=3.")
        key = name or kind.knobs[0].name
        if key in found:
            raise BadDesign(f"{kind.title} has {key[:40]} twice.")
        found[key] = value
    return found
