"""The Saliency page: its sections, and the grid of methods, classes and networks on one picture."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures
from explorer.errors import BadRequest
from explorer.pictures import previews
from explorer.ui import address, attribution_cells, attribution_choices, attribution_files, cached
from explorer.ui.attribution_cells import Asked
from explorer.ui.picture import plain
from explorer.vision import overlay
from explorer.vision.attribution_records import METHODS, Attribution, Failed
from explorer.zoo import weights

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.ui.attribution_choices import Style
    from explorer.ui.opened import Opened
    from explorer.vision.attribution_records import Knobs
    from explorer.vision.prediction_records import Prediction

SECTIONS = {
    "maps": "Maps",
    "trust": "May this be trusted?",
    "methods": "The methods",
}
GROUPS = {
    "gradient": "Gradients",
    "CAM": "Class activation maps",
    "perturbation": "Hiding parts of the picture",
    "layer": "Inside a layer",
}
SEVERAL = 3
"""Maps beside each other; more would be small."""
NARROWEST = 220
"""Pixels of a map, below which the grid wraps."""
TALL = 1.2
"""Height by width of a picture that would not fit the screen if it were wide."""


def choose() -> str:
    """Draw the choice of section."""
    known, key = tuple(SECTIONS), "saliency_section"
    address.adopt(key, address.one_of("section", known), known[0], name="section")
    chosen = st.segmented_control(
        "Section", known, key=key, format_func=SECTIONS.__getitem__, required=True,
        label_visibility="collapsed", persist_state="session", wrap=True,
    )  # fmt: skip
    address.publish("section", None if chosen == known[0] else chosen)
    return chosen or known[0]


def maps(opened: Opened) -> None:
    """Every method chosen, for every class and network chosen, on the one picture."""
    let_go(opened)
    said, names = ask(opened)
    over = st.columns([4, 4, 3], gap="small")
    with over[0]:
        methods = attribution_choices.methods()
    with over[1]:
        classes = attribution_choices.classes(opened, said, names)
    with over[2]:
        others = attribution_choices.networks(opened)
    if not methods:
        st.info("Choose a method, such as Grad-CAM.", icon=":material/gradient:")
        return
    left, right = st.columns([15, 5], gap="medium")
    with right:
        style = attribution_choices.style()
        _legend(style)
        layer = _layer(opened, methods)
        knobs = attribution_choices.knobs(methods)
        below = st.container(key="saliency_files")
    asked = _asked(opened, names, (methods, classes, others), layer, knobs)
    attribution_cells.stop_all_but([cell.key for row in asked for cell in row])
    with left:
        found = _grid(opened, asked, style)
        _what_they_show(methods)
    with below:
        attribution_files.files(opened, found, style)


def let_go(opened: Opened) -> None:
    """Stop what is still being made for another picture or network, before anything is asked."""
    models = (opened.card.name, *attribution_choices.compared())
    attribution_cells.stop_all_but([attribution_cells.of(each, opened.picture) for each in models])


def ask(opened: Opened) -> tuple[Prediction, tuple[str, ...]]:
    """What the network says of the picture, and the names of all its classes."""
    with st.spinner(f"{opened.card.title} looks at the picture …"):
        said = cached.prediction(opened.card.name, opened.picture, opened.weights, 5)
        return said, cached.classes(opened.card.name, opened.weights)


def methods() -> None:
    """Every method there is, with what it shows and who proposed it."""
    st.markdown("Each asks the network another question; none of them is *the* explanation.")
    for group, title in GROUPS.items():
        st.subheader(title, anchor=False)
        for method in METHODS.values():
            if method.group == group:
                slow = " :gray-badge[runs the network many times]" * method.slow
                st.markdown(
                    f"**{method.title}**{slow}  \n{method.sentence} "
                    f":small[[{method.paper}]({method.link})]"
                )


def asked_of(
    opened: Opened,
    names: Sequence[str],
    method: str,
    target: int,
    layer: str | None = None,
    knobs: Knobs = (),
) -> Asked:
    """One map of the network that is open."""
    return Asked(
        opened.card.name, opened.card.title, opened.weights, opened.picture, method, target,
        names[target], layer if METHODS[method].uses_layer else None, knobs,
    )  # fmt: skip


def _layer(opened: Opened, methods: Sequence[str]) -> str | None:
    """The layer that the CAMs among the methods look at."""
    if not any(METHODS[each].uses_layer for each in methods):
        return None
    return attribution_choices.layer(cached.cam_layers(opened.card.name, opened.weights))


def _asked(
    opened: Opened,
    names: Sequence[str],
    chosen: tuple[Sequence[str], Sequence[int], Sequence[str]],
    layer: str | None,
    knobs: dict[str, Knobs],
) -> list[list[Asked]]:
    """The grid's cells, row by row: beside each other is what differs last.

    Another network is asked for a class by its name, for its number may be another there.
    """
    methods, classes, others = chosen
    rows = []
    for name, target in itertools.product((opened.card.name, *others), classes):
        row = []
        for method in methods:
            cell = asked_of(opened, names, method, target, layer, knobs.get(method, ()))
            row.append(cell if name == opened.card.name else _elsewhere(cell, name, names))
        rows.append(row)
    if len(rows) * len(methods) > attribution_choices.MOST_MAPS:
        raise BadRequest(
            f"{len(rows) * len(methods)} maps are more than the {attribution_choices.MOST_MAPS} "
            "one grid holds; take out a method, a class or a network."
        )
    if len(methods) > 1:
        return rows
    cells = [row[0] for row in rows]
    across = len(classes) if len(classes) > 1 else len(cells)
    return [cells[start : start + across] for start in range(0, len(cells), across)]


def _elsewhere(cell: Asked, model: str, names: Sequence[str]) -> Asked:
    """The same question to another network, which looks into its own usual layer."""
    card, name = cached.card(model), cell.target_name
    target: int | str = cell.target
    if names.count(name) == 1:
        # A digit's name is not a number: to another network 5 is a fish.
        target = f" {name}" if name.isdigit() else name
    return Asked(
        model, card.title, weights.choose(card).key, cell.picture, cell.method, target, name,
        None, cell.knobs,
    )  # fmt: skip


def _grid(opened: Opened, rows: Sequence[Sequence[Asked]], style: Style) -> list[Attribution]:
    """Draw all cells; those that are not there yet come one after the other."""
    cells = [cell for row in rows for cell in row]
    above = st.container(key="saliency_above")
    slots: list[DeltaGenerator] = []
    alone = len(rows) == 1 and len(cells) < SEVERAL
    tall = opened.picture.height > TALL * opened.picture.width
    for number, row in enumerate(rows):
        across = _across(len(row) + alone, tall)
        with st.grid(across, min_column_width=NARROWEST, gap="small") as grid:
            if alone:
                with grid.cell():
                    _original(opened)
            for position, _ in enumerate(row):
                with grid.cell(), st.container(gap="xxsmall", key=f"saliency_{number}_{position}"):
                    slots.append(st.empty())
    found: dict[int, Attribution] = {}
    drawn: dict[int, float] = {}
    several = len({cell.model for cell in cells}) > 1
    patience = attribution_cells.PATIENCE
    for number, (cell, slot) in enumerate(zip(cells, slots, strict=True)):
        known = said = attribution_cells.kept().get(cell.key)
        if known is None:
            with slot.container(border=True, gap="xsmall"):
                st.markdown(_title(cell, None, several))
                said = attribution_cells.fill(cell, patience)
        if isinstance(said, Failed):
            _failed(cell, slot, said, several)
        elif said is not None:
            found[number] = said
            if known is None:
                _draw(found, cells, slots, style, drawn)
        elif attribution_cells.is_late(cell):
            patience = 0.0  # the others wait in line behind it
    _draw(found, cells, slots, style, drawn)
    with above:
        attribution_cells.start_all(
            [each for each in cells if each.about.slow and attribution_cells.is_waiting(each)]
        )
    return list(found.values())


def _across(cells: int, tall: bool) -> int:
    """How many maps stand beside each other: large ones, of which a row fits the screen."""
    if tall:
        return max(SEVERAL, min(cells, SEVERAL + 1))
    return 2 if cells == 4 else max(2, min(cells, SEVERAL))


def _draw(
    found: dict[int, Attribution],
    cells: Sequence[Asked],
    slots: Sequence[DeltaGenerator],
    style: Style,
    drawn: dict[int, float],
) -> None:
    """Draw the maps whose scale is new; `drawn` keeps the scale each was drawn on."""
    limits = attribution_choices.scales(list(found.values()), style)
    several = len({cell.model for cell in cells}) > 1
    for (number, map_), limit in zip(found.items(), limits, strict=True):
        if drawn.get(number) != limit:
            drawn[number] = limit
            with slots[number].container(gap="xxsmall"):
                _cell(map_, cells[number], style, limit, several)


def _cell(map_: Attribution, cell: Asked, style: Style, limit: float, several: bool) -> None:
    """One map over the picture, and what has to be known of it in a few words."""
    st.image(
        overlay.overlay(
            map_, cell.picture, limit=limit, signed=style.signed, strength=style.strength,
            form="JPEG",
        ),
        width="stretch",
        alt=f"{cell.about.title} of {map_.target_name} in {cell.picture.name}, by {cell.title}",
    )  # fmt: skip
    st.markdown(_title(cell, map_, several))
    if map_.completeness is not None:
        st.caption(map_.completeness.sentence)
    for note in map_.notes:
        st.caption(f":material/info: {note}")


def _title(cell: Asked, map_: Attribution | None, several: bool) -> str:
    """Method, class and probability; the network where there is more than one."""
    share = f" {figures.predictions.percent(map_.probability)}" if map_ else ""
    who = ""
    if several:
        where = f", `{map_.layer}`" if map_ and map_.layer else ""
        who = f" · {plain(cell.title)}{where}"
    return f":small[**{cell.about.title}** · {plain(cell.target_name)}{share}{who}]"


def _failed(cell: Asked, slot: DeltaGenerator, said: Failed, several: bool) -> None:
    with slot.container(border=True, gap="xxsmall"):
        st.markdown(_title(cell, None, several))
        st.caption(f":material/error: {plain(said.reason)}")


def _original(opened: Opened) -> None:
    """The picture as it is, at the size of the maps beside it."""
    drawn = previews.wide(opened.picture, overlay.LONGEST // previews.DENSITY)
    st.image(drawn, width="stretch", alt=opened.picture.name)
    st.markdown(f":small[**{plain(opened.picture.name)}**]")


def _legend(style: Style) -> None:
    """What the colours mean."""
    with st.container(gap=None, key="saliency_legend"):
        st.image(overlay.colour_bar(signed=style.signed, width=512, height=16), width="stretch",
                 alt="The colours, from the lowest value to the highest")  # fmt: skip
        ends = ("against", "for the class") if style.signed else ("weak", "strong")
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            for end in ends:
                st.caption(end, width="content")


def _what_they_show(methods: Sequence[str]) -> None:
    """One sentence per method, and who proposed it."""
    lines = [
        f"**{METHODS[each].title}**: {METHODS[each].sentence} "
        f"[{METHODS[each].paper}]({METHODS[each].link})"
        for each in methods
    ]
    st.markdown("\n".join(f"- :small[{line}]" for line in lines))
