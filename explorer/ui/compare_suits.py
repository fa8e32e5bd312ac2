"""The Compare page's section on picture sizes: what the layers of each network still add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures
from explorer.compare.suits import USUAL_SIZES, fit
from explorer.ui import address, compare, pickers, show

if TYPE_CHECKING:
    from explorer.compare.records import Fit
    from explorer.ui.compare import Chosen

OTHER = 0
_SIZE, _SIDE = "compare_px", "compare_px_side"


def draw(chosen: Chosen) -> None:
    """A sentence for each network, how many layers add something, and where they stop."""
    side = _side()
    pairs = compare.taken_apart(compare.Chosen(chosen.cards, (side, side)))
    found = [fit(card, anatomy) for card, anatomy in pairs]
    for each in found:
        _say(each)
    shown = [each for each in found if not each.refused]
    if not any(each.windows for each in shown):
        return
    _figures(shown, side)
    st.caption(
        "A layer is marked once the field of what reaches it is larger than the picture: it can "
        "add no context, only another non-linearity (Richter et al., *Should You Go Deeper?*, "
        "2021). Fields are those of the longest path; shortcuts carry smaller ones along, so "
        "in residual networks the marked layers still mix some. On a single position a k×k kernel "
        "uses one of its k·k weights."
    )


def _figures(shown: Sequence[Fit], side: int) -> None:
    show.figure(
        figures.compare_fits.fits(shown),
        lambda: figures.compare_fits.fit_rows(shown),
        key="compare_fits",
        name=f"convzoo_fit_{side}",
        alt=f"How many layers of each network still widen what is seen of {side} pixels.",
    )
    st.subheader("Where sight outgrows the picture", anchor=False)
    show.figure(
        figures.compare_fits.fields(shown),
        lambda: figures.compare_fits.fit_rows(shown),
        key="compare_fit_fields",
        name=f"convzoo_fields_{side}",
        alt=f"Receptive field of each sliding layer against pictures of {side} pixels.",
    )


def _say(each: Fit) -> None:
    if each.refused:
        st.warning(each.sentence, icon=":material/photo_size_select_small:")
        return
    idle = each.covered + each.single
    icon = ":material/check_circle:" if not idle else ":material/straighten:"
    st.markdown(f"{icon} {each.sentence}")


def _side() -> int:
    """Draw the size of the pictures; `px` in the address."""
    address.adopt(_SIDE, address.whole_number("px", 1, pickers.LARGEST_SIDE), 32, name="px")
    if address.says("px") is not None:
        asked = st.session_state[_SIDE]
        st.session_state[_SIZE] = asked if asked in USUAL_SIZES else OTHER
    st.session_state.setdefault(_SIZE, USUAL_SIZES[0])
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_px_knobs"):
        size = st.segmented_control(
            "My pictures have",
            (*USUAL_SIZES, OTHER),
            key=_SIZE,
            format_func=lambda side: f"{side} × {side}" if side else "another size",
            required=True,
            persist_state="session",
        )
        if size == OTHER:
            value = st.number_input(
                "Side", 1, pickers.LARGEST_SIDE, key=_SIDE, persist_state="session", width=110
            )
            size = int(value or USUAL_SIZES[0])
    side = int(size or USUAL_SIZES[0])
    address.publish("px", None if side == USUAL_SIZES[0] else str(side))
    return side
