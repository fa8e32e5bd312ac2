"""A small tensor as a table to type in: kept while the person is elsewhere, and by the address."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from explorer.convolution import patterns
from explorer.errors import BadRequest
from explorer.ui import address
from explorer.ui.convolution_knobs import PREFIX

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.convolution.records import Array

_LONGEST = 20_000
"""Characters of a table in the address: more than any browser's address bar takes."""
_EMPTY = "x"


@dataclass(frozen=True, slots=True)
class _Table:
    """The table that is being typed in: what it began with, and what it holds now.

    `drawn` are the numbers before anybody typed, `source` says what they were drawn from.
    """

    turn: int
    source: str
    drawn: Array
    began: Array
    text: str


def edited(name: str, source: str, drawn: Array, rows: Sequence[str]) -> Array:
    """Draw a table of numbers (..., R, C), stacked, and return what it holds; empty cells are NaN.

    `source` says what the numbers were drawn from: from another one the table begins anew, while
    in another size what was typed stays where it fits. `rows` names the rows, all of the stack.
    """
    text: str = address.adopt(PREFIX + name, str, "", name=name)
    table: _Table | None = st.session_state.get(f"{PREFIX}{name}_table")
    key = f"{PREFIX}{name}_{table.turn if table else 0}"
    if table is None or table.source != source or table.drawn.shape != drawn.shape:
        table = _begin(table, source, drawn, _told(text, table, drawn, source))
    elif text != table.text or key not in st.session_state:  # by a link, or back from elsewhere
        table = _begin(table, source, drawn, _read(text, drawn))
    flat = table.began.reshape(-1, drawn.shape[-1])
    columns = [str(each + 1) for each in range(flat.shape[1])]
    typed = st.data_editor(
        pd.DataFrame(flat, columns=columns, index=pd.Index(rows)),
        key=f"{PREFIX}{name}_{table.turn}",
        column_config={
            each: st.column_config.NumberColumn(format="%.6g", width=56) for each in columns
        },
        disabled=["_index"],
        width="content",
        alt=f"The numbers of the {name}, to be changed",
    )
    now: Array = typed.to_numpy(dtype=np.float64).reshape(drawn.shape)
    text = "" if np.array_equal(now, drawn) else written(now)
    st.session_state[PREFIX + name] = text
    st.session_state[f"{PREFIX}{name}_table"] = _Table(table.turn, source, drawn, table.began, text)
    address.publish(name, text or None)
    return now


def square(name: str, source: str, side: int, below: DeltaGenerator) -> Array:
    """A square pattern as a table of numbers to change."""
    drawn = patterns.grid(source, 1, side, side)
    with (
        below,
        st.expander("Change the input's numbers", icon=":material/edit:", key=f"conv_{name}_box"),
    ):
        rows = [str(row + 1) for row in range(side)]
        return edited(name, source, drawn, rows)


def written(numbers: Array) -> str:
    """Write a tensor for the address: rows apart by "~", numbers by "_", nothing as "x"."""
    rows = numbers.reshape(-1, numbers.shape[-1]).tolist()
    return "~".join(
        "_".join(_EMPTY if math.isnan(each) else f"{each:.6g}" for each in row) for row in rows
    )


def read(text: str, shape: tuple[int, ...]) -> Array:
    """Read a tensor of this shape. Raises `BadRequest` where the text is none."""
    try:
        if len(text) > _LONGEST:
            raise ValueError(len(text))
        rows = [
            [math.nan if each == _EMPTY else float(each) for each in row.split("_")]
            for row in text.split("~")
        ]
        numbers: Array = np.array(rows, dtype=np.float64).reshape(shape)
    except ValueError:
        raise BadRequest(
            "The numbers in the address do not fit the size it asks for, so those of the pattern "
            "or kernel are shown."
        ) from None
    return numbers


def _begin(before: _Table | None, source: str, drawn: Array, began: Array) -> _Table:
    return _Table(before.turn + 1 if before else 0, source, drawn, began, "")


def _told(text: str, before: _Table | None, drawn: Array, source: str) -> Array:
    """The numbers to begin with: the address's where it is news, what was typed where it fits."""
    if before is None or text != before.text:
        return _read(text, drawn)
    if before.source != source or not text:
        return drawn
    typed = read(text, before.drawn.shape)
    both = tuple(slice(min(a, b)) for a, b in zip(typed.shape, drawn.shape, strict=True))
    began: Array = drawn.copy()
    began[both] = typed[both]
    return began


def _read(text: str, drawn: Array) -> Array:
    if not text:
        return drawn
    try:
        return read(text, drawn.shape)
    except BadRequest as error:
        address.complain(str(error))
        return drawn
