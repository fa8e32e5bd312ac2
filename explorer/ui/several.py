"""The Predict page's section on several models: side by side, with their time and average."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures, units
from explorer.errors import BadRequest, ExplorerError
from explorer.figures.predictions import percent
from explorer.ui import address, cached, picture, predicting, show, totals, work
from explorer.vision.prediction_records import Timed, changes, judged
from explorer.zoo import catalogue, offered, weights
from explorer.zoo.own_weights import own

if TYPE_CHECKING:
    from explorer.ui.opened import Opened
    from explorer.vision.prediction_records import Average, Comparison, Unable
    from explorer.zoo.cards import ModelCard

MOST_MODELS = 6
COMPANIONS = ("mobilenet_v3_small", "resnet18")
"""Small models that stand beside the chosen one until somebody chooses others."""
SECONDS = 1800.0
BEFORE, AFTER = "alone", "average"

_MODELS = "predict_models"
_WRONG = "predict_models_wrong"


def models(looking: Opened) -> None:
    """Several models on one picture, each with its time, and the average of their answers."""
    names = _others(looking.card)
    asked = [(looking.card.name, looking.weights), *((name, _best(name)) for name in names)]
    key = " ".join(f"{name}/{weights}" for name, weights in asked)
    done: Comparison | None = work.run(
        f"compare {key} {looking.picture.digest}",
        "Ask them all",
        start=lambda: work.Work(
            "vision.compare",
            asked,
            looking.picture,
            top=predicting.USUAL_CLASSES,
            timeout=SECONDS,
        ),
        at_once=True,
    )
    if done is None:
        return
    with st.grid(len(asked), min_column_width=250, gap="medium", key="predict_answers") as grid:
        for (name, _), each in zip(asked, done.answers, strict=True):
            with grid.cell(), st.container(border=True, gap="small"):
                _one(name, each)
    st.caption(
        "Each model prepares the picture as its own weights want it and answers with the softmax "
        "of its scores. Times are medians of forward passes with one picture, after one that does "
        "not count; preparing and loading are not in them."
    )
    _together(looking, done)


def _others(card: ModelCard) -> list[str]:
    """Draw which models are asked besides the one in the frame."""
    known = [each.name for each in catalogue.cards() if each.task == "classification"]
    companions = list(_companions(card))
    address.adopt(_MODELS, _reader(known, companions), companions, name="models")
    options = [name for name in known if name != card.name]
    st.session_state[_MODELS] = [name for name in st.session_state[_MODELS] if name in options]
    chosen = st.multiselect(
        f"Models beside {card.title}",
        options,
        key=_MODELS,
        format_func=lambda name: _label(cached.card(name)),
        max_selections=MOST_MODELS - 1,
        persist_state="session",
        placeholder="Type a name, a family or a year",
        on_change=lambda: st.session_state.pop(_WRONG, None),
    )
    if wrong := st.session_state.get(_WRONG):
        st.warning(wrong, icon=":material/link_off:")
    address.publish("models", "~".join(chosen) or None)
    return list(chosen)


def _reader(known: Sequence[str], instead: list[str]) -> Callable[[str], list[str]]:
    """A reader of names of classifiers, which notes what is wrong with one.

    It does not complain as other readers do: the page is drawn again while the models are asked,
    and the complaint has to outlast that.
    """

    def parse(text: str) -> list[str]:
        st.session_state.pop(_WRONG, None)
        asked = list(dict.fromkeys(text.split("~")))
        try:
            for name in asked:
                card = catalogue.find(name)
                if name not in known:
                    raise BadRequest(f"{card.title} is for {card.task} and names no class.")
        except ExplorerError as error:
            st.session_state[_WRONG] = f"{error} Others are asked instead."
            return instead
        return asked[: MOST_MODELS - 1]

    return parse


def _companions(card: ModelCard) -> tuple[str, ...]:
    """Models whose trained weights are here; small ones where there are too few.

    Beside a net that was trained here stand the best that were trained on the same pictures.
    """
    ready, mine = offered.ready(card.input_shape[0]), own(card.name)
    others = [each for each in ready if each.model != card.name]
    if mine is not None and (same := [e.model for e in others if e.dataset == mine.dataset]):
        return tuple(same[:2])
    trained = [
        each.name
        for each in catalogue.cards()
        if each.task == "classification" and each.input_shape[0] == card.input_shape[0] == 3
        if each.name != card.name and weights.choose(each).kind == "published"
    ]
    small = [name for name in COMPANIONS if name != card.name]
    return tuple(dict.fromkeys([*trained, *(each.model for each in others), *small]))[:2]


def _label(card: ModelCard) -> str:
    return f"{card.title} · {card.family} {card.year} · {units.short(card.params)}"


def _best(name: str) -> str:
    return weights.choose(cached.card(name)).key


def _one(name: str, each: Timed | Unable) -> None:
    """One model's answer: its weights, time, and likeliest classes."""
    if not isinstance(each, Timed):
        st.markdown(f"**{cached.card(name).title}**")
        st.error(each.reason, icon=":material/error:")
        return
    said = each.prediction
    badge = (
        ":orange-badge[:material/casino: random weights]"
        if said.use.random
        else f":gray-badge[{said.use.weights_title}]"
    )
    st.markdown(f"**{said.use.title}** {badge}")
    st.markdown(
        f"{units.duration(each.seconds)} :small[:gray[median of {each.passes} on "
        f"{said.use.device}]]"
    )
    st.plotly_chart(
        figures.predictions.top(said.top, random=said.use.random, tools=False),
        key=f"predict_model_{name}",
        alt=f"{said.use.title} says {said.top[0].name}, {percent(said.top[0].probability)}",
        config={"displayModeBar": False},
    )


