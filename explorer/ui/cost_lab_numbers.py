"""The Cost lab's numbers side by side, its formulas, and what all of it shows in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from explorer import units

if TYPE_CHECKING:
    from explorer.blocks.comparison import Comparison
    from explorer.blocks.lab_records import Counted, Lab

CONVENTION = (
    "Counted from the real modules at batch 1, without biases and normalisation, as papers count. "
    f"{units.CONVENTIONS['MACs']}. Activations are what one pass writes in fp32, kept is what "
    "training holds of it. Sees: the side of the receptive field in pixels of the input."
)


def table(lab: Lab) -> None:
    """A row a design: what it costs, beneath it its share of the first one's, and what it buys."""
    first = lab.designs[0]
    rows = [
        {
            "": f"**{each.title}**  \n:small[:gray[to {units.shape(each.output_shape)}]]",
            "Parameters": _beside(each.params, first.params),
            "Multiply-adds": _beside(each.macs, first.macs),
            "Activations": _memory(each, first),
            "Sees": _sees(each),
            "Non-linearities": str(each.nonlinearities),
            "Depth": str(each.depth),
        }
        for each in lab.designs
    ]
    st.table(
        pd.DataFrame(rows), hide_index=True, border="horizontal",
        alt="Parameters, multiply-adds, activations and receptive field of each design.",
    )  # fmt: skip
    st.caption(CONVENTION)


def lesson(comparison: Comparison) -> None:
    """One sentence for what it shows, one for when that is not the whole truth, and the paper."""
    with st.grid(2, min_column_width=320, gap="medium", key="lab_lesson") as grid:
        with grid.cell():
            st.markdown(f":material/lightbulb: **What it shows.** {comparison.lesson}")
            st.caption(f"[{comparison.paper}]({comparison.link})")
        with grid.cell():
            st.markdown(f":material/timer: **In practice.** {comparison.in_practice}")


def formulas(lab: Lab) -> None:
    """Each design's formulas with the numbers in them, and that the real module agrees."""
    st.subheader("The formulas, with the numbers in them", anchor=False)
    with st.grid(len(lab.designs), min_column_width=270, gap="medium", key="lab_formulas") as grid:
        for design in lab.designs:
            with grid.cell(), st.container(gap="xsmall"):
                st.markdown(f"**{design.title}**")
                for formula, counted in (
                    (design.weights_formula, design.params),
                    (design.macs_formula, design.macs),
                ):
                    # In a line of text a long formula wraps; by itself it would be cut off.
                    st.markdown(f"${formula.general}$  \n${formula.with_numbers}$")
                    st.caption(_confirmed(formula.values[0], counted))


def _confirmed(by_formula: float, counted: int) -> str:
    """Whether the module built of the design has as many."""
    if by_formula == counted:
        return f":green[:material/check:] {counted:,} counted from the real module."
    return f":red[:material/close:] The real module has {counted:,}."


def _beside(number: int, first: int) -> str:
    return f"{number:,}  \n:small[:gray[{share(number, first)}]]"


def share(number: float, first: float) -> str:
    """A number by the first design's: in per cent, or so many times from ten times on."""
    if not first:
        return ""
    ratio = number / first
    return f"{ratio:,.0f} ×" if ratio >= 10 else f"{100 * ratio:.3g} %"


def _memory(design: Counted, first: Counted) -> str:
    kept = units.memory(design.kept_bytes)
    return (
        f"{units.memory(design.activation_bytes)}  \n:small[:gray["
        f"{share(design.activation_bytes, first.activation_bytes)}, {kept} kept]]"
    )


def _sees(design: Counted) -> str:
    return "whole input" if design.field is None else units.shape(design.field)
