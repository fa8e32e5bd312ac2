"""A designed network as the real module, ready to be trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.blocks.build import build
from explorer.blocks.drawing import draw
from explorer.blocks.table import parts_of
from explorer.errors import BadDesign

if TYPE_CHECKING:
    import torch
    from torch import nn

    from explorer.blocks.blueprint import Blueprint
    from explorer.blocks.parts import Part

MOST_PARAMETERS = 500_000_000
"""Of a network that is built with weights: 2 GB in fp32."""


def parts(blueprint: Blueprint) -> list[Part]:
    """The design's data, row by row. Raises BadDesign."""
    return [part for each in parts_of(blueprint.rows, blueprint.shape[0]) for part in each]


def network(blueprint: Blueprint, device: str | torch.device = "cpu") -> nn.Module:
    """Build a designed network with torch's own initial weights, in evaluation mode.

    Raises BadDesign, whose place begins with the row, where rows do not fit together or the
    network is too large to be built.
    """
    drawn = draw(blueprint)
    if drawn.failing is not None:
        raise BadDesign(drawn.rows[drawn.failing].error, (drawn.failing,))
    if drawn.anatomy is None:
        raise BadDesign("A network has at least one layer.")
    if drawn.anatomy.params > MOST_PARAMETERS:
        raise BadDesign(
            f"It would have {drawn.anatomy.params:,} parameters, and at most {MOST_PARAMETERS:,} "
            "are built; make it smaller."
        )
    return build(parts(blueprint), blueprint.shape, device)
