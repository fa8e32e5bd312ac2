"""The Cost lab's figures: costs side by side, along a knob, and inside of the designs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures
from explorer.anatomy.formula import latex
from explorer.blocks import by_formula
from explorer.ui import address, cached, show

if TYPE_CHECKING:
    from explorer.blocks.comparison import Comparison
    from explorer.blocks.lab_records import Lab

QUANTITIES: dict[str, str] = {
    "weights": "Parameters",
    "MACs": "Multiply-adds",
    "memory": "Activations",
}


def bars(lab: Lab) -> None:
    """Every design's costs by the first one's."""
    st.subheader("Side by side", anchor=False)
    show.figure(
        figures.cost_lab.bars(lab),
        lambda: figures.cost_lab.bar_rows(lab),
        key="lab_bars",
        name=f"{lab.comparison}_costs",
        alt=f"Costs of {', '.join(each.title for each in lab.designs)}, the first being 100 %.",
    )


def curve(comparison: Comparison, lab: Lab) -> None:
    """The same along one knob: lines by formula, dots counted from real modules."""
    st.subheader("Along a knob", anchor=False)
    knob, quantity, relative = _asked(comparison)
    values = tuple(lab.values)
    counted = cached.along(comparison.key, values, knob)
    found = [float(point.value) for point in counted.points]
    lines = by_formula.along(comparison, dict(values), knob, min(found), max(found))
    titles = {each.key: each.title for each in lab.designs}
    turned = next(each for each in comparison.knobs if each.name == knob)
    here = dict(values)[knob]
    drawn = figures.cost_lab.Curves(titles, turned.title, quantity, relative, here)
    show.figure(
        figures.cost_lab.curve(counted, lines, drawn),
        lambda: figures.cost_lab.curve_rows(counted, titles),
        key="lab_curve",
        name=f"{comparison.key}_along_{knob}",
        alt=f"{QUANTITIES[quantity]} of each design while {turned.title.lower()} changes.",
    )
    st.caption(_meaning(comparison, quantity, relative=relative))


def adopt(comparison: Comparison) -> None:
    """Take from the address what the curve is drawn of, also while it is not to be seen yet."""
    place = f"lab_{comparison.key}"
    knobs, quantities = tuple(_numeric(comparison)), tuple(QUANTITIES)
    address.adopt(f"{place}_along", address.one_of("knob", knobs), comparison.sweep, name="along")
    address.adopt(
        f"{place}_curve", address.one_of("quantity", quantities), str(comparison.guess.quantity),
        name="curve",
    )  # fmt: skip
    address.adopt(
        f"{place}_ways",
        lambda text: address.one_of("ways", ("share", "whole"))(text) == "share",
        bool(comparison.law),
        name="ways",
    )


def _numeric(comparison: Comparison) -> dict[str, str]:
    return {knob.name: knob.title for knob in comparison.knobs if not knob.choices}


def _asked(comparison: Comparison) -> tuple[str, str, bool]:
    """The knob to turn, what to draw, and whether as a share of the first design."""
    numeric, place = _numeric(comparison), f"lab_{comparison.key}"
    usual_quantity, usual = comparison.guess.quantity, bool(comparison.law)
    with st.container(horizontal=True, vertical_alignment="bottom", key="lab_curve_knobs"):
        knob = st.selectbox(
            "Along", tuple(numeric), key=f"{place}_along", format_func=numeric.__getitem__,
            width=210, persist_state="session",
        )  # fmt: skip
        quantity = st.selectbox(
            "What", tuple(QUANTITIES), key=f"{place}_curve", format_func=QUANTITIES.__getitem__,
            width=160, persist_state="session",
        )  # fmt: skip
        relative = st.toggle("By the first design's", key=f"{place}_ways", persist_state="session")
    address.publish("along", None if knob == comparison.sweep else knob)
    address.publish("curve", None if quantity == usual_quantity else quantity)
    address.publish("ways", None if relative == usual else "share" if relative else "whole")
    return knob or comparison.sweep, quantity or "weights", bool(relative)


def _meaning(comparison: Comparison, quantity: str, *, relative: bool) -> str:
    law = f" The lower line is ${latex(comparison.law)}$." if comparison.law and relative else ""
    if quantity == "memory":
        return f"Dots are counted from real modules, joined by straight lines.{law}"
    return f"Lines are the formulas, dots are counted from real modules.{law}"


def inside(comparison: Comparison, lab: Lab) -> None:
    """What there is to see inside of the designs: fields, branches, or channels along a block."""
    masks = {
        design.title: by_formula.seen(design.parts)
        for design in comparison.designs(dict(lab.values))
    }
    sizes = [{mask.shape for mask in chain} - {(1, 1)} for chain in masks.values()]
    if all(masks.values()) and max(map(len, sizes)) > 1:
        _growth(lab, masks)
    if any(each.shares for each in lab.designs):
        _shares(lab)
    if comparison.key == "dense":
        _along_block(lab)


def _growth(lab: Lab, masks: dict[str, by_formula.Masks]) -> None:
    """The pixels one output sees, layer after layer."""
    st.subheader("What one output sees, layer after layer", anchor=False)
    most = max(map(len, masks.values()))
    # A deeper stack starts with all of its layers, so the number is part of the key.
    step = st.slider(
        "Layers so far", 1, most, most, key=f"lab_{lab.comparison}_layers_{most}", width=260
    )
    show.figure(
        figures.cost_lab.growth(masks, step),
        lambda: figures.cost_lab.growth_rows(masks),
        key="lab_growth",
        name=f"{lab.comparison}_receptive_field",
        alt=f"Pixels of the input that one output sees after {step} of {most} layers.",
    )
    st.caption("A pixel has the colour of the first layer behind which it counts.")


def _shares(lab: Lab) -> None:
    """What each branch costs of the whole."""
    st.subheader("Branch by branch", anchor=False)
    show.figure(
        figures.cost_lab.shares(lab),
        lambda: figures.cost_lab.share_rows(lab),
        key="lab_shares",
        name=f"{lab.comparison}_branches",
        alt="Each branch's share of the parameters and multiply-adds of its design.",
    )


def _along_block(lab: Lab) -> None:
    """Channels and memory behind each layer of a dense block."""
    st.subheader("Channels and memory along the block", anchor=False)
    show.figure(
        figures.cost_lab.block(lab),
        lambda: figures.cost_lab.block_rows(lab),
        key="lab_block",
        name=f"{lab.comparison}_along",
        alt="Channels behind each layer, and the memory that was written up to it.",
    )
    st.caption(
        "Channels behind each concatenation, and all that was written up to it: every "
        "concatenation copies what was there."
    )
