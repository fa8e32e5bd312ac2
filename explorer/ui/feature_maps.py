"""The Feature maps page: all channels of a layer, one of them large, filters, and statistics."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from explorer import figures, units
from explorer.ui import address, cached, clickable, map_choices, show, work
from explorer.vision.activation_records import ORDERS, SCALES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explorer.ui.map_choices import Looking
    from explorer.vision.activation_records import (
        Along,
        ChannelView,
        FilterSheet,
        Sheet,
        SheetGeometry,
        Statistics,
    )

Word = TypeVar("Word", bound=str)

HERO = 720
"""Pixels of the page that one channel over the picture takes at most."""
LEGIBLE = 620
"""A sheet is not made smaller than this on a narrow screen: it scrolls."""
SECONDS = 900.0


def sheet(looking: Looking) -> Sheet:
    """Draw all channels of the row; a click shows one large."""
    chosen = map_choices.asked_channel(looking)
    place = st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="maps_bar")
    with place:
        scale, order = _choice("scale", SCALES), _choice("order", ORDERS)
    page = st.session_state.get(map_choices.PAGE)
    with st.spinner("Drawing …", show_time=False):
        found: Sheet = cached.of_picture(
            "vision.sheet",
            looking.opened.card.name,
            looking.opened.picture,
            looking.opened.weights,
            layer=looking.row.layer,
            scale=scale,
            order=order,
            page=page or 0,
            holding=chosen if page is None else None,
        )
    with place:
        _pages(found.page, found.pages)
    shown = map_choices.channel(looking, found)
    _clickable(found.png, found.geometry, shown, "maps_sheet", _said(found), _pick)
    st.caption(f"{_said(found)} {found.note}")
    return found


def large(looking: Looking, sheet: Sheet) -> tuple[ChannelView, tuple[int, int]]:
    """Draw one channel over the picture; a click chooses a unit. Returns both."""
    number = map_choices.channel(looking, sheet)
    view: ChannelView = cached.of_picture(
        "vision.channel",
        looking.opened.card.name,
        looking.opened.picture,
        looking.opened.weights,
        layer=looking.row.layer,
        number=number,
    )
    unit = map_choices.unit(looking, view)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="maps_one"):
        st.session_state["maps_number"] = number
        st.number_input(
            "Channel", 0, view.channels - 1, key="maps_number", width=110, on_change=_typed
        )
        strength = st.slider(
            "Over the picture", 0.0, 1.0, 0.5, 0.05, key="maps_strength", width=200,
            persist_state="session", help="0 is the picture alone, 1 the map alone.",
        ) if view.grid is not None else 0.5  # fmt: skip
    if view.grid is None:
        st.metric(f"Channel {number}", f"{float(view.values[0, 0]):.6g}")
        return view, unit
    seen = cached.unit(looking.opened, looking.row.layer, (number, *unit)).seen
    grid = view.grid
    clickable.picture(
        cached.laid_over(looking.opened, view, strength, HERO),
        key="maps_large",
        alt=f"Channel {number} of {view.layer} over {looking.opened.picture.name}.",
        marker=grid.cell(*unit),
        boxes=() if seen is None else (grid.fraction(seen),),
        pixelated=True,
        width=HERO,
        on_click=lambda x, y: map_choices.choose_unit(*grid.unit(x, y)),
    )
    st.caption(_described(view.statistics))
    return view, unit


def filters(looking: Looking) -> None:
    """Draw the kernels of a convolution: in colour, or those for one input channel."""
    if not looking.row.filtered:
        _no_filters(looking)
        return
    ask = partial(
        cached.filter_sheet, looking.opened.card.name, looking.row.layer, looking.opened.weights
    )
    key = f"filters {looking.opened.card.name} {looking.row.layer}"
    place = st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="maps_in")
    page = st.session_state.get(f"{key} page", 0)
    first = ask(None, 0)
    with place:
        channel = _input_channel(first, key)
        _pages(min(page, first.pages - 1), first.pages, key=f"{key} page")
    found = ask(channel, min(page, first.pages - 1))
    _clickable(
        found.png,
        found.geometry,
        st.session_state.get("maps_channel"),
        "maps_filters",
        f"The filters of {found.layer}.",
        map_choices.choose_channel,
    )
    st.caption(_filters_said(found, channel))


def _no_filters(looking: Looking) -> None:
    """Say why there are none, and offer the nearest convolution before, or else the next."""
    row = looking.row
    filtered = [each for each in looking.rows.rows if each.filtered]
    st.info(
        f"`{row.layer}` ({row.kind}) has no filters: only convolutions do. "
        + ("Choose one in the list above." if filtered else "This network has none."),
        icon=":material/blur_off:",
    )
    before = [each for each in filtered if each.index < row.index]
    for near in before[-1:] or filtered[:1]:
        st.button(
            f"The filters of {near.layer}", key="maps_filtered", icon=":material/blur_on:",
            on_click=map_choices.go, args=(near.layer,),
        )  # fmt: skip


def along(looking: Looking) -> None:
    """Draw statistics of every row for this picture."""
    opened = looking.opened
    found: Along | None = work.run(
        f"along {opened.card.name} {opened.weights} {opened.picture.digest}",
        "Look at every layer",
        start=lambda: work.Work(
            "vision.statistics", opened.card.name, opened.picture, weights=opened.weights,
            timeout=SECONDS,
        ),
        at_once=True,
    )  # fmt: skip
    if found is None:
        return
    dead = sum(each.dead for each in found.layers)
    channels = sum(each.channels for each in found.layers)
    st.caption(
        f"{len(found.layers)} rows with {channels:,} channels, of which {dead:,} are dead: above 0 "
        "nowhere on this picture. Zeros are the share of values that are exactly 0; the spread is "
        f"the standard deviation. {found.use.warning.capitalize()}"
    )
    show.figure(
        figures.activations.along(found, looking.row.layer),
        lambda: figures.activations.along_rows(found),
        key="maps_along",
        name=f"{opened.card.name.replace(':', '_')}_activations",
        alt=f"Share of zeros, dead channels, mean and spread at {len(found.layers)} rows of "
        f"{opened.card.title} for {opened.picture.name}.",
    )


def _clickable(
    png: bytes,
    geometry: SheetGeometry,
    chosen: int | None,
    key: str,
    alt: str,
    pick: Callable[[int], None],
) -> None:
    clickable.picture(
        png,
        key=key,
        alt=alt,
        marker=None if chosen is None else geometry.box(chosen),
        step=geometry.step,
        width=geometry.width,
        least=min(LEGIBLE, geometry.width),
        on_click=partial(_clicked, geometry, pick),
    )


def _clicked(geometry: SheetGeometry, pick: Callable[[int], None], x: float, y: float) -> None:
    number = geometry.channel_at(x, y)
    if number is not None:
        pick(number)


def _pick(number: int) -> None:
    page = st.session_state.get(map_choices.PAGE)
    map_choices.choose_channel(number)
    st.session_state[map_choices.PAGE] = page


def _typed() -> None:
    if st.session_state["maps_number"] is not None:
        map_choices.choose_channel(int(st.session_state["maps_number"]))


def _choice(name: str, titles: Mapping[Word, str]) -> Word:
    known = tuple(titles)
    address.adopt(f"maps_{name}", address.one_of(name, known), known[0], name=name)
    chosen = st.segmented_control(
        {"scale": "Brightness", "order": "Channels"}[name],
        known,
        key=f"maps_{name}",
        format_func=titles.__getitem__,
        required=True,
        persist_state="session",
    )
    address.publish(name, None if chosen == known[0] else chosen)
    return chosen or known[0]


def _pages(page: int, pages: int, key: str = map_choices.PAGE) -> None:
    if pages < 2:
        return
    widget = f"{key} widget"
    st.session_state[widget] = page + 1

    def turned() -> None:
        if st.session_state[widget] is not None:
            st.session_state[key] = int(st.session_state[widget]) - 1

    st.number_input(f"Page of {pages}", 1, pages, key=widget, width=120, on_change=turned)


def _input_channel(found: FilterSheet, key: str) -> int | None:
    """Which input channel's kernels are shown; None for colour."""
    if found.first:
        picked = st.segmented_control(
            "Input channel",
            ("In colour", "red", "green", "blue"),
            default="In colour",
            key=f"{key} colour",
            required=True,
        )
        return {"red": 0, "green": 1, "blue": 2}.get(picked or "")
    if found.inputs == 1:
        return 0
    picked_number = st.number_input(
        "Input channel", 0, found.inputs - 1, 0, key=f"{key} input", width=140
    )
    return int(picked_number or 0)


