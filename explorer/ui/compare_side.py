"""The Compare page's first section: totals, stages, sight and maps side by side."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures, units
from explorer.compare import tables
from explorer.figures import style
from explorer.ui import compare, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.anatomy.records import Anatomy
    from explorer.compare.assembled import Pair
    from explorer.compare.records import Comparison, Totals

COSTS = {"MACs": "MACs", "parameters": "parameters", "activations": "activations"}
ALONG = {"depth": "depth", "stride": "stride"}

CSS = """
<style>
.cz-side { overflow-x: auto; margin-bottom: .4rem }
.cz-side table { border-collapse: collapse; width: 100%; table-layout: fixed;
  font-variant-numeric: tabular-nums }
.cz-side th, .cz-side td { padding: .38rem .9rem .38rem 0; text-align: left; vertical-align: top;
  border: 0; border-bottom: 1px solid rgba(128,134,145,.22); overflow-wrap: anywhere }
.cz-side th:first-child, .cz-side td:first-child { width: 6.5rem; opacity: .72;
  font-weight: 400 }
.cz-side thead th { font-weight: 600; border-bottom-width: 2px; border-bottom-color: var(--c) }
.cz-side .v { font-weight: 600 }
.cz-side small { display: block; opacity: .72; font-size: .8rem; line-height: 1.25 }
.cz-side .bar { height: 5px; border-radius: 2px; margin: .22rem 0 .15rem; background: var(--c);
  min-width: 2px }
</style>
"""


def draw(found: Comparison, pairs: Sequence[Pair]) -> None:
    """Totals as a table with bars, then what happens along the networks."""
    st.html(CSS + table(found.columns))
    st.caption(tables.CONVENTIONS)
    anatomies = [anatomy for _, anatomy in pairs]
    _stages(found)
    left, right = st.columns(2, gap="large")
    with left:
        _growth(anatomies)
    with right:
        _maps(anatomies)


def table(columns: Sequence[Totals]) -> str:
    """The totals as HTML: a row a figure, each with a bar against the largest."""
    heads = "".join(
        f'<th style="--c:{colour}">{escape(each.title)}'
        f"<small>{escape(each.family)} {each.year}</small></th>"
        for each, colour in zip(columns, style.PALETTE, strict=False)
    )
    rows = [
        _bars("Parameters", columns, [each.params for each in columns], units.short),
        _bars("MACs", columns, [each.macs for each in columns], units.cost, _uncounted(columns)),
        _bars("Activations", columns, [x.activation_bytes for x in columns], units.memory),
        _bars("… at the peak", columns, [x.peak_bytes for x in columns], units.memory),
        _bars("Weights in memory", columns, [x.weight_bytes for x in columns], units.memory),
        _bars("Depth", columns, [x.depth for x in columns], str, ["weight layers"] * len(columns)),
        _words("Sees", [(each.sees, each.sees_of) for each in columns]),
        _words("Input", [(units.shape(each.input_shape[-3:]), _own(each)) for each in columns]),
        _words("Published accuracy", [_accuracy(each) for each in columns]),
    ]
    return (
        f'<div class="cz-side" role="region" tabindex="0" aria-label="Totals side by side">'
        f'<table style="min-width:{6.5 + 8 * len(columns)}rem">'
        f"<thead><tr><th></th>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _bars(
    title: str,
    columns: Sequence[Totals],
    values: Sequence[int],
    write: Callable[[int], str],
    below: Sequence[str] = (),
) -> str:
    most, first = max(values) or 1, values[0]
    cells = []
    for number, value in enumerate(values):
        said = write(value)
        times = f" · {_ratio(value / first)}" if number and first else ""
        more = below[number] if below else ""
        words = " · ".join(filter(None, (more, times.removeprefix(" · "))))
        cells.append(
            f'<td style="--c:{style.PALETTE[number]}"><span class="v">{escape(said)}</span>'
            f'<div class="bar" style="width:{100 * value / most:.1f}%"></div>'
            f"<small>{escape(words)}</small></td>"
        )
    return f"<tr><td>{title}</td>{''.join(cells)}</tr>"


def _ratio(times: float) -> str:
    """How many times the first: "2.3 ×", or "a 4th"."""
    if times >= 0.995:
        return f"{times:.3g} × the first" if times < 100 else f"{times:.0f} × the first"
    return f"{times:.2g} × the first"


def _words(title: str, cells: Sequence[tuple[str, str]]) -> str:
    said = "".join(
        f'<td><span class="v">{escape(value)}</span><small>{escape(more)}</small></td>'
        for value, more in cells
    )
    return f"<tr><td>{title}</td>{said}</tr>"


def _uncounted(columns: Sequence[Totals]) -> list[str]:
    return [f"{x.not_counted} operators not counted" if x.not_counted else "" for x in columns]


def _own(column: Totals) -> str:
    if column.input_shape[-2:] == column.own_size:
        return "its own size"
    return f"its own is {units.shape(column.own_size)}"


def _accuracy(column: Totals) -> tuple[str, str]:
    said = column.accuracy
    if said is None:
        return "none", "no published weights here"
    ending = " %" if said.metric.endswith(("acc@1", "miou", "map")) else ""
    return f"{said.value:.2f}{ending}", f"{said.metric} · {said.weights}"


def _stages(found: Comparison) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_stage_knobs"):
        st.subheader("What each resolution costs", anchor=False)
        cost = compare.segmented("Cost", "compare_cost", COSTS, name="cost", hidden=True)
    show.figure(
        figures.compare.stages(found.columns, cost),
        lambda: figures.compare.stage_rows(found.columns),
        key="compare_stages",
        name="convzoo_compare_stages",
        alt=f"{cost} of each network at each resolution of its maps.",
    )
    st.caption(tables.STAGES_SAY)


def _growth(anatomies: Sequence[Anatomy]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_growth_knobs"):
        st.subheader("How far they see", anchor=False)
        along = compare.segmented("Against", "compare_along", ALONG, name="along", hidden=True)
    show.figure(
        figures.compare.growth(anatomies, along),
        lambda: figures.compare.growth_rows(anatomies),
        key="compare_growth",
        name="convzoo_compare_fields",
        alt=f"Receptive field of each network against its {along}.",
    )
    st.caption(
        "Along convolutions and windows of attention, on the longest path; what sees everything at "
        "once is left out. A point wherever the field grows; layers are counted on all branches."
    )


def _maps(anatomies: Sequence[Anatomy]) -> None:
    st.subheader("Maps shrink while channels grow", anchor=False)
    show.figure(
        figures.compare.maps(anatomies),
        lambda: figures.compare.map_rows(anatomies),
        key="compare_maps",
        name="convzoo_compare_maps",
        alt="Channels of each network's maps against their height.",
    )
    st.caption(
        "The last map of each height, from the input at the left to the smallest; where a network "
        "enlarges its maps again, the way down alone."
    )
