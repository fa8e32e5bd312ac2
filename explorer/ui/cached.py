"""The only caches of the page server; all of them are bounded. They ask the engine.

Records are frozen, so all sessions share one copy of each (`cache_resource`); an error is never
remembered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer import config
from explorer.engine.client import connect
from explorer.errors import BadPicture
from explorer.pictures.pixels import pixels
from explorer.pictures.records import Picture, Refused
from explorer.runs.store import RunStore
from explorer.training.gradient_flow_records import Bench
from explorer.training.recipe import Recipe
from explorer.ui import visitor
from explorer.vision import laid_over as overlays
from explorer.vision import marked
from explorer.zoo import catalogue, trained_runs

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.anatomy.records import Anatomy
    from explorer.blocks.blueprint import Blueprint
    from explorer.blocks.drawn import Drawn
    from explorer.blocks.lab_records import Curve, Lab
    from explorer.blocks.scaling_records import Multipliers, Scaled
    from explorer.finetune.records import FrozenParts
    from explorer.training.gradient_flow_records import Flow, Setup, ZeroBlock
    from explorer.training.paths_records import Paths, Settings
    from explorer.ui.opened import Opened
    from explorer.vision.activation_records import ChannelView, FilterSheet, Rows
    from explorer.vision.arithmetic_records import Unit
    from explorer.vision.attribution_records import CamLayers
    from explorer.vision.field_records import FieldRows
    from explorer.vision.prediction_records import Prediction
    from explorer.vision.records import Box
    from explorer.zoo.cards import ModelCard

LOADING = 600.0
"""How long a page waits for a network that is loaded first; the largest file has 2.5 GB."""
SECONDS = 120.0
"""How long a page waits for an answer about a network's structure."""
MOST_RUNS = 50
"""So many runs are offered beside the zoo; older ones are opened from the page Runs."""


def store() -> RunStore:
    """The store of all runs."""
    return _store(config.runs_folder())


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(folder: Path) -> RunStore:
    return RunStore(folder)


@st.cache_resource(max_entries=64, show_spinner=False)
def anatomy(name: str, size: tuple[int, int], batch: int) -> Anatomy:
    """Take a model apart at an input size (H, W) and batch."""
    result: Anatomy = connect().call(
        "anatomy.dissect", name, size=size, batch=batch, timeout=SECONDS
    )
    return result


@st.cache_resource(
    max_entries=64, show_spinner=False, hash_funcs={Picture: lambda each: (each.name, each.digest)}
)
def of_picture(call: str, name: str, picture: Picture, weights: str, **settings: Any) -> Any:
    """Ask the engine for what a network with certain weights makes of a picture.

    `settings` are the call's own.
    """
    asked = {"weights": weights, "timeout": LOADING, **settings}
    return connect().call(call, name, picture, **asked)


@st.cache_resource(
    max_entries=64, show_spinner=False, hash_funcs={Picture: lambda each: (each.name, each.digest)}
)
def prediction(name: str, picture: Picture, weights: str, top: int) -> Prediction:
    """What a network says of a picture. Raises BadPicture where it cannot be asked about it."""
    found: tuple[Prediction | Refused, ...] = connect().call(
        "vision.predict", name, (picture,), weights=weights, top=top, timeout=LOADING
    )
    if isinstance(found[0], Refused):
        raise BadPicture(found[0].reason)
    return found[0]


@st.cache_resource(
    max_entries=64, show_spinner=False, hash_funcs={Picture: lambda each: each.digest}
)
def framed(picture: Picture, window: Box, width: int, words: str) -> bytes:
    """A picture with the part marked that a network sees, and words below it, for a browser."""
    return marked.encoded(marked.marked(pixels(picture), window, width, words))


@st.cache_resource(max_entries=64, show_spinner=False)
def classes(name: str, weights: str) -> tuple[str, ...]:
    """Names of a classifier's outputs, in their order."""
    result: tuple[str, ...] = connect().call(
        "vision.classes", name, weights=weights, timeout=LOADING
    )
    return result


@st.cache_resource(max_entries=64, show_spinner=False)
def cam_layers(name: str, weights: str) -> CamLayers:
    """The layers of a network that a class activation map can be made from."""
    result: CamLayers = connect().call("vision.cam_layers", name, weights=weights, timeout=LOADING)
    return result


@st.cache_resource(max_entries=32, show_spinner=False)
def field_rows(name: str, weights: str) -> FieldRows:
    """The layers of a network that have units on a grid, and what each unit sees."""
    result: FieldRows = connect().call("vision.field_rows", name, weights=weights, timeout=LOADING)
    return result


@st.cache_resource(max_entries=32, show_spinner=False)
def rows(name: str, weights: str) -> Rows:
    """The rows of a network that can be looked at, and which one stands first."""
    result: Rows = connect().call("vision.rows", name, weights=weights, timeout=LOADING)
    return result


@st.cache_resource(max_entries=32, show_spinner=False)
def filter_sheet(
    name: str, layer: str, weights: str, channel: int | None, page: int
) -> FilterSheet:
    """The kernels of a convolution as one picture."""
    result: FilterSheet = connect().call(
        "vision.filter_sheet", name, layer, weights=weights, channel=channel, page=page,
        timeout=LOADING,
    )  # fmt: skip
    return result


