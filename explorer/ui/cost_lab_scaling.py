"""The Cost lab's last comparison: a whole network scaled in three ways at once, or in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from explorer import figures, units
from explorer.blocks import scaling
from explorer.ui import address, cached, cost_lab_knobs, cost_lab_numbers, show

if TYPE_CHECKING:
    from explorer.blocks.scaling_records import Multipliers, Scaled

_MODES = {"phi": "All three by φ", "hand": "Each by hand"}
_TOLD = "lab_told_scaling"
_WAYS: tuple[scaling.Way, ...] = ("depth", "width", "resolution")
_AHEAD = {
    "depth": "Deeper only", "width": "Wider only", "resolution": "Larger pictures only",
}  # fmt: skip


def explore(*, guessing: bool) -> None:
    """The knobs, the network they make, the same budget spent in one way, and B0 to B7."""
    st.markdown(
        "EfficientNet-B0 grows in three ways: α more layers, β more channels, γ more pixels a "
        "side, all to the power of one number φ. Is one of them best, or all together? "
        f":small[[{scaling.PAPER}]({scaling.LINK})]"
    )
    with show.errors():
        wanted, bases, phi = _wanted()
        network = cached.scaled(wanted)
        _formula(wanted, bases, phi, network)
        if guessing and not _guessed():
            return
        _against(wanted, network)
        left, right = st.columns(2, gap="large")
        with left:
            _family(network)
        with right:
            _budget(bases, phi)


def _wanted() -> tuple[Multipliers, tuple[float, float, float], float | None]:
    """The multipliers as set, the bases they come from, and φ if they come from it."""
    key, known = "lab_scaling_mode", tuple(_MODES)
    address.adopt(key, address.one_of("way of scaling", known), known[0], name="ways")
    mode = st.segmented_control(
        "Set", known, key=key, format_func=_MODES.__getitem__, required=True,
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    address.publish("ways", None if mode == known[0] else mode)
    if mode == "hand":
        cost_lab_knobs.leave_out((scaling.PHI, *scaling.BASES))
        cost_lab_knobs.adopt("scaling", scaling.BY_HAND)
        hand = cost_lab_knobs.turned("scaling", scaling.BY_HAND)
        wanted = scaling.checked(hand["depth"], hand["width"], hand["resolution"])
        return wanted, (scaling.ALPHA, scaling.BETA, scaling.GAMMA), None
    cost_lab_knobs.leave_out(scaling.BY_HAND)
    cost_lab_knobs.adopt("scaling", (scaling.PHI, *scaling.BASES))
    knobs = cost_lab_knobs.turned("scaling", (scaling.PHI, *scaling.BASES))
    bases = (knobs["alpha"], knobs["beta"], knobs["gamma"])
    return scaling.compound(knobs["phi"], *bases), bases, float(knobs["phi"])


def _formula(
    wanted: Multipliers, bases: tuple[float, float, float], phi: float | None, network: Scaled
) -> None:
    """The budget with its numbers, and what the network comes to."""
    alpha, beta, gamma = bases
    if phi is not None:
        st.markdown(
            rf"$\alpha \cdot \beta^2 \cdot \gamma^2 = {alpha:g} \cdot {beta:g}^2 \cdot "
            rf"{gamma:g}^2 = {scaling.growth(*bases):.3f}$, so with $d = {alpha:g}^{{{phi:g}}} = "
            rf"{wanted.depth:.3g}$, $w = {beta:g}^{{{phi:g}}} = {wanted.width:.3g}$, "
            rf"$r = 224 \cdot {gamma:g}^{{{phi:g}}} = {wanted.resolution}$:"
        )
        if abs(scaling.growth(*bases) - 2) > 0.25:
            st.caption(
                "The paper keeps this product near 2, so that each step of φ about doubles the "
                "multiply-adds."
            )
    base = scaling.multiply_adds(scaling.BASE)
    with st.grid(5, min_column_width=150, gap="small", key="lab_scaling_totals") as grid:
        for title, value, meaning in (
            ("Parameters", units.short(network.params), units.count(network.params)),
            ("Multiply-adds", units.short(network.macs), f"{network.macs / base:.3g} times B0's"),
            ("Depth", str(network.layers), "weight layers, longest path"),
            ("Last map", f"{network.channels}", "channels"),
            ("Sees", f"{network.field} px", f"of {wanted.resolution}, by convolutions alone"),
        ):
            with grid.cell(), st.container(gap=None):
                st.metric(title, value)
                st.caption(meaning)


def _guessed() -> bool:
    """Ask which way the authors found best before it is told."""
    if st.session_state.get(_TOLD):
        return True
    with st.container(border=True, key="lab_scaling_guess"):
        st.markdown(
            "##### B0 may cost about four times as much. Which way gains most accuracy?",
            anchors=False,
        )
        ways = [each.way for each in scaling.REPORTED]
        chosen = st.pills("Your guess", ways, key="lab_scaling_guessed")
        if chosen is None and not st.button("Show the answer", key="lab_scaling_skip"):
            return False
    st.session_state[_TOLD] = chosen or "shown"
    st.rerun()
    return True


def _against(wanted: Multipliers, network: Scaled) -> None:
    """The same budget spent in one way only, counted from real networks."""
    st.subheader("The same budget, spent in one way only", anchor=False)
    others = [cached.scaled(scaling.alone(way, network.macs)) for way in _WAYS]
    named = zip(["As set", *(_AHEAD[way] for way in _WAYS)], [network, *others], strict=True)
    st.table(
        pd.DataFrame([_row(name, each, network) for name, each in named]),
        hide_index=True, border="horizontal",
        alt="The network as set beside three of about the same cost scaled in one way.",
    )  # fmt: skip
    _lesson()


def _lesson() -> None:
    """What the authors measured, when it is not the whole truth, and how the guess did."""
    told = ", ".join(f"{each.way} {each.top1:.1f} %" for each in scaling.REPORTED)
    with st.grid(2, min_column_width=320, gap="medium", key="lab_scaling_lesson") as grid:
        with grid.cell():
            st.markdown(
                ":material/lightbulb: **What it shows.** Each way alone soon gains little. At "
                "about 1.8 G multiply-adds by their count, the authors measured on ImageNet, up "
                f"from B0's 77.3 %: {told} ([table 7]({scaling.LINK})).{_said()}"
            )
        with grid.cell():
            st.markdown(
                ":material/timer: **In practice.** Larger pictures and more layers cost memory "
                "and time that multiply-adds do not tell; EfficientNetV2 holds the resolution "
                "back for that reason."
            )


def _said() -> str:
    """How the guess did, where there was one."""
    guess: str = st.session_state.get(_TOLD, "")
    best = max(scaling.REPORTED, key=lambda each: each.top1).way
    if guess not in {each.way for each in scaling.REPORTED}:
        return ""
    return (
        f" :green-badge[You said {guess}: right]"
        if guess == best
        else (f" :orange-badge[You said {guess}]")
    )


def _row(name: str, each: Scaled, first: Scaled) -> dict[str, str]:
    how = each.multipliers
    return {
        "": f"**{name}**  \n:small[:gray[{how.depth:.3g} × deep, {how.width:.3g} × wide, "
        f"{how.resolution} px]]",
        "Multiply-adds": f"{units.cost(each.macs)}  \n:small[:gray["
        f"{cost_lab_numbers.share(each.macs, first.macs)}]]",
        "Parameters": f"{each.params:,}  \n:small[:gray["
        f"{cost_lab_numbers.share(each.params, first.params)}]]",
        "Activations": f"{units.memory(each.activation_bytes)}  \n:small[:gray["
        f"{cost_lab_numbers.share(each.activation_bytes, first.activation_bytes)}]]",
        "Depth": str(each.layers),
        "Sees": f"{each.field} px",
    }


def _family(network: Scaled) -> None:
    """Where B0 to B7 stand, by what their weights were published with."""
    st.subheader("Where B0 to B7 stand", anchor=False)
    known = []
    for each in scaling.FAMILY:
        card = cached.card(each.name)
        weights = card.default_weights
        if weights is not None and weights.top1 is not None and card.macs is not None:
            known.append(
                figures.scaling.Standing(
                    each.title, card.macs, card.params, card.input_size[0], weights.top1,
                    weights.name,
                )
            )  # fmt: skip
    show.figure(
        figures.scaling.family(known, network.macs),
        lambda: figures.scaling.family_rows(known),
        key="lab_family",
        name="efficientnet_family",
        alt="Published top-1 accuracy of EfficientNet-B0 to B7 against their multiply-adds.",
    )
    st.caption(
        "Accuracy belongs to weights: these are torchvision's, at the size each was evaluated. "
        "What a network in between would reach, nobody has trained."
    )


def _budget(bases: tuple[float, float, float], phi: float | None) -> None:
    """What φ promises, against what the networks come to."""
    st.subheader("The budget line", anchor=False)
    steps = [number / 2 for number in range(15)]
    base = scaling.multiply_adds(scaling.BASE)
    counted = [scaling.multiply_adds(scaling.compound(each, *bases)) / base for each in steps]
    drawn = figures.scaling.Budget(
        tuple(steps),
        tuple(scaling.growth(*bases) ** each for each in steps),
        tuple(counted),
        0.0 if phi is None else phi,
    )
    show.figure(
        figures.scaling.budget(drawn),
        lambda: figures.scaling.budget_rows(drawn),
        key="lab_budget",
        name="compound_scaling_budget",
        alt="Multiply-adds by φ: as the rule promises and as the networks come to.",
    )
    st.caption(
        "Layers are rounded up and channels to multiples of eight, so the networks cost more than "
        "the rule promises."
    )
