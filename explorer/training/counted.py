"""What the networks of recipes cost, counted by `explorer.anatomy` on the network itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from explorer.anatomy.dissection import dissect
from explorer.training import networks
from explorer.training.data import catalogue
from explorer.training.study_records import Counted

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe


def counted(recipes: Sequence[Recipe]) -> tuple[Counted, ...]:
    """Parameters and multiply-adds of each recipe's network, for one picture as it is given.

    Raises as `networks.build` does.
    """
    return tuple(map(_counted, recipes))


def _counted(recipe: Recipe) -> Counted:
    data = catalogue.find(recipe.data)
    prepared = networks.build(recipe, data.shape, len(data.classes))
    anatomy = dissect(prepared.network.eval(), inputs=torch.empty(1, *prepared.shape))
    return Counted(
        prepared.title,
        anatomy.params,
        anatomy.macs,
        prepared.shape,
        anatomy.depth,
        tuple(each.op for each in anatomy.not_counted),
    )
