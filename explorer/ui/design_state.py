"""The design in the making: what was typed, taken back, brought back, and pasted as a link.

The grid keeps what was typed as differences to the rows it began with. They are read once, at the
start of a run or of a callback, and make the rows of now anew from those it began with, so nothing
is applied twice. Where the rows of now read otherwise than the grid shows them (a kind was picked,
a cell emptied, a step taken back), the next grid begins with them. What is typed in a grid while
the next one is on its way to the screen is taken in too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from explorer.blocks import exchange, sketch, text
from explorer.blocks.presets import PRESETS
from explorer.blocks.sketch import Cells, Sketch
from explorer.errors import BadDesign, BadRequest
from explorer.ui import address

PREFIX = "design_"
STEPS = 100
"""How many steps can be taken back."""
BETWEEN = "; "

_FIRST = sketch.of(PRESETS["LeNet-5"])
_BOOK, _GRID, _LINK = f"{PREFIX}book", f"{PREFIX}grid", f"{PREFIX}link"


@dataclass(frozen=True, slots=True)
class Book:
    """The design of now, those before it, and those that were taken back."""

    now: Sketch
    past: tuple[Sketch, ...] = ()
    future: tuple[Sketch, ...] = ()

    def turned(self, new: Sketch) -> Book:
        """A new page; what was taken back is gone. The same design again is no step."""
        if new == self.now:
            return self
        return Book(new, (*self.past, self.now)[-STEPS:])

    def back(self) -> Book:
        """One step back, if there is one."""
        if not self.past:
            return self
        return Book(self.past[-1], self.past[:-1], (self.now, *self.future))

    def forth(self) -> Book:
        """One step forth, if one was taken back."""
        if not self.future:
            return self
        return Book(self.future[0], (*self.past, self.now), self.future[1:])


@dataclass(frozen=True, slots=True)
class Grid:
    """The editor that stands on the page: its number, and the rows it began with.

    `former` is the one before it, `taken` what was typed there when this one took its place.
    """

    turn: int
    began: tuple[str, ...]
    former: Grid | None = None
    taken: Mapping[str, Any] | None = None

    @property
    def key(self) -> str:
        """The editor's key."""
        return f"{PREFIX}rows_{self.turn}"


def book() -> Book:
    """The design with its steps."""
    kept: Book = st.session_state.setdefault(_BOOK, Book(_FIRST))
    return kept


def begin() -> tuple[Book, Grid]:
    """Take in the address and what was typed; the design of now, and the grid to show it in."""
    _adopt()
    _settle()
    now, grid = book().now, _grid()
    if grid.key not in st.session_state and grid.began != now.lines:  # back from another page
        grid = _anew(now.lines)
    _publish(now)
    return book(), grid


def change(how: Callable[[Sketch], Sketch]) -> None:
    """Make a step of a change by a button; what was just typed comes first."""
    _settle()
    _write(book().turned(how(book().now)))


def with_lines(before: Sketch, lines: Sequence[str]) -> Sketch:
    """The design with other rows; a preset that was changed is no longer called by its name."""
    if tuple(lines) == before.lines:
        return before
    mine = f"My {before.name}" if before.name in PRESETS else before.name
    return Sketch(mine, before.shape, tuple(lines))


def undo() -> None:
    """Take a step back."""
    _settle()
    _write(book().back())


def redo() -> None:
    """Bring back the step that was taken back last."""
    _settle()
    _write(book().forth())


def typed(began: tuple[str, ...], edits: Mapping[str, Any]) -> tuple[list[str], list[Cells]]:
    """The rows after what was typed in a grid, and the cells as the grid shows them.

    `edits` are the differences a data editor tells: `edited_rows` by the number in `began`,
    `added_rows`, which count once they say something, and `deleted_rows`.
    """
    changes: dict[int, dict[str, Any]] = edits["edited_rows"]
    lines, shown = [], []
    for number, line in enumerate(began):
        if number not in edits["deleted_rows"]:
            told = changes.get(number, {})
            lines.append(sketch.changed(line, told) if told else line)
            shown.append({**sketch.cells(line), **told})
    for told in edits["added_rows"]:
        line = sketch.changed("", told)
        if line:
            lines.append(line)
            shown.append({**sketch.cells(""), **told})
    return [line for line in lines if line], shown


