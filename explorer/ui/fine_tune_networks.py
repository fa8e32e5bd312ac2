"""Which network a fine-tuning starts from: those on this computer first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.errors import ExplorerError
from explorer.ui import cached, weights, work
from explorer.ui.fine_tune_state import PREFIX
from explorer.zoo import catalogue, trained_runs
from explorer.zoo import weights as zoo_weights

if TYPE_CHECKING:
    from explorer.zoo.cards import ModelCard
    from explorer.zoo.weight_records import WeightsChoice

PROPOSED = ("resnet18", "mobilenet_v3_large", "efficientnet_b0", "convnext_tiny", "resnet50")
"""Offered first where nothing is on this computer: small, quick and good, then larger."""
LIGHT = 30_000_000
"""Parameters up to which a network is quick enough to be proposed."""
HOURS = 6 * 3600.0
_NETWORK, _WEIGHTS = f"{PREFIX}network", f"{PREFIX}weights"


def choose() -> tuple[ModelCard, str] | None:
    """Draw the choice of a network with weights; None while it has to be downloaded first."""
    known = _known()
    if st.session_state.get(_NETWORK) not in known:
        st.session_state[_NETWORK] = next(iter(known))
    name = st.selectbox(
        "Network", tuple(known), key=_NETWORK, format_func=known.__getitem__,
        persist_state="session", label_visibility="collapsed", help="Type a name or a family",
    )  # fmt: skip
    card = cached.card(name)
    choice = _weights(card)
    st.caption(_told(card, choice))
    if choice.on_disk:
        return card, choice.key
    done = work.run(
        f"download {card.name} {choice.key}", f"Download {weights.size(choice)}",
        start=lambda: work.Work("zoo.download", card.name, choice.key, timeout=HOURS),
        icon=":material/download:",
    )  # fmt: skip
    if done is not None:
        work.forget(f"download {card.name} {choice.key}")
        st.rerun()
    return None


def useful(card: ModelCard) -> tuple[WeightsChoice, ...]:
    """The weights of a model that know something, those on this computer first."""
    found = (each for each in zoo_weights.available(card) if each.kind != "random")
    return tuple(sorted(found, key=lambda each: not each.on_disk))


def take(network: str, key: str) -> None:
    """Turn the choice to that of an earlier run."""
    st.session_state[_NETWORK], st.session_state[_WEIGHTS] = network, key


def _known() -> dict[str, str]:
    """Names and labels: on this computer, the best of the light ones first; trained here; others.

    Networks without weights that know something are left out.
    """
    here: list[tuple[ModelCard, WeightsChoice]] = []
    elsewhere: list[tuple[ModelCard, WeightsChoice]] = []
    for card in catalogue.cards():
        if card.task == "classification" and (found := useful(card)):
            (here if found[0].on_disk else elsewhere).append((card, found[0]))
    here.sort(key=lambda pair: (pair[0].params > LIGHT, pair[1].kind, -(pair[1].top1 or 0)))
    # A network of grey digits has little to give to photographs, however well it reads.
    here.sort(key=lambda pair: (pair[1].kind != "published", pair[0].input_shape[0] == 1))
    order = {name: place for place, name in enumerate(PROPOSED)}
    elsewhere.sort(key=lambda pair: order.get(pair[0].name, len(order)))
    labels = {card.name: _label(card, choice) for card, choice in here}
    labels |= {name: f"{title} · trained here" for name, title in cached.trained().items()}
    return labels | {card.name: _label(card, choice) for card, choice in elsewhere}


def _label(card: ModelCard, choice: WeightsChoice) -> str:
    parts = [card.title, card.family, f"{units.short(card.params)} parameters"]
    if not choice.on_disk:
        parts.append(f"↓ {weights.size(choice)}")
    return " · ".join(parts)


def _weights(card: ModelCard) -> WeightsChoice:
    """Draw the choice among several sets of weights; of one there is none."""
    found = {each.key: each for each in useful(card)}
    if st.session_state.get(_WEIGHTS) not in found:
        st.session_state[_WEIGHTS] = next(iter(found))
    if len(found) > 1:
        st.selectbox(
            "Weights", tuple(found), key=_WEIGHTS, persist_state="session",
            format_func=lambda key: weights.label(found[key]),
        )  # fmt: skip
    return found[st.session_state[_WEIGHTS]]


def _told(card: ModelCard, choice: WeightsChoice) -> str:
    """What it is, and what it has learned from."""
    if trained_runs.is_run(card.name):
        return f"{card.idea} It starts from {choice.title.lower()}."
    score = "" if choice.top1 is None else f", {choice.top1:.1f} % of it right"
    learned = f" It has learned from {choice.dataset}{score}." if choice.dataset else ""
    consent = "" if choice.on_disk else f" {choice.licence}"
    return f"{card.idea}{learned}{consent}"


def title(network: str) -> str:
    """What a network is called, or its name where it is known no more."""
    try:
        return cached.card(network).title
    except ExplorerError:
        return network
