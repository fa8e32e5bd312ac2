"""What a recipe may read: one that came by a link is not the visitor's own word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.training.data import catalogue
from explorer.ui import visitor
from explorer.zoo import trained_runs

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe


def check(recipe: Recipe) -> None:
    """Hold that a recipe reads nothing that this visitor may not see.

    Raises BadRequest for a folder that is not on offer, UnknownModel for another visitor's run that
    is not shared.
    """
    catalogue.refuse_hidden(recipe.data)
    if trained_runs.is_run(recipe.network):
        trained_runs.visible(recipe.network, visitor.owner())
