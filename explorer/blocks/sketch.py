"""A design while somebody types it: rows as text, which may be wrong yet. No torch here.

A row that cannot be read keeps its text, so that nothing typed is lost; it is said to be wrong
where it stands. An editor shows a row as `cells` and tells what was typed by `changed`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from explorer.blocks import text
from explorer.blocks.blueprint import Blueprint
from explorer.blocks.table import ACTIVATIONS, KINDS, MOST_ROWS, NORMS
from explorer.errors import BadDesign

if TYPE_CHECKING:
    from explorer.blocks.table import Kind, Row
    from explorer.knobs import Knob

Cells: TypeAlias = dict[str, "str | int | None"]

NUMBERS = ("channels", "stride")
COLUMNS = ("channels", "kernel", "stride", "padding", "norm", "activation")
"""Settings with a cell of their own; the others of a kind stand in the cell `more`."""
CELLS = ("layer", *COLUMNS, "more")
TITLES = {kind.title: kind.name for kind in KINDS.values()}

_CHOICES = {"norm": NORMS, "activation": ACTIVATIONS}
_RARE = {"dilation", "groups", "expects", "squeeze"}
"""Settings that are shown only where they were changed."""
_NAMED = re.compile(r"(?:\w+=\S+(?: |$))*")
_LONGEST_CELL = 300


@dataclass(frozen=True, slots=True)
class Sketch:
    """A network in the making: its name, the shape (C, H, W) of its input, its rows as text."""

    name: str
    shape: tuple[int, int, int]
    lines: tuple[str, ...]


def of(blueprint: Blueprint) -> Sketch:
    """A finished design as one that may be changed."""
    return Sketch(blueprint.name, blueprint.shape, tuple(map(text.written_row, blueprint.rows)))


def finished(draft: Sketch) -> Blueprint:
    """The design, once every row can be read. Raises BadDesign, whose place is the row."""
    rows, wrong = readable(draft.lines)
    if wrong is not None:
        raise wrong
    return Blueprint(draft.name, draft.shape, rows)


def readable(lines: Sequence[str]) -> tuple[tuple[Row, ...], BadDesign | None]:
    """The rows up to the first that cannot be read, and what is wrong with that one."""
    rows = []
    for number, line in enumerate(lines):
        try:
            if number == MOST_ROWS:
                raise BadDesign(f"A table has at most {MOST_ROWS} rows; use the ready blocks.")
            rows.append(text.read_row(line))
        except BadDesign as error:
            return tuple(rows), BadDesign(str(error), (number,))
    return tuple(rows), None


def kind(line: str) -> Kind | None:
    """The kind of a row, as far as it says so."""
    return text.kind_of(line)[0]


def rest(of_kind: Kind) -> tuple[Knob, ...]:
    """The settings of a kind that have no cell of their own."""
    return tuple(knob for knob in of_kind.knobs if knob.name not in _with_cells(of_kind))


def title(line: str) -> str:
    """What the row is, as far as it says so."""
    known, behind = text.kind_of(line)
    return known.title if known else f"“{behind[:20]}”"


def cells(line: str) -> Cells:
    """A row as an editor shows it; cells that do not concern its kind are None."""
    kind, behind = text.kind_of(line)
    empty: Cells = dict.fromkeys(CELLS)
    if kind is None:
        return empty | {"more": behind}
    empty["layer"] = kind.title
    try:
        given = text.settings(kind, behind)
    except BadDesign:
        return empty | {"more": behind}
    for column in COLUMNS:
        name = _setting(kind, column)
        if name is not None:
            default = getattr(kind.knob(name), "default", None)
            empty[column] = _shown(column, given.get(name, default))
            if empty[column] is not None:
                given.pop(name, None)
    return empty | {"more": _more(kind, given)}


def changed(line: str, typed: Mapping[str, Any]) -> str:
    """The row with cells typed anew; None empties one, which brings back the kind's own value.

    Cells that do not concern the row's kind change nothing.
    """
    before, behind = text.kind_of(line)
    kind = _chosen(typed, before)
    if kind is None:
        return _clean(typed.get("more", behind))
    kept, loose = _given(before, behind) if before else ({}, behind)
    given = _carried(before or kind, kind, kept)
    if "more" in typed:
        given = {name: given[name] for name in _with_cells(kind) if name in given}
        more, loose = _given(kind, _clean(typed["more"]))
        given |= more
    for column in COLUMNS:
        name = _setting(kind, column)
        if name is not None and column in typed:
            given.pop(name, None)
            value = "".join(_clean(typed[column]).split())
            given |= {name: value} if value else {}
    written = [f"{name}={value}" for name, value in given.items()]
    return _spelled(" ".join([kind.name, *written, loose]).strip())


def _spelled(line: str) -> str:
    """The row as it is written when it is right, else as it is."""
    try:
        return text.written_row(text.read_row(line))
    except BadDesign:
        return line


def _chosen(typed: Mapping[str, Any], before: Kind | None) -> Kind | None:
    """The kind that was picked, or else the one there was."""
    picked = TITLES.get(str(typed.get("layer")))
    return KINDS[picked] if picked else before


def _given(kind: Kind, behind: str) -> tuple[dict[str, str], str]:
    """Settings by name, and what cannot be read as such."""
    if _NAMED.fullmatch(behind):
        return dict(each.split("=", 1) for each in behind.split()), ""
    try:
        return text.settings(kind, behind), ""
    except BadDesign:
        return {}, behind


def _carried(before: Kind, kind: Kind, given: dict[str, str]) -> dict[str, str]:
    """What of a row's settings stays when its kind is changed: those of the same cell or name."""
    if before is kind:
        return given
    cell = {_setting(before, column): _setting(kind, column) for column in COLUMNS}
    named = {cell.get(name) or name: value for name, value in given.items()}
    return {name: value for name, value in named.items() if kind.knob(name)}


def _setting(kind: Kind, column: str) -> str | None:
    """The kind's setting that stands in a column; features stand where channels do."""
    names = ("channels", "features") if column == "channels" else (column,)
    return next((name for name in names if kind.knob(name)), None)


def _with_cells(kind: Kind) -> set[str]:
    return {name for column in COLUMNS if (name := _setting(kind, column))}


def _shown(column: str, value: Any) -> str | int | None:
    """A value as its cell takes it; None where it does not."""
    if column in NUMBERS:
        whole = str(value).isascii() and str(value).isdigit() and len(str(value)) < 10
        return int(value) if whole else None
    if column in _CHOICES:
        return value if value in _CHOICES[column] else None
    return str(value)


def _more(kind: Kind, given: Mapping[str, str]) -> str | None:
    """Settings without a cell: all that were given, and a kind's own where nobody knows them."""
    own = {knob.name: knob.default for knob in rest(kind) if knob.name not in _RARE}
    return " ".join(f"{name}={value}" for name, value in (own | dict(given)).items()) or None


def _clean(value: Any) -> str:
    """What was typed, on one line and without what parts rows."""
    plain = "" if value is None else str(value)
    if isinstance(value, float) and value.is_integer():
        plain = str(int(value))
    printable = "".join(each if each.isprintable() else " " for each in plain)
    return " ".join(printable.replace(";", " ").split())[:_LONGEST_CELL]
