"""The Compare page's structural diff: two networks' blocks side by side, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.compare.differences import difference
from explorer.compare.levels import title as level_title
from explorer.compare.phrases import chain, name
from explorer.ui import address

if TYPE_CHECKING:
    from explorer.compare.assembled import Pair
    from explorer.compare.records import Difference, StageDifference, Step, Unit

MARKS = {"matched": "=", "changed": "≠", "added": "+", "removed": "−"}

CSS = """
<style>
.cz-diff { font-size: .88rem; line-height: 1.3 }
.cz-diff h4 { margin: 1rem 0 .25rem; font-size: 1rem; font-weight: 600; padding: 0 }
.cz-diff h4 span { font-weight: 400; opacity: .8; margin-left: .5rem }
.cz-diff .row { display: grid; grid-template: "l m r" auto "w w w" auto
  / minmax(0,1fr) 5.6rem minmax(0,1fr); gap: 0 .5rem; margin-bottom: .28rem }
.cz-diff .l { grid-area: l } .cz-diff .m { grid-area: m } .cz-diff .r { grid-area: r }
.cz-diff .name { font-weight: 600; font-size: .95rem; padding: 0 .2rem }
.cz-diff .u { border-left: 4px solid var(--c); background: var(--b); border-radius: 4px;
  padding: .3rem .55rem; overflow-wrap: anywhere }
.cz-diff .u small { display: block; opacity: .75; font-size: .78rem }
.cz-diff .gap { border: 1px dashed rgba(128,134,145,.4); border-radius: 4px; opacity: .6;
  padding: .3rem .55rem; font-size: .78rem }
.cz-diff .m { text-align: center; align-self: center; font-size: .76rem; font-weight: 600;
  color: var(--c) }