def _together(looking: Opened, done: Comparison) -> None:
    """The average of the models beside the one in the frame: what it buys, what it costs."""
    st.subheader("Their average", anchor=False)
    average = done.average
    first = done.answers[0]
    if average is None or not isinstance(first, Timed):
        st.caption("An average needs two models that know the same classes.")
        return
    names = cached.classes(looking.card.name, looking.weights)
    if len(names) != len(average.probabilities):
        st.caption(f"{first.prediction.use.title} knows other classes than those that agree.")
        return
    left, other = st.columns([11, 9], gap="large")
    with other:
        right = predicting.right_class(names)
        _cost(done, average, first, names, right)
    found = changes(
        first.prediction.probabilities, average.probabilities, names, predicting.USUAL_CLASSES
    )
    with left:
        show.figure(
            figures.predictions.before_and_after(found, f"{looking.card.title} alone", AFTER),
            lambda: figures.predictions.change_rows(found, BEFORE, AFTER),
            key="predict_average",
            name="average_of_models",
            alt="Probabilities of the likeliest classes from one model and from the average.",
        )


def _cost(
    done: Comparison, average: Average, first: Timed, names: Sequence[str], right: int | None
) -> None:
    """What the average bought for the class in question, and what it cost."""
    index = average.top[0].index if right is None else right
    alone = judged(first.prediction.probabilities, names, index)
    together = judged(average.probabilities, names, index)
    whose = "the average's first guess" if right is None else "the right class"
    members = [
        each
        for each in done.answers
        if isinstance(each, Timed) and each.prediction.use.title in average.members
    ]
    seconds = sum(each.seconds for each in members)
    totals.cells(
        (
            (
                picture.plain(names[index]),
                f"{percent(alone.probability)} → {percent(together.probability)}",
                f"{whose}: rank {alone.rank} → {together.rank}",
            ),
            ("Members", str(len(average.members)), ", ".join(average.members)),
            (
                "Time",
                f"{seconds / first.seconds:.1f} ×",
                f"{units.duration(first.seconds)} → {units.duration(seconds)}, one after the other",
            ),
        ),
        key="predict_average_glance",
    )
    for sentence in average.left_out:
        st.caption(sentence)
    if any(each.prediction.use.random for each in members):
        st.warning(
            "Some members have random weights, for want of trained ones here: they add noise and "
            "no knowledge.",
            icon=":material/casino:",
        )
