"""The Predict page: its sections, and what the network says of the picture."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures, units
from explorer.ui import address, cached, picture, show

if TYPE_CHECKING:
    from explorer.ui.opened import Opened
    from explorer.vision.prediction_records import Guess, Prediction, Verdict

SECTIONS = {
    "answer": "Prediction",
    "saw": "What it saw",
    "models": "Several models",
    "crops": "Ten crops",
    "errors": "Top-1 and top-5",
    "many": "Many pictures",
}
MOST_CLASSES = 20
"""Named in one figure; more cannot be read."""
USUAL_CLASSES = 5
HERO = 640
"""Pixels of the page that the picture takes, across or down."""

_RIGHT = "predict_right"


def choose() -> str:
    """Draw the choice of section."""
    known = tuple(SECTIONS)
    # Here, because a section may have to wait for the names of the classes.
    address.adopt(_RIGHT, str, None, name="right")
    key = "predict_section"
    address.adopt(key, address.one_of("section", known), known[0], name="section")
    chosen = st.segmented_control(
        "Section",
        known,
        key=key,
        format_func=SECTIONS.__getitem__,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )
    address.publish("section", None if chosen == known[0] else chosen)
    return chosen or known[0]


def answer(looking: Opened) -> None:
    """The picture with what the network saw of it, and the classes it thinks likeliest."""
    left, right = st.columns([11, 9], gap="large")
    with left:
        place = st.empty()
        with place:  # until the network has answered
            picture.shown(looking.picture, _across(looking))
    said = ask(looking)
    with place.container():
        hero(looking, said)
    with right:
        st.subheader(headline(said), anchor=False)
        number = how_many(len(said.probabilities))
        bars(looking, said.top[:number], said, key="predict_top")
        conventions(said)


def ask(looking: Opened) -> Prediction:
    """Have the network answer; remembered for this picture and these weights."""
    with st.spinner(f"{looking.card.title} looks at the picture …"):
        return cached.prediction(looking.card.name, looking.picture, looking.weights, MOST_CLASSES)


def hero(looking: Opened, said: Prediction) -> None:
    """The picture, large, dimmed where the network does not look; random weights say so on it."""
    width = _across(looking)
    # A number of pixels would make Streamlit shrink the file to it, and blur sharp screens.
    with st.container(width=width):
        st.image(
            cached.framed(looking.picture, said.window, 2 * width, said.use.warning),
            width="stretch",
            alt=f"{looking.picture.name}, with the part marked that {said.use.title} sees",
        )
    st.caption(_what_it_saw(looking, said))


def headline(said: Prediction) -> str:
    """The first guess, with its share."""
    best = said.top[0]
    share = figures.predictions.percent(best.probability)
    return f"{picture.plain(best.name)} :gray[· {share}]"


def bars(
    looking: Opened,
    guesses: Sequence[Guess],
    said: Prediction,
    *,
    key: str,
    right: Verdict | None = None,
) -> None:
    """Bars of probabilities, with their numbers and files."""
    show.figure(
        figures.predictions.top(guesses, right=right, random=said.use.random),
        lambda: figures.predictions.top_rows(guesses),
        key=key,
        name=f"{looking.card.name.replace(':', '_')}_prediction",
        alt=f"Probabilities of the {len(guesses)} classes that {said.use.title} thinks likeliest, "
        f"{guesses[0].name} first.",
    )


def how_many(classes: int) -> int:
    """Draw how many classes are named."""
    most = min(MOST_CLASSES, classes)
    usual = min(USUAL_CLASSES, most)
    key = "predict_k"
    address.adopt(key, address.whole_number("k", 1, MOST_CLASSES), usual, name="k")
    st.session_state[key] = min(st.session_state[key], most)
    number = st.slider("Classes named", 1, most, key=key, persist_state="session", width=260)
    address.publish("k", None if number == usual else str(number))
    return number


def conventions(said: Prediction) -> None:
    """What the numbers mean, and how the times were taken."""
    classes = len(said.probabilities)
    most = units.short(round(math.log2(classes), 2))
    st.caption(
        f"Probabilities are the softmax of the scores: over all {classes:,} classes they add up "
        f"to 1. Entropy {said.entropy_bits:.2f} bits: 0 would be certain, {most} is a blind guess."
    )
    if said.use.random:
        st.caption("These weights are random: however sure it looks, the answer means nothing.")
    st.caption(
        f"{units.duration(said.prepare_seconds)} to prepare the picture on the CPU, "
        f"{units.duration(said.forward_seconds)} forward on {said.use.device}: one single pass, "
        "not repeated. *Several models* takes medians."
    )


def right_class(names: Sequence[str]) -> int | None:
    """Draw the choice of the class that is right, and return its number; None until one is named.

    The choice holds for other models too, as far as they know the class.
    """
    labels = {label: index for index, label in enumerate(_labels(names))}
    if (said := st.session_state.get(_RIGHT)) not in labels:
        st.session_state[_RIGHT] = None
        if said is not None:
            address.complain(f"{said[:60]!r} is no class of this network; choose one of its own.")
    chosen = st.selectbox(
        "Which class is right?",
        tuple(labels),
        index=None,
        key=_RIGHT,
        placeholder="Type its name",
        persist_state="session",
        icon=":material/search:",
    )
    address.publish("right", chosen)
    return None if chosen is None else labels[chosen]


def _labels(names: Sequence[str]) -> list[str]:
    """Names that tell all classes apart, with their numbers where two are called the same."""
    times = Counter(names)
    return [f"{name} ({index})" if times[name] > 1 else name for index, name in enumerate(names)]


def _what_it_saw(looking: Opened, said: Prediction) -> str:
    window, whole = said.window, (looking.picture.height, looking.picture.width)
    across, down = window.right - window.left, window.bottom - window.top
    if across >= whole[1] and down >= whole[0]:
        return f"{said.use.title} sees all of it."
    share = min(across, whole[1]) * min(down, whole[0]) / (whole[0] * whole[1])
    return (
        f"The bright part is what {said.use.title} sees, {share:.0%} of the picture; "
        "the rest is cut off. *What it saw* shows every step."
    )


def _across(looking: Opened) -> int:
    """How wide the picture is shown, so that it is not taller than it may be wide."""
    tall = looking.picture.height / looking.picture.width
    return round(HERO / max(1.0, tall))