def _said(sheet: Sheet) -> str:
    """What the sheet shows, in a sentence or two."""
    what = "numbers" if sheet.grid == (1, 1) else f"maps of {units.shape(sheet.grid)}"
    dead = f" {sheet.dead} of them are dead: above 0 nowhere on this picture." if sheet.dead else ""
    shrunk = (
        f" Squares of {sheet.shrunk} × {sheet.shrunk} are averaged here."
        if sheet.shrunk > 1
        else ""
    )
    cold = " Warm is above 0, cold below." if sheet.lowest < 0 else ""
    return (
        f"{sheet.count:,} {what}, from {_number(sheet.lowest)} to "
        f"{_number(sheet.highest)}."
        f"{dead}{shrunk}{cold}"
    )


def _filters_said(found: FilterSheet, channel: int | None) -> str:
    size = units.shape(found.kernel)
    groups = f" in {found.groups} groups" if found.groups > 1 else ""
    if channel is None:
        return (
            f"{found.outputs} filters of {size} pixels{groups}, each as the picture it answers to "
            "most; grey is 0."
        )
    return (
        f"{found.outputs} filters of {size}{groups}: what each does with input channel {channel} "
        f"of {found.inputs}. Warm is above 0, cold below; full colour is the filter's largest "
        "weight in any channel."
    )


def _described(found: Statistics) -> str:
    return (
        f"From {_number(found.lowest)} to {_number(found.highest)}, mean {_number(found.mean)}, "
        f"standard deviation {_number(found.spread)}; {units.percent(found.zeros)} of "
        f"{found.count:,} values are 0."
    )


def _number(value: float) -> str:
    """Four significant digits, thousands written out."""
    text = f"{value:,.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.4g}"
    return text.replace("-", "−")