def _grid() -> Grid:
    kept: Grid | None = st.session_state.get(_GRID)
    return kept or _anew(book().now.lines)


def _anew(lines: tuple[str, ...]) -> Grid:
    """Have the next grid begin with these rows."""
    before: Grid | None = st.session_state.get(_GRID)
    grid = Grid(0, lines)
    if before:
        taken = copy.deepcopy(dict(st.session_state.get(before.key) or {}))
        grid = Grid(before.turn + 1, lines, replace(before, former=None, taken=None), taken)
    st.session_state[_GRID] = grid
    return grid


def _settle() -> None:
    """Take in what was typed in the grid."""
    grid = _grid()
    _settle_late(grid)
    grid = _grid()
    edits = st.session_state.get(grid.key)
    if not edits or not any(edits.values()):
        return
    lines, shown = typed(grid.began, edits)
    st.session_state[_BOOK] = book().turned(with_lines(book().now, lines))
    numbers_moved = bool(edits["deleted_rows"]) or len(lines) > len(grid.began)
    if numbers_moved or [sketch.cells(line) for line in lines] != shown:
        _anew(tuple(lines))


def _settle_late(grid: Grid) -> None:
    """Take in what was typed in the former grid after this one had taken its place."""
    former = grid.former
    edits = st.session_state.get(former.key) if former else None
    if former and edits and dict(edits) != grid.taken and book().now.lines == grid.began:
        lines, _ = typed(former.began, edits)
        _write(book().turned(with_lines(book().now, lines)))


def _write(new: Book) -> None:
    """Keep a design that no grid was typed into; the next grid begins with it."""
    before = book().now
    st.session_state[_BOOK] = new
    if new.now.lines != before.lines:
        _anew(new.now.lines)


def _adopt() -> None:
    """Open the design that a pasted link or the browser's back button asks for."""
    net = address.adopt(f"{PREFIX}net", str, BETWEEN.join(_FIRST.lines), name="net")
    shape = address.adopt(f"{PREFIX}input", _shape, _FIRST.shape, name="input")
    name = address.adopt(f"{PREFIX}name", exchange.named, "", name="name")
    if (net, shape, name) == st.session_state.get(_LINK):
        return
    lines = _lines(net)
    new = Sketch(name or _usual_name(lines), shape, lines)
    known = _BOOK in st.session_state
    _write(book().turned(new) if known else Book(new))


def _usual_name(lines: tuple[str, ...]) -> str:
    """What a design is called of which nobody says so."""
    spelled = tuple(sketch.changed(line, {}) for line in lines)
    known = (name for name, each in PRESETS.items() if sketch.of(each).lines == spelled)
    return next(known, "My network")


def _lines(net: str) -> tuple[str, ...]:
    try:
        return text.split(net)
    except BadDesign as error:
        address.complain(f"{str(error).rstrip('.')}, so LeNet-5 is shown.")
        return _FIRST.lines


def _shape(asked: str) -> tuple[int, int, int]:
    try:
        return text.read_shape(asked)
    except BadDesign as error:
        raise BadRequest(str(error)) from None


def _publish(now: Sketch) -> None:
    """Write the design to the address; the first one needs no words."""
    net = BETWEEN.join(now.lines)
    st.session_state[f"{PREFIX}net"] = net
    st.session_state[f"{PREFIX}input"] = now.shape
    name = "" if now.name == _usual_name(now.lines) else now.name
    st.session_state[f"{PREFIX}name"] = name
    st.session_state[_LINK] = (net, now.shape, name)
    address.publish("net", None if now.lines == _FIRST.lines else net)
    address.publish("input", None if now.shape == _FIRST.shape else text.written_shape(now.shape))
    address.publish("name", name or None)
