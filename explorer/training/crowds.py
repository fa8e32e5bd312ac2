"""Several networks that answer as one."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor, nn

from explorer.errors import BadCheckpoint
from explorer.training import networks, streams
from explorer.training.losses import heads

if TYPE_CHECKING:
    from explorer.training.constructors import Prepared
    from explorer.training.recipe import Recipe
    from explorer.training.shapes import Shape

Normalisation: TypeAlias = "tuple[Tensor, Tensor]"

TIES = 1e-3
"""How much the members' mean probability counts beside votes, so that there are no ties."""


class Crowd(nn.Module):
    """Members that answer together; scores are logarithms of shares that add up to one.

    By average these are the mean of the members' probabilities (Breiman, 1996). By votes each
    member names one class and its vote counts as much as `votes` says (Zhu et al., 2009); a
    thousandth is left to the mean probability, which breaks ties and keeps the logarithm finite.
    """

    def __init__(self, members: Sequence[nn.Module], votes: Tensor, *, by_votes: bool) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.register_buffer("votes", votes)
        self.by_votes = by_votes

    def forward(self, x: Tensor) -> Tensor:
        """Score the classes (N, K)."""
        scores = [heads(member(x))[0].float() for member in self.members]
        return self.together(torch.stack(scores).softmax(dim=-1)).log()

    def together(self, probabilities: Tensor) -> Tensor:
        """What members say (M, N, K) as one answer (N, K)."""
        votes: Tensor = self.get_buffer("votes").to(probabilities.dtype)
        shares = (votes / votes.sum()).view(-1, 1, 1)
        mean = (shares * probabilities).sum(dim=0)
        if not self.by_votes:
            return mean.clamp_min(torch.finfo(mean.dtype).tiny)
        named = nn.functional.one_hot(probabilities.argmax(dim=-1), probabilities.shape[-1])
        return ((1 - TIES) * (shares * named).sum(dim=0) + TIES * mean).clamp_min(
            torch.finfo(mean.dtype).tiny
        )


class Adapted(nn.Module):
    """A member that was normalised by other pictures than the ensemble is.

    Inputs (N, C, H, W) are brought from the ensemble's mean and spread to the member's own.
    """

    def __init__(self, network: nn.Module, channels: int) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("scale", torch.ones(channels, 1, 1))
        self.register_buffer("shift", torch.zeros(channels, 1, 1))

    def adapt(self, ours: Normalisation, own: Normalisation) -> None:
        """Take the mean and standard deviation (C,) of the ensemble, and of the member."""
        (mean, spread), (own_mean, own_spread) = ours, own
        self.get_buffer("scale").copy_((spread / own_spread).view(-1, 1, 1))
        self.get_buffer("shift").copy_(((mean - own_mean) / own_spread).view(-1, 1, 1))

    def forward(self, x: Tensor) -> object:
        """Let the member answer."""
        return self.network(x * self.get_buffer("scale") + self.get_buffer("shift"))


def crowd(recipe: Recipe, members: Sequence[nn.Module], votes: Sequence[float]) -> Crowd:
    """Let members answer in the way of the recipe's ensemble."""
    return Crowd(members, torch.tensor(votes), by_votes=recipe.ensemble == "boosting")


def assembled(recipe: Recipe, state: Mapping[str, Tensor], shape: Shape, classes: int) -> Prepared:
    """Build a trained ensemble from the weights of its run.

    Raises BadCheckpoint for weights that are not an ensemble's, and as `networks.build` does.
    """
    count = len({found[1] for name in state if (found := re.match(r"members\.(\d+)\.", name))})
    votes = state.get("votes")
    if votes is None or len(votes) != count or not count:
        raise BadCheckpoint("These weights are not those of an ensemble; train it again.")
    built = [networks.build(alone(recipe), shape, classes) for _ in range(count)]
    network = crowd(recipe, [placed(recipe, each) for each in built], votes.tolist())
    try:
        network.load_state_dict(dict(state))
    except RuntimeError as error:
        raise BadCheckpoint("These weights do not fit the recipe's networks.") from error
    title = f"{recipe.ensemble.capitalize()} of {count}: {built[0].title}"
    return networks.Prepared(network, built[0].shape, title)


def placed(recipe: Recipe, prepared: Prepared) -> nn.Module:
    """A network as it stands among the members; what was bagged has its own normalisation."""
    bagged = recipe.ensemble == "bagging"
    return Adapted(prepared.network, prepared.shape[0]) if bagged else prepared.network


def alone(recipe: Recipe, number: int = 0) -> Recipe:
    """The recipe of a member, numbered from 0: a seed of its own, and its part of a time limit."""
    length = recipe.length / recipe.members if recipe.unit == "seconds" else recipe.length
    seed = streams.number(recipe.seed, "member", number) % 2**31
    return dataclasses.replace(recipe, ensemble="one", members=1, length=length, seed=seed)
