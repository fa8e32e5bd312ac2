"""A fresh last layer for other classes, in any network that ends in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from explorer import units
from explorer.errors import BadRequest
from explorer.training import surgery
from explorer.training.trial import attempt
from explorer.zoo.classics.lenet import LeNet5Partial

if TYPE_CHECKING:
    from explorer.training.shapes import Shape
    from explorer.training.trial import Trial

_LENET_FEATURES = 84


def replaced(network: nn.Module, shape: Shape, classes: int, title: str) -> tuple[str, Trial]:
    """Put a fresh head in; its name, and what ran in a trial of the network before.

    Heads on the side, which only training would use, are left out, as in the training lab. Works on
    the meta device too. Raises BadRequest for a network that ends in no layer of scores.
    """
    if isinstance(network, LeNet5Partial):
        # Its distances to drawn digits cannot stand for other classes.
        network.output = nn.Linear(_LENET_FEATURES, 10)  # type: ignore[assignment]
    alone = attempt(network, shape, training=False)
    _without_side_heads(network, alone, attempt(network, shape))
    trial = attempt(network, shape)
    if trial.output[2:] == (1, 1):
        network.add_module("flatten", nn.Flatten())
    head = surgery.swap_head(network, trial, classes, title, always=True)
    outputs = attempt(network, shape).output
    if outputs[1:] != (classes,):
        raise BadRequest(
            f"{title} gives {units.shape(outputs[1:])} numbers instead of a score for each of the "
            f"{classes} classes; choose another network."
        )
    return head, trial


def _without_side_heads(network: nn.Module, alone: Trial, training: Trial) -> None:
    """Leave out what runs in training alone, beside the way to the scores."""
    for name, child in list(network.named_children()):
        runs = any(each == name or each.startswith(f"{name}.") for each in training.reads)
        used = any(each == name or each.startswith(f"{name}.") for each in alone.reads)
        if runs and not used and any(True for _ in child.parameters()):
            listed = isinstance(child, nn.ModuleDict | nn.ModuleList | nn.Sequential)
            setattr(network, name, type(child)() if listed else None)
            if hasattr(network, "aux_logits"):
                network.aux_logits = False  # type: ignore[assignment]
