"""The table in which a network is designed, and beside it what every row gives and costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from explorer import units
from explorer.anatomy.records import Status
from explorer.blocks import sketch
from explorer.blocks.table import ACTIVATIONS, KINDS, NORMS
from explorer.ui import design_state
from explorer.ui.design_state import PREFIX

if TYPE_CHECKING:
    from explorer.blocks.drawn import Drawn, DrawnRow
    from explorer.blocks.sketch import Sketch
    from explorer.ui.design_state import Book, Grid

FAILS, WAITS = "background-color: rgba(255, 75, 75, 0.3)", "color: gray"
WHOLE, TALL = 18, 640
"""Rows that are shown without scrolling, and the height in pixels of a longer table."""
_ROW = f"{PREFIX}row"


def toolbar(book: Book) -> None:
    """Undo, redo, and what can be done to one row as a whole."""
    lines = book.now.lines
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key=f"{PREFIX}tools"
    ):
        _button("Undo", "undo", design_state.undo, enabled=bool(book.past))
        _button("Redo", "redo", design_state.redo, enabled=bool(book.future))
        if st.session_state.get(_ROW) not in range(len(lines)):
            st.session_state[_ROW] = 0 if lines else None
        st.selectbox(
            "Row",
            range(len(lines)),
            key=_ROW,
            format_func=lambda n: f"{n + 1} · {sketch.title(lines[n])}" if n < len(lines) else "",
            label_visibility="collapsed",
            width=230,
        )
        at = st.session_state[_ROW]
        known = at is not None
        _button("Up", "arrow_upward", _move, enabled=known and at > 0, step=-1)
        _button("Down", "arrow_downward", _move, enabled=known and at < len(lines) - 1, step=1)
        _button("Duplicate", "content_copy", _duplicate, enabled=known)
        _button("Insert below", "add", _insert, enabled=True)
        _button("Delete", "delete", _delete, enabled=known)


def draw(grid: Grid, drawn: Drawn, unit: units.Convention) -> None:
    """The editor and its results side by side, and in a sentence what is wrong with which row."""
    failing = drawn.failing
    left, right = st.columns([66, 34], gap="small")
    with left:
        _editor(grid, failing)
    with right:
        _results(drawn, unit)
    at = st.session_state[_ROW]
    if at is not None:
        left.caption(_about(grid.began, at))
    if failing is not None:
        row = drawn.rows[failing]
        left.error(
            f"**Row {failing + 1}, {row.title}.** {row.error}"
            + (" The totals are those of the rows before it." if failing else ""),
            icon=":material/error:",
        )


def _button(
    label: str, icon: str, act: Callable[..., None], *, enabled: bool, **arguments: Any
) -> None:
    """A button; those for one row are icons that say on hovering what they do."""
    st.button(
        label if act in {design_state.undo, design_state.redo} else "",
        icon=f":material/{icon}:",
        help=label,
        key=f"{PREFIX}{label.lower().replace(' ', '_')}",
        disabled=not enabled,
        on_click=act,
        kwargs=arguments,
    )


def _about(lines: tuple[str, ...], at: int) -> str:
    """What the chosen row is, and what may be said of it under "More"."""
    kind = sketch.kind(lines[at]) if at < len(lines) else None
    if kind is None:
        return "Pick a layer for this row."
    more = [f"`{knob.name}` ({knob.help[:1].lower()}{knob.help[1:]})" for knob in sketch.rest(kind)]
    named = f" Under *More*: {', '.join(more)}." if more else ""
    return f"Row {at + 1}, **{kind.title}**: {kind.sentence}{named}"


def _chosen(lines: tuple[str, ...]) -> int:
    """The row that the buttons act on."""
    at = st.session_state.get(_ROW)
    return min(at, len(lines) - 1) if isinstance(at, int) else -1


def _move(step: int) -> None:
    def moved(now: Sketch) -> Sketch:
        lines, at = list(now.lines), _chosen(now.lines)
        to = max(0, min(at + step, len(lines) - 1))
        lines.insert(to, lines.pop(at))
        st.session_state[_ROW] = to
        return design_state.with_lines(now, lines)

    design_state.change(moved)


def _duplicate() -> None:
    _put(lambda line: line)


def _insert() -> None:
    _put(lambda _: "conv")


def _put(new: Callable[[str], str]) -> None:
    """Put a row below the chosen one, and choose it."""

    def longer(now: Sketch) -> Sketch:
        at = _chosen(now.lines)
        line = new(now.lines[at] if now.lines else "")
        st.session_state[_ROW] = at + 1
        return design_state.with_lines(now, [*now.lines[: at + 1], line, *now.lines[at + 1 :]])

    design_state.change(longer)


def _delete() -> None:
    def shorter(now: Sketch) -> Sketch:
        at = _chosen(now.lines)
        kept = [line for number, line in enumerate(now.lines) if number != at]
        st.session_state[_ROW] = min(at, len(kept) - 1) if kept else None
        return design_state.with_lines(now, kept)

    design_state.change(shorter)


def _editor(grid: Grid, failing: int | None) -> None:
    """The rows to type in; the number of the failing one is red.

    Colours are no part of what the editor is recognised by, so that it keeps what was typed.
    """
    frame = pd.DataFrame([sketch.cells(line) for line in grid.began], columns=list(sketch.CELLS))
    kinds = {name: "Int64" if name in sketch.NUMBERS else "string" for name in sketch.CELLS}
    frame = frame.astype(kinds)
    numbers = pd.Series([str(n + 1) for n in range(len(frame))], dtype="string")
    frame.insert(0, "number", numbers)
    styled = frame.style.apply(_marks(failing), axis=None)
    st.data_editor(
        styled,
        key=grid.key,
        num_rows="dynamic",
        hide_index=True,
        height="content" if len(frame) <= WHOLE else TALL,
        column_config=_columns(),
        placeholder="",
        alt="The layers of the network, to be changed",
    )


def _marks(failing: int | None) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Styles that mark the failing row's number."""

    def styles(frame: pd.DataFrame) -> pd.DataFrame:
        marked = pd.DataFrame("", index=frame.index, columns=frame.columns)
        if failing is not None and failing < len(frame):
            marked.loc[frame.index[failing], :] = FAILS
        return marked

    return styles


