"""The table of layers: folded to a depth, one row opened or chosen at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from explorer import units
from explorer.ui import detail, folds

if TYPE_CHECKING:
    from explorer.anatomy.folding import Folded, Node
    from explorer.anatomy.records import Anatomy

INDENT = "\u2003"
WHOLE, TALL = 16, 560
"""Rows that are shown without scrolling, and the height in pixels of a longer table."""
SUMMED = ("params", "macs", "activation")
LEGEND = """
**Choose a row** by the box at its left: its arithmetic appears here.

Rows with ▸ hold more; open them there, or fold the whole network to another depth. The bars
compare the rows of one column; the columns add up to the totals above.

**Memory** is what the output occupies. **Sees** is the side of the receptive field: how many
pixels of the picture can change one output. **Stride** is how far apart two neighbouring outputs
look.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: a node, or the header of an opened group, at a level of indentation."""

    node: Node
    level: int
    is_open: bool = False


def lines(folded: Folded) -> list[Line]:
    """The nodes in execution order, each opened group's header before its first node."""
    groups = {group.id: group for group in folded.groups}
    written: set[str] = set()
    result: list[Line] = []
    for node in folded.nodes:
        chain: list[Node] = []
        parent = node.parent
        while parent in groups:
            chain.insert(0, groups[parent])
            parent = groups[parent].parent
        for level, group in enumerate(chain):
            if group.id not in written:
                written.add(group.id)
                result.append(Line(group, level, is_open=True))
        result.append(Line(node, len(chain)))
    return result


def table(rows: Sequence[Line], unit: units.Convention, *, key: str, chosen: str) -> str | None:
    """Draw the rows with bars in their cells; returns the id of the chosen one."""
    frame = pd.DataFrame([_record(line, unit) for line in rows])
    columns = _columns(frame, unit)
    ids = [line.node.id for line in rows]
    event = st.dataframe(
        frame,
        hide_index=True,
        height="content" if len(rows) <= WHOLE else TALL,
        key=key,
        placeholder="",
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [ids.index(chosen)] if chosen in ids else []}},
        column_config=columns,
        alt="Layers with their output shape, parameters, cost, memory and receptive field.",
    )
    picked = event.selection.rows
    return ids[picked[0]] if picked and picked[0] < len(ids) else None


def _record(line: Line, unit: units.Convention) -> dict[str, Any]:
    """One row; a group that is open leaves its sums to the rows below, which add up to it."""
    node, size = line.node, line.node.receptive_field.size
    mark = "▾ " if line.is_open else "▸ " if node.openable else ""
    stride = node.receptive_field.stride[-2:]
    record = {
        "layer": INDENT * line.level + mark + _short_name(node),
        "kind": node.repeats or node.kind,
        "output": units.shape(node.output) if node.ran else "did not run",
        "params": node.params,
        "macs": None if node.uncounted and not node.macs else units.operations(node.macs, unit),
        "activation": node.activation_bytes,
        # Size 0 means that the layer does not depend on the input at all.
        "field": (size[-2] or None) if len(size) >= 2 else None,
        "field_w": (size[-1] or None) if len(size) >= 2 else None,
        "stride": _axes(stride),
        "status": node.receptive_field.status.value,
    }
    return record | dict.fromkeys(SUMMED) if line.is_open else record


def _axes(numbers: Sequence[float | None]) -> str:
    """One number per axis, a single one where they agree, nothing where none is known."""
    if all(each is None for each in numbers):
        return ""
    return units.axes(numbers[:1] if len(set(numbers)) == 1 else numbers)


def _short_name(node: Node) -> str:
    """The name within its group: what the indentation already says is left out."""
    return node.label.removeprefix(f"{node.parent}.") if node.parent else node.label


def _scaled(frame: pd.DataFrame, column: str) -> str:
    """Bring a column to one prefix, by its largest number; returns the prefix."""
    most = frame[column].max()
    prefix, factor = next(
        (pair for pair in (("G", 1e9), ("M", 1e6), ("k", 1e3)) if most >= pair[1]), ("", 1.0)
    )
    frame[column] = frame[column] / factor
    return prefix


def _width(texts: Iterable[str], most: int) -> int:
    """Pixels in which the longest of the texts can be read whole, within reason."""
    return min(most, max(80, 24 + round(6.8 * max(map(len, texts), default=0))))


def _columns(frame: pd.DataFrame, unit: units.Convention) -> dict[str, Any]:
    """Scale the numbers and say how the columns look; the field's width only where it differs."""
    config = st.column_config

    def bar(column: str, title: str, color: str, ending: str = "") -> Any:
        prefix = _scaled(frame, column)
        most = frame[column].max()
        return config.ProgressColumn(
            f"{title}, {prefix}{ending}" if prefix + ending else title,
            format="%.3g",
            min_value=0,
            max_value=float(most) if most > 0 else 1.0,
            color=color,
            width=80,
        )

    square = bool((frame["field"].fillna(-1) == frame["field_w"].fillna(-1)).all())
    return {
        "layer": config.TextColumn("Layer", pinned=True, width=_width(frame["layer"], 200)),
        "kind": config.TextColumn("Kind", width=_width(frame["kind"], 150)),
        "output": config.TextColumn("Output", width=112),
        "params": bar("params", "Params", "blue"),
        "macs": bar("macs", unit, "orange"),
        "activation": bar("activation", "Memory", "green", "B"),
        "field": config.NumberColumn(
            "Sees, px" if square else "px high",
            width=62,
            help="Side of the receptive field in input pixels",
        ),
        "field_w": None if square else config.NumberColumn("px wide", width=65),
        "stride": config.TextColumn("Stride", width=55, help="Input pixels between two outputs"),
        "status": config.TextColumn("Field is", width=94),
    }


def explore(anatomy: Anatomy, unit: units.Convention) -> None:
    """Draw the table and, beside it, the detail of the chosen row."""
    depth = folds.depth(anatomy)
    folded = folds.folded(anatomy, depth)
    rows = lines(folded)
    left, right = st.columns([73, 27], gap="medium")
    with left:
        key = f"table {anatomy.model} {depth}"
        picked = table(rows, unit, key=key, chosen=folds.chosen())
    folds.choose(picked)
    node = next((line.node for line in rows if line.node.id == picked), None)
    with right:
        if node is None:
            st.caption(LEGEND)
        else:
            detail.panel(anatomy, node, unit, is_open=node in folded.groups)