.cz-diff .m b { display: block; font-size: 1rem; line-height: 1 }
.cz-diff .why { grid-area: w; font-size: .8rem; padding: .1rem .2rem .3rem 1.2rem; opacity: .9 }
.cz-matched { --c: #7f8691; --b: rgba(128,134,145,.09) }
.cz-changed { --c: #c77006; --b: rgba(217,119,6,.13) }
.cz-added { --c: #0d8a79; --b: rgba(15,157,138,.14) }
.cz-removed { --c: #c2417c; --b: rgba(194,65,124,.13) }
@media (max-width: 640px) {
  .cz-diff { font-size: .8rem }
  .cz-diff .row { grid-template: "m m" auto "l r" auto "w w" auto
    / minmax(0,1fr) minmax(0,1fr); margin-bottom: .5rem }
  .cz-diff .m { text-align: left }
  .cz-diff .m b { display: inline; margin-right: .3rem }
}
</style>
"""


@dataclass(frozen=True, slots=True)
class _Run:
    """Steps in a row that say the same."""

    step: Step
    number: int


def draw(pairs: Sequence[Pair]) -> None:
    """Which two, the sentence, the counts, and the blocks."""
    left, right = _pair(pairs)
    found = difference(left[1], right[1])
    st.markdown(f"**{found.sentence}**")
    with st.container(horizontal=True, vertical_alignment="center", key="compare_diff_knobs"):
        _legend(found)
        address.adopt("compare_only", lambda text: text == "1", False, name="only")
        only = st.toggle("Only what differs", key="compare_only", persist_state="session")
        address.publish("only", "1" if only else None)
    st.html(CSS + html(found, only=only))
    st.caption(
        "Blocks, and layers with the normalisation and activation after them, aligned within each "
        "resolution in the order they run. Matched means the same kernels, strides, channels, "
        "adjustments and parameters; the size of the maps is not compared, for it follows from the "
        "input. /2 is a stride of 2, | parts branches, “identity” is a branch that does nothing."
    )


def html(found: Difference, *, only: bool = False) -> str:
    """The aligned blocks as HTML; words say what the colours do."""
    parts = [
        f'<div class="row"><div class="name l">{escape(found.left)}</div>'
        f'<div class="name r">{escape(found.right)}</div></div>'
    ]
    for stage in found.stages:
        runs = [run for run in _runs(stage) if not (only and run.step.verdict == "matched")]
        if runs:
            said = f"<span>{escape(stage.sentence)}</span>"
            parts.append(f"<h4>{level_title(stage.level)}{said}</h4>")
            parts += [_row(run) for run in runs]
    if len(parts) == 1:
        parts.append('<div class="why">Nothing differs.</div>')
    return f'<div class="cz-diff">{"".join(parts)}</div>'


def _runs(stage: StageDifference) -> list[_Run]:
    """Equal neighbours as one row with their number."""
    grouped = groupby(stage.steps, key=lambda step: (step.verdict, step.words, *_sides(step)))
    return [_Run(first, 1 + len(rest)) for _, (first, *rest) in ((k, list(g)) for k, g in grouped)]


def _sides(step: Step) -> tuple[str, str]:
    return _inner(step.left), _inner(step.right)


def _row(run: _Run) -> str:
    step = run.step
    times = f"{run.number} × " if run.number > 1 else ""
    why = f'<div class="why">{escape("; ".join(step.words))}</div>' if step.words else ""
    mark = f'<b aria-hidden="true">{MARKS[step.verdict]}</b>{step.verdict}'
    return (
        f'<div class="row">{_side(step.left, step.verdict, times, "l", "not there")}'
        f'<div class="m cz-{step.verdict}">{mark}</div>'
        f"{_side(step.right, step.verdict, times, 'r', 'no longer there')}{why}</div>"
    )


def _side(unit: Unit | None, verdict: str, times: str, place: str, absent: str) -> str:
    if unit is None:
        return f'<div class="gap {place}">{absent}</div>'
    said = f"{times}{_inner(unit)}"
    return f'<div class="u {place} cz-{verdict}" title="{escape(unit.id)}">{said}</div>'


def _inner(unit: Unit | None) -> str:
    """Name, branches with their channels, and what comes out."""
    if unit is None:
        return ""
    shape = units.shape(unit.output)
    params = f", {units.short(unit.params)} params" if unit.params else ""
    branches = "<br>".join(escape(_branch(unit, number)) for number in range(len(unit.paths)))
    shown = f"<small>{branches}</small>" if any(unit.paths) else ""
    return f"<b>{escape(name(unit))}</b>{shown}<small>→ {shape}{params}</small>"


def _branch(unit: Unit, number: int) -> str:
    path, widths = unit.paths[number], unit.widths[number]
    named = [
        f"{word} ({width})" if width else word for word, width in zip(path, widths, strict=True)
    ]
    mark = "| " if len(unit.paths) > 1 else ""
    return f"{mark}{chain(named)}"


def _legend(found: Difference) -> None:
    colours = {"matched": "gray", "changed": "orange", "added": "green", "removed": "red"}
    st.markdown(
        " ".join(
            f":{colours[each]}-badge[{mark} {found.count(each)} {each}]"  # type: ignore[arg-type]
            for each, mark in MARKS.items()
        ),
        width="content",
    )


def _pair(pairs: Sequence[Pair]) -> tuple[Pair, Pair]:
    """The two networks the diff is between; drawn as a choice where there are more."""
    by_name = {pair[0].name: pair for pair in pairs}
    names = tuple(by_name)
    if len(names) == 2:
        return by_name[names[0]], by_name[names[1]]
    columns = st.columns(2, gap="medium")
    picked = []
    for number, side in enumerate(("from", "to")):
        key = f"compare_{side}"
        address.adopt(key, str, names[number], name=side)
        if st.session_state[key] not in names:
            st.session_state[key] = names[number]
        with columns[number]:
            value = st.selectbox(
                side.capitalize(),
                names,
                key=key,
                format_func=lambda each: by_name[each][0].title,
                persist_state="session",
            )
        address.publish(side, None if value == names[number] else value)
        picked.append(by_name[value])
    return picked[0], picked[1]
