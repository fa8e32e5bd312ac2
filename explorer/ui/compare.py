"""The Compare page's head: which networks, at which input, which section; all in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer import config, units
from explorer.compare.assembled import assembled
from explorer.compare.records import FEWEST, MOST
from explorer.errors import BadRequest, ExplorerError
from explorer.ui import address, cached, pickers
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.compare.assembled import Pair
    from explorer.compare.records import Comparison, Profile
    from explorer.zoo.cards import ModelCard

Size = tuple[int, int]

SECTIONS = {
    "side": "Side by side",
    "differs": "What differs",
    "suits": "Do they suit my pictures?",
    "picture": "On one picture",
    "measure": "Measure here",
    "map": "Zoo map",
    "recipe": "Under one recipe",
    "report": "Report",
}
INPUTS = {"own": "each its own", "one": "one for all"}
SIDE = 224
SEPARATOR = "~"
SECOND = ("resnet18", "resnet50")
"""Stands beside a model whose family has no other, the first that is another."""

_MODELS, _FRAME = "compare_models", "compare_frame"
_INPUT, _HEIGHT, _WIDTH = "compare_input", "compare_h", "compare_w"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The networks to compare, and the input they share; None where each has its own."""

    cards: tuple[ModelCard, ...]
    size: Size | None

    def at(self, card: ModelCard) -> Size:
        """Height and width of a network's input."""
        return self.size or card.input_size


def header() -> Chosen:
    """Draw the choice of networks and of their input."""
    left, right = st.columns([62, 38], gap="medium", vertical_alignment="bottom")
    with left:
        names = _models()
    with right, st.container(horizontal=True, vertical_alignment="bottom", key="compare_knobs"):
        size = _size()
    return Chosen(tuple(cached.card(name) for name in names), size)


def choose() -> str:
    """Draw the choice of section."""
    return segmented("Section", "compare_section", SECTIONS, name="section", hidden=True)


def segmented(
    label: str, key: str, options: dict[str, str], *, name: str, hidden: bool = False
) -> str:
    """A segmented control that stands in the address under `name`; the first is the default."""
    known = tuple(options)
    address.adopt(key, address.one_of(name, known), known[0], name=name)
    value = st.segmented_control(
        label,
        known,
        key=key,
        format_func=options.__getitem__,
        required=True,
        label_visibility="collapsed" if hidden else "visible",
        persist_state="session",
        wrap=True,
    )
    address.publish(name, None if value == known[0] else value)
    return value or known[0]


def taken_apart(chosen: Chosen) -> list[Pair]:
    """The networks at their input, those left out that cannot be had; each says why."""
    found: list[Pair] = []
    for card in chosen.cards:
        with st.spinner(f"Taking {card.title} apart …"):
            try:
                found.append((card, cached.anatomy(card.name, chosen.at(card), 1)))
            except ExplorerError as error:
                st.warning(f"{card.title} is left out: {error}", icon=":material/error:")
    return found


def together(chosen: Chosen, profiles: Sequence[Profile] = ()) -> tuple[Comparison, list[Pair]]:
    """The comparison, and the networks in it; says what had to be left out and what to do."""
    pairs = taken_apart(chosen)
    found = assembled(pairs, size=chosen.size, profiles=profiles)
    for sentence in found.left_out:
        st.warning(sentence, icon=":material/content_cut:")
    if found.note:
        st.info(found.note, icon=":material/balance:")
    return found, [pair for pair in pairs if pair[1].failure is None]


def enough(number: int) -> bool:
    """Whether there is something to compare; if not, one sentence says what to do."""
    if number >= FEWEST:
        return True
    st.info(
        f"A comparison takes {FEWEST} to {MOST} networks, and {number or 'none'} is left here: "
        "choose one more above.",
        icon=":material/compare_arrows:",
    )
    return False