def _columns() -> dict[str, Any]:
    """How the editor's columns look, and what they take."""
    config = st.column_config
    layers = " · ".join(f"**{kind.title}**: {kind.sentence}" for kind in KINDS.values())

    def whole(title: str, most: int, help_: str, width: int = 92) -> Any:
        return config.NumberColumn(
            title, min_value=1, max_value=most, step=1, width=width, help=help_
        )

    return {
        "number": config.TextColumn("#", disabled=True, width=34, pinned=True),
        "layer": config.SelectboxColumn(
            "Layer", options=list(sketch.TITLES), width=140, help=layers
        ),
        "channels": whole("Channels", 100_000, "Maps, or features, that leave"),
        "kernel": config.TextColumn("Kernel", width=76, help="Its side, or height x width: 1x7"),
        "stride": whole("Stride", 64, "Pixels from one window to the next", 74),
        "padding": config.TextColumn(
            "Padding", width=84, help="On each side; “same” keeps height and width at stride 1"
        ),
        "norm": config.SelectboxColumn("Norm", options=list(NORMS), width=74),
        "activation": config.SelectboxColumn("Activation", options=list(ACTIVATIONS), width=102),
        "more": config.TextColumn(
            "More",
            width=102,
            help="Other settings by their names: dilation=2 groups=4, growth=12 layers=6",
        ),
    }


def _results(drawn: Drawn, unit: units.Convention) -> None:
    """A row for each of the editor's, on the same height."""
    columns = ("#", "Output", "Params", unit, "Memory", "Sees, px")
    frame = pd.DataFrame(
        [_result(number, row, unit) for number, row in enumerate(drawn.rows, 1)], columns=columns
    )

    def styles(told: pd.DataFrame) -> pd.DataFrame:
        marked = pd.DataFrame("", index=told.index, columns=told.columns)
        for number, row in enumerate(drawn.rows):
            style = {"fits": "", "fails": FAILS, "not reached": WAITS}[row.standing]
            marked.loc[told.index[number], :] = style
        return marked

    text = st.column_config.TextColumn
    st.dataframe(
        frame.style.apply(styles, axis=None),
        hide_index=True,
        height="content" if len(frame) <= WHOLE else TALL,
        key=f"{PREFIX}results",
        placeholder="",
        column_config={
            "#": text(width=34, pinned=True),
            "Output": text(width=104),
            "Params": text(width=68, alignment="right"),
            unit: text(width=68, alignment="right"),
            "Memory": text(width=72, alignment="right", help="Of the outputs, in fp32"),
            "Sees, px": text(
                width=72, alignment="right", help="Side of the receptive field in input pixels"
            ),
        },
        alt="What each row gives, costs and sees",
    )


def _result(number: int, row: DrawnRow, unit: units.Convention) -> tuple[str, ...]:
    if row.standing != "fits":
        said = "does not fit" if row.standing == "fails" else "not reached"
        return (str(number), said, "", "", "", "")
    cost = units.NOT_COUNTED if row.macs is None else units.short(units.operations(row.macs, unit))
    return (
        str(number),
        units.shape(row.output),
        units.short(row.params),
        cost,
        units.memory(row.activation_bytes),
        _sees(row),
    )


def _sees(row: DrawnRow) -> str:
    """The side of the receptive field, both where they differ."""
    field = row.field
    if field is None or field.status is Status.UNKNOWN:
        return units.UNKNOWN
    if field.status is Status.WHOLE_INPUT:
        return "all"
    sides = field.size[-2:]
    most = "≤ " if field.status is Status.UPPER_BOUND else ""
    return most + units.axes(sides[:1] if len(set(sides)) == 1 else sides)
