"""The Receptive field page: a unit's two fields on the picture, in words, and along the network."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures, units
from explorer.ui import clickable, show, work
from explorer.ui.field_choices import beside, choose, clicked, knobs, untrained
from explorer.ui.field_words import legend, sentences
from explorer.vision.field_records import on_picture

if TYPE_CHECKING:
    from explorer.pictures.records import Picture
    from explorer.ui.field_choices import Looking
    from explorer.vision.field_records import EffectiveField, FieldGrowth, Over

__all__ = ("beside", "choose", "growth", "pictures")

HERO, BESIDE = 760, 620
"""Pixels of the page that a picture takes along its longer side: alone, and beside another."""
PATIENCE = 1.5
"""Seconds that a page waits for a field before it shows progress instead."""
SECONDS = 1800.0


def pictures(looking: Looking, *, both: bool) -> Over:
    """The picture with both fields; beside it that of random weights, or what the numbers say.

    Returns what the gradients run on.
    """
    place = st.container()
    left, right = st.columns(2 if both else [62, 38], gap="large")
    said = right.container()
    with place if both else right:
        over, passes = knobs(looking)
    with left:
        field = _hero(looking, over, passes, BESIDE if both else HERO)
        if both:
            _said(looking, field)
    with said:
        if both:
            looking = untrained(looking)
            field = _hero(looking, over, passes, BESIDE)
        _said(looking, field)
    return over


def growth(looking: Looking, over: Over, *, both: bool) -> None:
    """The curve along the network: theory at once, what is measured once it was asked for."""
    st.subheader("Along the network", anchor=False)
    wanted = [looking, *([untrained(looking)] if both else [])]
    with st.container(horizontal=True, gap="medium", key="field_growth_ways"):
        found = [each for each in (_growth(each, over) for each in wanted) if each is not None]
    rows = looking.known.main
    show.figure(
        figures.receptive_field.growth(
            rows, looking.point, measured=found, chosen=looking.row.name
        ),
        lambda: figures.receptive_field.growth_rows(rows, looking.point, found),
        key="field_growth",
        name=f"{looking.opened.card.name.replace(':', '_')}_receptive_field",
        alt=f"Side of the theoretical and the effective field at {len(rows)} layers of "
        f"{looking.opened.card.title}, from {rows[0].name} to {rows[-1].name}.",
    )


def _hero(looking: Looking, over: Over, passes: int, across: int) -> EffectiveField | None:
    """The picture, large: its fields appear on it as soon as they are measured."""
    place = st.container()
    field = _field(looking, over, passes)
    picture, row, unit = looking.opened.picture, looking.row, looking.unit
    use = looking.known.use
    drawn = figures.field_picture.field_picture(
        picture,
        looking.window,
        row.theoretical(*unit),
        row.pixels,
        field=field,
        words=use.warning,
    )
    cell = on_picture(row.cell(*unit), looking.window, row.pixels)
    marker = figures.field_picture.within(cell, drawn.view)
    tall = (drawn.view.bottom - drawn.view.top) / (drawn.view.right - drawn.view.left)
    with place:
        clickable.picture(
            drawn.file,
            key=f"field_picture_{'random' if use.random else 'trained'}",
            alt=f"{picture.name} with the receptive fields of the unit in row {unit[0]}, column "
            f"{unit[1]} of {row.name}.",
            marker=marker,
            width=round(across / max(1.0, tall)),
            on_click=partial(clicked, looking, drawn.view),
        )
        st.markdown(legend(row.theoretical(*unit), field))
    return field


def _field(looking: Looking, over: Over, passes: int) -> EffectiveField | None:
    """Have the field measured, with progress where it takes long; None until it is there."""
    name, picture, weights = _asked(looking)
    row, unit = looking.row.name, looking.unit

    def start() -> work.Work:
        begun = work.Work(
            "vision.effective_field", name, picture, row, unit,
            weights=weights, over=over, passes=passes, timeout=SECONDS,
        )  # fmt: skip
        begun.finished.wait(PATIENCE)
        return begun

    key = f"field {name} {weights} {picture.digest} {row} {unit} {over} {passes}"
    found: EffectiveField | None = work.run(key, "Measure", start=start, at_once=True)
    return found


def _asked(looking: Looking) -> tuple[str, Picture, str]:
    opened = looking.opened
    return opened.card.name, opened.picture, opened.weights


def _growth(looking: Looking, over: Over) -> FieldGrowth | None:
    """Have the curve measured once someone asked for it; None until it is there."""
    name, picture, weights = _asked(looking)
    point = looking.point
    what = "random weights" if looking.known.use.random else looking.known.use.weights_title
    found: FieldGrowth | None = work.run(
        f"growth {name} {weights} {picture.digest} {point} {over}",
        f"Measure {what} along the network",
        start=lambda: work.Work(
            "vision.field_growth", name, picture, point,
            weights=weights, over=over, timeout=SECONDS,
        ),
    )  # fmt: skip
    return found


def _said(looking: Looking, field: EffectiveField | None) -> None:
    """What the numbers say, in sentences."""
    for sentence in sentences(looking.row, looking.unit, field):
        st.markdown(sentence)
    if field is not None:
        st.caption(
            f"{field.method} {field.use.weights_title} on {field.use.device}, "
            f"{units.duration(field.seconds)}."
        )