def _models() -> list[str]:
    """Draw which networks are compared, the frame's first until others are chosen."""
    frame = pickers.current_model().name
    address.adopt(_MODELS, _names(frame), _first(frame), name="models")
    if address.says("models") is None:
        st.session_state[_MODELS] = _followed(frame, st.session_state[_MODELS])
    st.session_state[_FRAME] = frame
    listed = (card.name for card in catalogue.cards())
    options = dict.fromkeys([*listed, *config.user_models(), *st.session_state[_MODELS], frame])
    chosen = st.multiselect(
        f"Networks, {FEWEST} to {MOST}",
        tuple(options),
        key=_MODELS,
        format_func=_label,
        max_selections=MOST,
        persist_state="session",
        placeholder="Type a name, a family or a year",
        wrap=True,
    )
    address.publish("models", SEPARATOR.join(chosen) or None)
    return list(chosen)


def _label(name: str) -> str:
    """What the list shows: short, for the chosen ones stand in a narrow field."""
    card = cached.card(name)
    return f"{card.title} · {card.family} {card.year} · {units.short(card.params)}"


def _names(frame: str) -> Callable[[str], list[str]]:
    """A reader of names in the address, which keeps those that can be compared."""

    def parse(text: str) -> list[str]:
        asked = [name for name in text.split(SEPARATOR) if name]
        known = []
        for name in asked:
            try:
                known.append(cached.card(name).name)
            except ExplorerError as error:
                address.complain(f"{error} It is left out of the comparison.")
        once = list(dict.fromkeys(known))
        if len(once) < len(known):
            address.complain("The address names a model twice; it is shown once.")
        if len(once) > MOST:
            address.complain(
                f"The address names {len(once)} models; the first {MOST} of them are compared."
            )
        return once[:MOST] or _first(frame)

    return parse


def _first(frame: str) -> list[str]:
    """The frame's model, and the one of its family that is nearest to it in size."""
    card = cached.card(frame)
    family = [
        each
        for each in catalogue.cards()
        if (each.family, each.task) == (card.family, card.task) and each.name != frame
        if each.input_shape[0] == card.input_shape[0] and abs(each.params - card.params) > 0
    ]
    near = min(family, key=lambda each: _apart(each, card), default=None)
    other = near.name if near else next(name for name in SECOND if name != frame)
    return [frame, other]


def _apart(one: ModelCard, other: ModelCard) -> float:
    """How many times larger one network is than the other, whichever is."""
    small, large = sorted((one.params, other.params))
    return large / max(1, small)


def _followed(frame: str, names: list[str]) -> list[str]:
    """The chosen networks after another was picked in the frame: it takes the place of the last."""
    last = st.session_state.get(_FRAME, frame)
    if last == frame or frame in names:
        return names
    if last in names:
        return [frame if name == last else name for name in names]
    return [frame, *names][:MOST]


def _size() -> Size | None:
    """Draw whether the networks share an input, and which; `size=HxW` in the address."""
    asked = _asked_size()
    default = "one" if asked else "own"
    address.adopt(_INPUT, lambda _: default, "own", name="size")
    for key, number in ((_HEIGHT, 0), (_WIDTH, 1)):
        side = asked[number] if asked else SIDE
        address.adopt(key, lambda _, side=side: side, SIDE, name="size")  # type: ignore[misc]
    shared = st.segmented_control(
        "Input", tuple(INPUTS), key=_INPUT, format_func=INPUTS.__getitem__, required=True,
        persist_state="session",
    )  # fmt: skip
    if shared != "one":
        address.publish("size", None)
        return None
    height, width = _side("Height", _HEIGHT), _side("Width", _WIDTH)
    address.publish("size", f"{height}x{width}")
    return height, width


def _side(title: str, key: str) -> int:
    value = st.number_input(
        title, 1, pickers.LARGEST_SIDE, step=1, key=key, persist_state="session", width=96
    )
    return SIDE if value is None else int(value)


def _asked_size() -> Size | None:
    """The size in the address, if it is news and makes sense; complained of if it does not."""
    text = address.says("size")
    if text is None:
        return None
    try:
        size = units.parse_size(text)
        if not all(1 <= side <= pickers.LARGEST_SIDE for side in size):
            raise BadRequest(
                f"Size {text[:20]!r} is not possible; sides go from 1 to {pickers.LARGEST_SIDE:,}."
            )
    except BadRequest as error:
        address.complain(f"{error} Each network has its own input instead.")
        return None
    return size
