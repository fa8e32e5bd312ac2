"""Networks of the zoo and designs, untrained, for so many classes, and the shape each is given."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn
from torchvision import models

from explorer.blocks import exchange
from explorer.blocks.network import network as designed
from explorer.errors import BadRequest, BuildFailed, ExplorerError
from explorer.training import network_catalogue
from explorer.zoo import catalogue, timm_models, torchvision_models, user_models
from explorer.zoo.classics import CLASSICS
from explorer.zoo.classics.googlenet import GoogLeNet
from explorer.zoo.classics.lenet import LeNet5Partial, RadialBasis

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.training.shapes import Shape
    from explorer.zoo.cards import ModelCard

FOR_PHOTOGRAPHS = 64
"""Pixels; a network made for larger pictures than this halves them five times or so."""
LEAST = 32
"""Pixels it is given at least, so that its last maps have a position left."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A network that is ready to be trained, and the shape (C, H, W) that it is given.

    It is in training mode, on the CPU; for inputs (N, C, H, W) it gives scores (N, classes).
    """

    network: nn.Module
    shape: Shape
    title: str


class Nearness(RadialBasis):
    """Distances with their sign turned, so that the nearest code has the highest score.

    As logarithms of probabilities these are the scores of LeCun et al. (1998), equation 9.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Score the ten digits."""
        return -super().forward(x)


def of_zoo(name: str, size: int, shape: Shape, classes: int) -> Prepared:
    """Build a classifier by its name or alias, for data of this shape (C, H, W).

    A classic's last layer still has its own classes. Heads on the side, which only training would
    use, are left out. Raises UnknownModel, BuildFailed, BadRequest.
    """
    name = network_catalogue.full_name(name)
    card = _card(name)
    if card.task != "classification" or len(card.input_shape) != 3:
        raise BadRequest(
            f"{card.title} is for {card.task}; only classifiers are trained here, such as resnet20."
        )
    given = given_shape(card, size, shape)
    try:
        network = _constructor(card, given, classes)()
    except ExplorerError:
        raise
    except Exception as error:
        what = " ".join(str(error).split())[:200] or "it gave no message"
        raise BuildFailed(f"{card.title} cannot be built for training: {what}.") from error
    return Prepared(network, given, card.title)


def of_design(design: str, size: int, shape: Shape) -> Prepared:
    """Build a design from its JSON; its input is as it says, or of the side `size`.

    Raises BadDesign.
    """
    blueprint = exchange.from_json(design)
    if size:
        blueprint = dataclasses.replace(blueprint, shape=(blueprint.shape[0], size, size))
    _meets(blueprint.name, blueprint.shape, shape)
    return Prepared(designed(blueprint), blueprint.shape, blueprint.name)


def given_shape(card: ModelCard, size: int, shape: Shape) -> Shape:
    """The shape (C, H, W) that a network of the zoo is given for data of this shape.

    With a size of 0 a network that takes one size is given that, another the data's own, but no
    less than it can work on. Raises BadRequest for a size it does not take, and for points.
    """
    channels, own = card.input_shape[0], card.input_size[0]
    _meets(card.title, card.input_shape, shape)
    if size:
        _accepts(card, size)
        return channels, size, size
    if card.largest is not None:
        return channels, own, own
    least = max(card.smallest, LEAST if own > FOR_PHOTOGRAPHS else 1)
    return channels, max(shape[1], least), max(shape[2], least)


def _meets(title: str, wanted: tuple[int, ...], shape: Shape) -> None:
    """Refuse data whose channels cannot be made into what the network reads."""
    points = shape[1:] == (1, 1)
    if points and wanted != shape:
        raise BadRequest(
            f"{title} needs pictures, and this data has points; take mlp, linear or a chain."
        )
    if not points and wanted[0] != shape[0] and {wanted[0], shape[0]} != {1, 3}:
        raise BadRequest(
            f"{title} reads {wanted[0]} channels, and this data has {shape[0]}; choose other data."
        )


def _accepts(card: ModelCard, size: int) -> None:
    """Refuse a side that the network is not built for."""
    if card.name.startswith("vit_") or card.source == "timm":
        return  # it is built for this side, if its patches divide it
    if size < card.smallest or (card.largest is not None and size > card.largest):
        most = f"to {card.largest}" if card.largest else "or more"
        raise BadRequest(
            f"{card.title} takes pictures of {card.smallest} {most} pixels, not {size}; leave the "
            "side at 0 for its own."
        )


def _card(name: str) -> ModelCard:
    if name.startswith(timm_models.PREFIX):
        return timm_models.draft(name)
    if name.startswith("run:"):
        raise BadRequest("A run's network is trained again by its own recipe; open that instead.")
    if ":" in name:
        return user_models.draft(name)
    if name not in CLASSICS and name not in torchvision_models.names():
        raise network_catalogue.unknown(name)
    return catalogue.find(name)


def _constructor(card: ModelCard, shape: Shape, classes: int) -> Callable[[], nn.Module]:
    if card.name in CLASSICS:
        return partial(_classic, card.name, classes)
    if card.source == "torchvision":
        return partial(
            models.get_model, card.name, weights=None, **_torchvision(card, shape, classes)
        )
    if card.source == "timm":
        return partial(timm_models.construct, card.name, **_timm(card, shape, classes))
    return partial(user_models.construct, card.name)


def _classic(name: str, classes: int) -> nn.Module:
    if name == "googlenet_2014":
        return GoogLeNet(auxiliary=False)
    network = CLASSICS[name].construct()
    if isinstance(network, LeNet5Partial):
        # Codes are drawn for the ten digits; other classes get a linear layer.
        network.output = Nearness() if classes == 10 else nn.Linear(84, classes)  # type: ignore[assignment]
    return network


def _torchvision(card: ModelCard, shape: Shape, classes: int) -> dict[str, Any]:
    told: dict[str, Any] = {"num_classes": classes}
    if card.name in ("googlenet", "inception_v3"):
        told |= {"aux_logits": False, "init_weights": True}
    if card.name.startswith("vit_"):
        told["image_size"] = shape[1]
    return told


def _timm(card: ModelCard, shape: Shape, classes: int) -> dict[str, Any]:
    fixed = card.largest is not None and shape[1] != card.input_size[0]
    return {"num_classes": classes} | ({"img_size": shape[1]} if fixed else {})
