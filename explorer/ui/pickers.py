"""The widgets that choose what is looked at: model, input size, batch. All stand in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import config, units
from explorer.errors import ExplorerError
from explorer.ui import address, cached, server
from explorer.zoo import catalogue, offered, trained_runs
from explorer.zoo.own_weights import own

if TYPE_CHECKING:
    from explorer.zoo.cards import ModelCard

FIRST = "resnet50"
LARGEST_SIDE = 4096
LARGEST_BATCH = 4096

BELONG_TO_A_MODEL = ("h", "w", "layer", "open", "closed", "weights")
"""What is forgotten when another model is picked."""

WITHOUT = ("training_lab", "fine_tune", "experiments", "runs", "optimizers")
"""Pages that are about no model of the zoo, or choose their own."""

OF_PICTURES = ("predict", "feature_maps", "attribution", "receptive_field")
"""Pages that open a network on a picture: what nobody chose had better have its weights here."""

_MODEL = "model"
_LAST = "model_last"
_PICKED = "model_picked"
_CHOSEN = "model_chosen"  # whether the model is the visitor's choice


def model(page: str = "") -> ModelCard:
    """Draw the shared picker and return the chosen model's card.

    Until a model is chosen, a page of pictures begins with one whose weights are here, and the
    pages after it go on with that. An unknown `?model=` is complained of, and the model chosen
    before stays. `page` is the page's path.
    """
    _adopt_model(page)
    chosen = st.session_state[_MODEL]
    names = tuple(dict.fromkeys([*_names(page), chosen]))
    picked = st.selectbox(
        "Model",
        names,
        key=_MODEL,
        format_func=label,
        on_change=_picked,
        persist_state="session",
        label_visibility="collapsed",
        icon=":material/search:",
        help="Type a name, a family, a year or a task.",
    )
    card = _card_or_last(picked)
    st.session_state[_LAST] = card.name
    address.publish(_MODEL, card.name)
    return card


def current_model() -> ModelCard:
    """The card of the model that the frame's picker shows."""
    return cached.card(st.session_state.get(_LAST, FIRST))


def pick(name: str) -> None:
    """Look at another model, as if it were picked in the frame; for a widget's callback."""
    st.session_state[_MODEL] = name
    st.session_state[_CHOSEN] = True
    forget()


def was_picked() -> bool:
    """Whether this run was caused by picking a model; true once."""
    return bool(st.session_state.pop(_PICKED, False))


def label(name: str) -> str:
    """What the picker shows of a model, all of it searchable."""
    known = _labels().get(name)
    if known is None and trained_runs.is_run(name):
        title = cached.trained().get(name)
        return name if title is None else f"{title} · {name} · trained here"
    return known if known is not None else name


def size(card: ModelCard) -> tuple[int, int]:
    """Draw height and width, starting at the size the model is made for."""
    height, width = card.input_size
    return (
        _number("Height", "h", height, LARGEST_SIDE),
        _number("Width", "w", width, LARGEST_SIDE),
    )


def batch() -> int:
    """Draw the number of samples in one forward pass."""
    return _number("Batch", "batch", 1, LARGEST_BATCH)


def _number(title: str, key: str, default: int, most: int) -> int:
    address.adopt(key, address.whole_number(title.lower(), 1, most), default)
    value = st.number_input(title, 1, most, step=1, key=key, persist_state="session", width=96)
    number = default if value is None else int(value)
    address.publish(key, None if number == default else str(number))
    return number


def _picked() -> None:
    """Note that a person picked another model."""
    st.session_state[_PICKED] = st.session_state[_CHOSEN] = True
    forget()


def forget() -> None:
    """Forget what belonged to the model before."""
    for key in BELONG_TO_A_MODEL:
        st.session_state.pop(key, None)
    if "depth" not in st.query_params:  # nobody chose one: every model starts at its own
        st.session_state.pop("depth", None)


def _adopt_model(page: str) -> None:
    """Take the model from the address if it names a known one, else the one before or the first."""
    last = st.session_state.get(_LAST, FIRST)
    asked = address.says(_MODEL)
    begins = _beginning(page, last)
    if asked is not None:
        try:
            last = cached.card(asked).name
            _note_choice(page, last)
        except ExplorerError as error:
            last = begins
            address.complain(_instead(error, last))
        st.session_state[_MODEL] = last
    elif begins != last:
        st.session_state[_MODEL] = last = begins
        forget()
    st.session_state.setdefault(_MODEL, last)
    _leave_deleted()


def _beginning(page: str, last: str) -> str:
    """What a page begins with: the model before, or on pictures one whose weights are here."""
    if page not in OF_PICTURES or last != FIRST or st.session_state.get(_CHOSEN):
        return last
    return offered.first() or last


def _note_choice(page: str, asked: str) -> None:
    """Take a link for a choice, but not the address of a page that nobody chose a model on.

    That one names the first model too, and comes with a page that is loaded again or gone back to.
    """
    begun = _LAST in st.session_state and not address.travelled()
    if asked != FIRST or begun or page in OF_PICTURES:
        st.session_state[_CHOSEN] = True


def _leave_deleted() -> None:
    """Go back to the first model where the run that was looked at is there no more."""
    chosen = st.session_state[_MODEL]
    if not trained_runs.is_run(chosen):
        return
    try:
        cached.card(chosen)
    except ExplorerError as error:
        st.session_state[_MODEL] = st.session_state[_LAST] = FIRST
        address.complain(_instead(error, FIRST))


def _card_or_last(name: str) -> ModelCard:
    """The card of a picked name; one that cannot be had leaves the model chosen before."""
    try:
        return cached.card(name)
    except ExplorerError as error:
        last: str = st.session_state.get(_LAST, FIRST)
        address.complain(_instead(error, last))
        return cached.card(last)


def _instead(error: ExplorerError, name: str) -> str:
    """Why a model cannot be had, and which one stands in for it."""
    reason = str(error)
    end = "" if reason.endswith((".", "?", "!")) else "."
    return f"{reason}{end} {label(name).split(' · ')[0]} is shown instead."


def _names(page: str) -> tuple[str, ...]:
    """All there are; on a page of pictures first those whose weights are here, if no others are."""
    here: tuple[str, ...] = ()
    if page in OF_PICTURES and offered.first() is not None:
        here = tuple(each.model for each in offered.ready())
    return (*here, *cached.trained(), *_labels(), *config.user_models(), *server.timm_names())


@st.cache_resource(max_entries=1, show_spinner=False)
def _labels() -> dict[str, str]:
    """Label of every model of the catalogue, by name."""
    return {
        card.name: f"{card.title} · {card.name} · {card.family} {card.year} · "
        f"{units.short(card.params)} parameters · {card.task}"
        f"{' · weights here' * (own(card.name) is not None)}"
        for card in catalogue.cards()
    }