def unit(opened: Opened, layer: str, place: tuple[int, int, int]) -> Unit:
    """One unit (channel, row, column) of a row, and how its number came about."""
    result: Unit = of_picture(
        "vision.unit", opened.card.name, opened.picture, opened.weights, layer=layer, place=place
    )
    return result


def laid_over(opened: Opened, view: ChannelView, strength: float, width: int) -> bytes:
    """One channel of a layer over the picture."""
    return _laid_over(
        opened.picture, opened.weights, opened.card.name, view.layer, view.channel, strength,
        width, view,
    )  # fmt: skip


@st.cache_resource(
    max_entries=32, show_spinner=False, hash_funcs={Picture: lambda each: each.digest}
)
def _laid_over(
    picture: Picture, weights: str, name: str, layer: str, channel: int, strength: float,
    width: int, _view: ChannelView,
) -> bytes:  # fmt: skip
    return overlays.over(pixels(picture), _view, strength=strength, width=width)


@st.cache_resource(max_entries=256, show_spinner=False)
def compared(key: str, values: tuple[tuple[str, Any], ...]) -> Lab:
    """Count every design of a comparison at these values of its knobs."""
    result: Lab = connect().call("blocks.compare", key, dict(values), timeout=SECONDS)
    return result


@st.cache_resource(max_entries=128, show_spinner=False)
def along(key: str, values: tuple[tuple[str, Any], ...], knob: str) -> Curve:
    """Count every design of a comparison along one knob."""
    result: Curve = connect().call("blocks.curve", key, dict(values), knob, timeout=SECONDS)
    return result


@st.cache_resource(max_entries=256, show_spinner=False)
def scaled(wanted: Multipliers) -> Scaled:
    """Count EfficientNet at this depth, width and resolution."""
    result: Scaled = connect().call(
        "blocks.scale", wanted.depth, wanted.width, wanted.resolution, timeout=SECONDS
    )
    return result


@st.cache_resource(max_entries=256, show_spinner=False)
def drawn(name: str, shape: tuple[int, int, int], lines: tuple[str, ...]) -> Drawn:
    """Draw a design in the making: each row's shape and costs, as far as the rows fit together."""
    result: Drawn = connect().call("blocks.draw", name, shape, lines, timeout=SECONDS)
    return result


@st.cache_resource(max_entries=128, show_spinner=False)
def ways(surface: str, chosen: tuple[tuple[str, float], ...], settings: Settings) -> Paths:
    """Send optimisers (name, learning rate) over a surface."""
    result: Paths = connect().call("training.paths", surface, chosen, settings, timeout=SECONDS)
    return result


@st.cache_resource(max_entries=512, show_spinner=False)
def flow(setup: Setup, bench: Bench) -> Flow:
    """Send a batch through a chain and its gradient back."""
    result: Flow = connect().call("training.gradient_flow", setup, bench, timeout=SECONDS)
    return result


@st.cache_resource(max_entries=1, show_spinner=False)
def zero_blocks() -> tuple[ZeroBlock, ...]:
    """Try blocks whose last weights are zero."""
    result: tuple[ZeroBlock, ...] = connect().call("training.zero_blocks", Bench(), timeout=SECONDS)
    return result


@st.cache_resource(max_entries=128, show_spinner=False)
def frozen_parts(network: str, weights: str, regime: str, blocks: int, classes: int) -> FrozenParts:
    """What of a network learns in a regime, and what stays as it is."""
    recipe = Recipe(network=network, weights=weights, regime=regime, blocks=blocks)
    result: FrozenParts = connect().call("finetune.parts", recipe, classes, timeout=SECONDS)
    return result


def code_of(blueprint: Blueprint) -> str:
    """Write a designed network as PyTorch code."""
    result: str = connect().call("blocks.code", blueprint, timeout=SECONDS)
    return result


def card(name: str) -> ModelCard:
    """Look up a model of the catalogue, of timm, of the user's own configuration, or a run.

    Raises UnknownModel with the nearest names, also for a run that is not this visitor's to see. A
    name with another colon that nobody configured is never passed on: it would import a module.
    """
    if trained_runs.is_run(name):
        return _of_run(name, trained_runs.visible(name, visitor.owner()).name)
    if name.startswith("timm:") or name in config.user_models():
        return _elsewhere(name)
    return catalogue.find(name)


@st.cache_resource(max_entries=512, show_spinner=False)
def _elsewhere(name: str) -> ModelCard:
    """The card of a model that is not in the catalogue; building it takes a moment."""
    result: ModelCard = connect().call("zoo.card", name, timeout=SECONDS)
    return result


def trained() -> dict[str, str]:
    """The newest runs that this visitor may open, by their names as models, and how each is called.

    Runs that ended a few seconds ago may still be missing.
    """
    return _trained(config.runs_folder(), visitor.owner())


@st.cache_data(max_entries=64, ttl=5, show_spinner=False)
def _trained(folder: Path, owner: str) -> dict[str, str]:
    return {
        f"{trained_runs.PREFIX}{run.id}": run.name
        for run in trained_runs.offered(owner)[:MOST_RUNS]
    }


@st.cache_resource(max_entries=64, show_spinner=False)
def _of_run(name: str, called: str) -> ModelCard:
    """The card of a run, as it is called now."""
    result: ModelCard = connect().call("zoo.run_card", name, timeout=SECONDS)
    return result
