"""Networks as a recipe wants them: built, fitted to the data, swapped, initialised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from explorer import units
from explorer.errors import BadRequest
from explorer.training import constructors, network_catalogue, surgery
from explorer.training.constructors import Prepared
from explorer.training.initialisation import initialise, weight_of
from explorer.training.nets import NETS
from explorer.training.nets.form import Form
from explorer.training.recipe import DESIGN, OWN
from explorer.training.shapes import Shape, fitted
from explorer.training.trial import attempt
from explorer.vision.question import seeded

if TYPE_CHECKING:
    from explorer.training.network_catalogue import TrainableNetwork
    from explorer.training.recipe import Recipe
    from explorer.training.trial import Trial

__all__ = ["Prepared", "build", "fitted", "layers"]

_OWN_FORM = {"small_cnn": Form(5, 16, "batch")}
_SHALLOWEST = 2


def build(recipe: Recipe, shape: Shape, classes: int) -> Prepared:
    """Build a recipe's network for data of this shape; the same seed gives the same weights.

    Raises UnknownModel, BuildFailed, BadDesign, and BadRequest for what this network cannot be.
    """
    with seeded(recipe.seed, torch.device("cpu")):
        if (known := network_catalogue.small(recipe.network)) is not None:
            prepared = _small(known, recipe, shape, classes)
        else:
            prepared = _large(recipe, shape, classes)
        initialise(prepared.network, recipe.initialisation)
    _proved(prepared, recipe, classes)
    return prepared


def layers(network: nn.Module, shape: Shape | None = None) -> tuple[tuple[str, nn.Module], ...]:
    """Convolutions, linear layers and attentions by name, in the order in which they run.

    That order is found by a pass for an input of this shape; without one it is the order in which
    the network lists them. `explorer.training.initialisation.weight_of` gives a layer's weights.
    """
    named = [(name, each) for name, each in network.named_modules() if weight_of(each) is not None]
    if shape is None:
        return tuple(named)
    mode = [each.training for each in network.modules()]
    order = {name: number for number, name in enumerate(attempt(network, shape).reads)}
    for each, training in zip(network.modules(), mode, strict=True):
        each.training = training

    def turn(entry: tuple[str, nn.Module]) -> int:
        name = entry[0]
        while name and name not in order:  # an attention uses what is in it without calling it
            name = name.rpartition(".")[0]
        return order.get(name, 0)

    return tuple(sorted(named, key=turn))


def _small(known: TrainableNetwork, recipe: Recipe, shape: Shape, classes: int) -> Prepared:
    """One of the lab's own, in the form that the recipe wants."""
    channels, side = shape[0], recipe.size
    if not known.points and shape[1:] == (1, 1):
        raise BadRequest(f"{known.title} needs pictures; for points take mlp or linear.")
    if side and shape[1:] != (1, 1):
        shape = (channels, side, side)
    form = _form(known, recipe)
    network = NETS[known.name](shape, classes, form)
    if recipe.dropout:
        surgery.drop_before(network, "scores", recipe.dropout)
    free = f", {form.depth} layers, {form.width} wide" * bool(known.depth)
    return Prepared(network, shape, known.title + free)


def _form(known: TrainableNetwork, recipe: Recipe) -> Form:
    """Depth, width and what is between the layers. Raises BadRequest for what is not free."""
    if not known.depth and (recipe.depth or recipe.width):
        raise BadRequest(f"{known.title} has one layer; leave depth and width at 0.")
    if not known.depth and {recipe.normalisation, recipe.activation} - {OWN, "none", "identity"}:
        raise BadRequest(f"{known.title} has nothing between its layers to be swapped.")
    if recipe.depth and recipe.depth < _SHALLOWEST:
        raise BadRequest(f"{known.title} has {_SHALLOWEST} layers or more.")
    own = _OWN_FORM.get(known.name, Form(known.depth, known.width))
    return Form(
        recipe.depth or own.depth,
        recipe.width or own.width,
        own.normalisation if recipe.normalisation == OWN else recipe.normalisation,
        own.activation if recipe.activation == OWN else recipe.activation,
    )


def _large(recipe: Recipe, shape: Shape, classes: int) -> Prepared:
    """A network of the zoo or a design, with head, normalisation and activation swapped."""
    if recipe.depth or recipe.width:
        raise BadRequest(
            "Depth and width are free in mlp, small_cnn, plain_chain and residual_chain only; "
            "leave them at 0."
        )
    if recipe.network == DESIGN:
        prepared = constructors.of_design(recipe.design, recipe.size, shape)
    else:
        prepared = constructors.of_zoo(recipe.network, recipe.size, shape, classes)
    network, title = prepared.network, prepared.title
    trial = _tried(prepared)
    if trial.output[2:] == (1, 1):
        network.add_module("flatten", nn.Flatten())
    if recipe.normalisation != OWN:
        surgery.swap_normalisation(network, recipe.normalisation, trial, title)
    if recipe.activation != OWN:
        _swap_activation(prepared, recipe.activation)
    head = surgery.swap_head(network, trial, classes, title)
    if recipe.dropout:
        surgery.drop_before(network, head, recipe.dropout)
    return prepared


def _swap_activation(prepared: Prepared, kind: str) -> None:
    """Swap modules, and where the network's own code still calls other activations, those."""
    swapped = surgery.swap_activation_modules(prepared.network, kind)
    called = _tried(prepared).functions
    if called - {kind}:
        surgery.swap_activation_functions(prepared.network, kind)
    elif not swapped and not called:
        raise BadRequest(f"{prepared.title} has no activation that could be swapped.")


def _proved(prepared: Prepared, recipe: Recipe, classes: int) -> None:
    """Let a pass in training mode prove that it works and gives a score for each class."""
    trial = _tried(prepared, min(recipe.batch_size or 2, 2))
    if trial.output[1:] != (classes,):
        raise BadRequest(
            f"{prepared.title} gives {units.shape(trial.output[1:])} numbers instead of a score "
            f"for each of the {classes} classes; end it with a linear layer."
        )


def _tried(prepared: Prepared, batch: int = 2) -> Trial:
    """Run it without numbers. Raises BadRequest in words for what cannot run."""
    try:
        return attempt(prepared.network, prepared.shape, batch)
    except (RuntimeError, ValueError, AssertionError, IndexError) as error:
        raise BadRequest(_why(str(error), prepared)) from error


def _why(message: str, prepared: Prepared) -> str:
    title, size = prepared.title, units.shape(prepared.shape[1:])
    if "more than 1 spatial element" in message:
        return (
            f"From {size} pixels {title} makes maps of a single position, where instance "
            "normalisation leaves nothing; take a larger side or another normalisation."
        )
    if "more than 1 value per channel" in message:
        return (
            f"With one picture at a time, batch normalisation has a single number to go by in "
            f"{title}; take a larger batch, or group normalisation."
        )
    first = " ".join(message.split())[:160].rstrip(".")
    return f"{title} cannot work on {size} pixels ({first}); choose a larger side."
