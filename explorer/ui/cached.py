"""The only caches of the page server; all of them are bounded. They ask the engine.

Records are frozen, so all sessions share one copy of each (`cache_resource`); an error is never
remembered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import config
from explorer.engine.client import connect
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard

SECONDS = 120.0
"""How long a page waits for an answer about a network's structure."""


@st.cache_resource(max_entries=64, show_spinner=False)
def anatomy(name: str, size: tuple[int, int], batch: int) -> Anatomy:
    """Take a model apart at an input size (H, W) and batch."""
    result: Anatomy = connect().call(
        "anatomy.dissect", name, size=size, batch=batch, timeout=SECONDS
    )
    return result


def card(name: str) -> ModelCard:
    """Look up a model of the catalogue, of timm or of the user's own configuration.

    Raises UnknownModel with the nearest names. A name with a colon that nobody configured is
    never passed on: it would import a module.
    """
    if name.startswith("timm:") or name in config.user_models():
        return _elsewhere(name)
    return catalogue.find(name)


@st.cache_resource(max_entries=512, show_spinner=False)
def _elsewhere(name: str) -> ModelCard:
    """The card of a model that is not in the catalogue; building it takes a moment."""
    result: ModelCard = connect().call("zoo.card", name, timeout=SECONDS)
    return result
