"""The Gradient flow page: chains side by side, what theory says of them, and blocks at zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from explorer import figures
from explorer.figures import gradient_flow as drawn
from explorer.training import flow_verdicts, mean_field
from explorer.training.gradient_flow_records import SAMPLES
from explorer.ui import (
    address,
    cached,
    gradient_flow_guess,
    gradient_flow_network,
    gradient_flow_setups,
    show,
)

if TYPE_CHECKING:
    from explorer.figures.gradient_flow import Quantity
    from explorer.training.gradient_flow_records import Flow
    from explorer.training.mean_field import Theory

CONVENTION = (
    f"One pass of {SAMPLES} vectors in fp32. Activations are what the next layer is given, before "
    "its normalisation and activation; gradients are those of the mean cross-entropy, Euclidean "
    "norms over the batch. Dotted is theory for layers without end in width, from where the "
    "measured line begins; real ones scatter about it, the more the deeper they are for their "
    "width ([Hanin and Nica, 2018](https://arxiv.org/abs/1812.05994)). A triangle at the lower "
    "edge is an exact 0, one at the upper what fp32 cannot hold."
)
_WAYS: dict[Quantity, str] = {"gradients": "By activations", "weights": "By weights"}


def choose() -> bool:
    """Draw the headline and beside it the switch: whether to guess first."""
    left, right = st.columns([75, 25], gap="medium", vertical_alignment="bottom")
    left.title("What is left of the gradient?", anchor=False)
    with right:
        return gradient_flow_guess.wanted()


def explore(*, guessing: bool) -> None:
    """The chains, the curves once they were guessed at, and what lies beyond."""
    st.markdown(
        "A batch goes through a chain of equal layers that has learned nothing yet, and the loss's "
        "gradient comes back. Every layer multiplies it by something; over many layers only a "
        "factor near one leaves enough to learn from."
    )
    setups = gradient_flow_setups.chains()
    bench = gradient_flow_setups.bench()
    with show.errors():
        if not guessing or gradient_flow_guess.told(setups):
            flows = tuple(cached.flow(each, bench) for each in setups)
            if guessing:
                gradient_flow_guess.answer(flows)
            _curves(flows)
        _zero()
        gradient_flow_network.explore()


def _curves(flows: tuple[Flow, ...]) -> None:
    """Signals forward, gradients back, and both in a table."""
    theories = tuple(mean_field.theory(each) for each in flows)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Forward: activations", anchor=False, divider=False)
        _figure(flows, theories, "activations")
    with right:
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center",
            key="flow_back_head",
        ):  # fmt: skip
            st.subheader("Back: gradients", anchor=False)
            way = _way()
        _figure(flows, theories, way)
    st.caption(CONVENTION)
    _table(flows, theories)
    _theory(flows, theories)


def _way() -> Quantity:
    known = tuple(_WAYS)
    address.adopt("flow_by", address.one_of("gradients", known), known[0], name="by")
    way = st.segmented_control(
        "Gradient", known, key="flow_by", required=True, label_visibility="collapsed",
        format_func=_WAYS.__getitem__, persist_state="session",
    )  # fmt: skip
    address.publish("by", None if way == known[0] else way)
    return way or known[0]


def _figure(flows: tuple[Flow, ...], theories: tuple[Theory | None, ...], way: Quantity) -> None:
    show.figure(
        figures.gradient_flow.flows(flows, theories, way),
        lambda: figures.gradient_flow.flow_rows(flows, theories),
        key=f"flow_{'forward' if way == 'activations' else 'back'}",
        name=f"{way}_by_layer",
        alt=f"{drawn.TITLES[way]} by layer, for {len(flows)} chains.",
    )


def _table(flows: tuple[Flow, ...], theories: tuple[Theory | None, ...]) -> None:
    rows = []
    for flow, theory in zip(flows, theories, strict=True):
        said = flow_verdicts.verdict(flow)
        rows.append(
            {
                "": f"**{drawn.title(flow.setup)}**",
                "Activations, first to last": f"{flow.activations[0]:.3g} to "
                f"{flow.activations[-1]:.3g}",
                "Gradient, last to first": f"{flow.gradients[-1]:.3g} to {flow.gradients[0]:.3g}",
                "Each layer": "—" if said.per_layer is None else f"× {said.per_layer:.3f}",
                "In theory": "no theory" if theory is None else f"× {theory.factor:.3f}",
                "What becomes of it": said.sentence,
            }
        )
    st.table(
        pd.DataFrame(rows), hide_index=True, border="horizontal",
        alt="Activations and gradients at both ends of each chain, and what becomes of them.",
    )  # fmt: skip


def _theory(flows: tuple[Flow, ...], theories: tuple[Theory | None, ...]) -> None:
    """The factor of each chain as a formula, with its numbers."""
    st.subheader("Where the factor comes from", anchor=False)
    with st.grid(min(3, len(flows)), min_column_width=300, gap="medium", key="flow_theory") as grid:
        for flow, theory in zip(flows, theories, strict=True):
            with grid.cell(), st.container(gap="xsmall"):
                st.markdown(f"**{drawn.title(flow.setup)}**")
                if theory is None:
                    st.caption(mean_field.without(flow))
                    continue
                st.markdown(f"$\\chi = {theory.rule}$  \n${theory.filled}$", anchors=False)
                st.caption(f"{theory.sentence} [{theory.paper}]({theory.link})")


def _zero() -> None:
    """Blocks whose weights are zero, in numbers."""
    st.subheader("A residual block at zero weights is the identity", anchor=False)
    st.markdown(
        "With all weights zero a plain layer forgets its input and stops the gradient. With a skip "
        "around it, the same layer passes both on untouched: a network of such blocks begins as if "
        "it were shallow."
    )
    rows = [
        {
            "": f"**{each.title}**  \n:small[:gray[{each.how}]]",
            "Forward": f"max |out − in| = {each.changed:.4g}  \n"
            f":small[:gray[max |out| = {each.output:.4g}]]",
            "Back": f"max |gradient in − out| = {each.passed:.4g}  \n"
            f":small[:gray[max |gradient in| = {each.gradient:.4g}]]",
            "So it is": _so(each.changed, each.output, each.passed, each.gradient),
        }
        for each in cached.zero_blocks()
    ]
    st.table(
        pd.DataFrame(rows), hide_index=True, border="horizontal",
        alt="What blocks with weights of zero make of a batch and of a gradient.",
    )  # fmt: skip
    st.caption(
        f"{SAMPLES} vectors of standard normal numbers, and as many for the gradient from above. "
        "Beginning so: [Goyal et al., 2017](https://arxiv.org/abs/1706.02677); skips without "
        "anything on them: [He et al., 2016](https://arxiv.org/abs/1603.05027)."
    )


def _so(changed: float, output: float, passed: float, gradient: float) -> str:
    if changed == 0 and passed == 0:
        return "the identity, both ways"
    return "zero, both ways" if output == 0 and gradient == 0 else "neither"
