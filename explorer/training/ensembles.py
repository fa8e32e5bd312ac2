"""Several small networks instead of one: averaged, bagged or boosted. Loads torch.

Breiman, “Bagging Predictors”, 1996; Zhu et al., “Multi-class AdaBoost”, 2009. Members are trained
one after the other and tell of their steps; what is scored is the ensemble so far, at each
member's end. There are no `Seen` and `Filters`, which belong to a single network.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from explorer.errors import BadRequest
from explorer.training import ensemble_files, networks, samme
from explorer.training.crowds import Adapted, alone, crowd, placed
from explorer.training.data.splits import sets as split
from explorer.training.evaluation import batches, evaluate, evaluating, scored
from explorer.training.feed import Feed
from explorer.training.fit import Training
from explorer.training.losses import criterion
from explorer.training.precision import Precision
from explorer.training.records import Began, Ended, Epoch, Histograms, Layers, Record, Score, Step

if TYPE_CHECKING:
    from explorer.training.crowds import Crowd
    from explorer.training.data.loading import Pictures
    from explorer.training.data.splits import Sets
    from explorer.training.networks import Prepared
    from explorer.training.recipe import Recipe

Run: TypeAlias = "Training | Ensemble"
_SURE = 1.0
"""The vote of a boosted member without a mistake, where SAMME's own would be infinite."""


def training(recipe: Recipe, **given: Any) -> Run:
    """What trains a recipe: one network, or an ensemble; `given` as for `Training`."""
    return Training(recipe, **given) if recipe.ensemble == "one" else Ensemble(recipe, **given)


def fit_ensemble(recipe: Recipe) -> Iterator[Record]:
    """Train an ensemble as a recipe says; see `Ensemble` for more than the records."""
    return Ensemble(recipe).records()


class Ensemble:
    """A run of several networks, with the interface of `explorer.training.fit.Training`.

    Boosting ends early with a member that makes no mistake on the training pictures, or with one
    that is no better than guessing, which is not kept unless it is the first. Raises BadRequest
    for a loss whose answers cannot be averaged, and as `Training` does.
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        sets: Sets | None = None,
        device: str | None = None,
        checkpoint: Path | None = None,
        between: Callable[[], None] | None = None,
    ) -> None:
        if recipe.loss != "cross-entropy":
            raise BadRequest("Members are averaged as probabilities; choose the cross-entropy.")
        self.recipe, self.sets = recipe, split(recipe) if sets is None else sets
        self._given: dict[str, Any] = {"device": device, "between": between}
        self._members: list[nn.Module] = []
        self._votes: list[float] = []
        self._weights = np.ones(len(self.sets.train))
        self._past = Ended("length", 0.0, 0, 0.0, None, None, None)
        self._lowest = math.inf
        self._best = 0
        self._taken = False
        learning = None if checkpoint is None else self._load(checkpoint)
        with ensemble_files.unpacked(learning) as beside:
            self._prepared, self._now = self._begin(beside)

    def records(self) -> Iterator[Record]:
        """Train one member after the other, and tell of it; a generator."""
        first = True
        while True:
            over = None
            for record in self._now.records():
                if isinstance(record, Ended):
                    over = record
                elif isinstance(record, Began) and first:
                    yield self._whole(record)
                    first = False
                else:
                    yield from self._shifted(record)
            assert over is not None
            if over.reason in ("paused", "stopped"):
                yield self._after(over, over.reason)
                return
            more = self._take(over)
            yield self._epoch()
            if not more:
                break
            self._prepared, self._now = self._begin(None)
        whole = len(self._members) == self.recipe.members
        test = self._score(self.sets.test)
        reason: Literal["length", "early stopping"] = "length" if whole else "early stopping"
        yield dataclasses.replace(self._past, reason=reason, test=test)

    def _begin(self, checkpoint: Path | None) -> tuple[Prepared, Training]:
        """The network and the run of the member whose turn it is."""
        number, data = len(self._members), self.sets.data
        recipe = alone(self.recipe, number)
        prepared = networks.build(recipe, data.shape, len(data.classes))
        self._taken = False
        self._drawn = self.sets
        if self.recipe.ensemble == "bagging":
            self._drawn = split(self.recipe, bootstrap=number)
        boosted = self.recipe.ensemble == "boosting" and number > 0
        return prepared, Training(
            recipe,
            sets=self._drawn,
            prepared=prepared,
            checkpoint=checkpoint,
            sample_weights=torch.from_numpy(self._weights) if boosted else None,
            **self._given,
        )

    def _whole(self, began: Began) -> Began:
        """What all members come to; layers are those of one."""
        count = self.recipe.members
        mean, std = self._feed(self.sets.train).normalisation
        return dataclasses.replace(
            began,
            title=f"{self.recipe.ensemble.capitalize()} of {count}: {began.title}",
            params=count * began.params,
            steps=None if began.steps is None else count * began.steps,
            step=self._past.steps + began.step,
            mean=tuple(mean.tolist()),
            std=tuple(std.tolist()),
        )

    def _shifted(self, record: Record) -> Iterator[Record]:
        """A member's record with the steps, epochs and seconds of those before it."""
        past = self._past
        if isinstance(record, Step):
            yield dataclasses.replace(
                record,
                step=past.steps + record.step,
                epoch=past.epochs + record.epoch,
                seconds=past.seconds + record.seconds,
            )
        elif isinstance(record, (Layers, Histograms)):
            yield dataclasses.replace(record, step=past.steps + record.step)

    def _after(self, over: Ended, reason: Literal["length", "paused", "stopped"]) -> Ended:
        """How far the run is with what a member ended with."""
        past = self._past
        return dataclasses.replace(
            past,
            reason=reason,
            epochs=past.epochs + over.epochs,
            steps=past.steps + over.steps,
            seconds=past.seconds + over.seconds,
        )

    def _take(self, over: Ended) -> bool:
        """Take a member in; whether there is a next one."""
        network = self._prepared.network
        if over.weights == "best" and (best := self._now.best_weights()) is not None:
            network.load_state_dict(best)
        self._past, self._taken = self._after(over, "length"), True
        vote = self._boost(network) if self.recipe.ensemble == "boosting" else 1.0
        if vote <= 0 and self._members:
            return False
        self._members.append(self._placed())
        self._votes.append(vote if 0 < vote < math.inf else _SURE)
        return 0 < vote < math.inf and len(self._members) < self.recipe.members

    def _placed(self) -> nn.Module:
        """The member that learns, as it stands among the others."""
        found = placed(self.recipe, self._prepared)
        if isinstance(found, Adapted):
            ours, own = self._feed(self.sets.train), self._feed(self._drawn.train, own=True)
            found.adapt(ours.normalisation, own.normalisation)
        return found

    def _boost(self, network: nn.Module) -> float:
        """A member's vote by SAMME; what it got wrong gets more weight for the next one."""
        feed, precision = self._feed(self.sets.train), Precision(self.recipe, self._now.device)
        with evaluating(network):
            found = [
                scored(network, feed.normalised(numbers), precision).argmax(dim=1)
                for numbers in batches(feed)
            ]
        wrong = torch.cat(found).cpu().numpy() != self.sets.train.labels.numpy()
        vote = samme.vote(samme.error(self._weights, wrong), len(self.sets.data.classes))
        if 0 < vote < math.inf:
            self._weights = samme.reweighted(self._weights, wrong, vote)
        return vote

    def _feed(self, pictures: Pictures, *, own: bool = False) -> Feed:
        """Pictures as the members take them, normalised by the training pictures or their own."""
        fit = partial(networks.fitted, shape=self._prepared.shape)
        make = partial(Feed, shape=self._prepared.shape, fit=fit, device=self._now.device)
        if own or pictures is self.sets.train:
            return make(pictures)
        return make(pictures, normalisation=make(self.sets.train).normalisation)

    def _crowd(self, count: int) -> Crowd:
        """The first members together."""
        return crowd(self.recipe, self._members[:count], self._votes[:count])

    def _score(self, pictures: Pictures | None) -> Score | None:
        if pictures is None:
            return None
        device = self._now.device
        told = criterion(self.recipe, len(self.sets.data.classes))
        network = self._crowd(len(self._members)).to(device)
        return evaluate(network, self._feed(pictures), told, Precision(self.recipe, device))

    def _epoch(self) -> Epoch:
        """The ensemble so far; `train` is measured in evaluation mode, unlike a network's."""
        train, validation = self._score(self.sets.train), self._score(self.sets.validation)
        assert train is not None
        best = validation is not None and validation.loss < self._lowest
        if validation is not None and best:
            self._lowest, self._best = validation.loss, len(self._members)
        past = dataclasses.replace(self._past, train=train, validation=validation)
        self._past = past
        return Epoch(past.epochs, past.steps, past.seconds, train, validation, best)

    def ask(self, reason: Literal["paused", "stopped"]) -> None:
        """Have the run end after the step that is running."""
        self._now.ask(reason)

    def histograms(self) -> Histograms:
        """Histograms of the member that learns now."""
        found = self._now.histograms()
        before = 0 if self._taken else self._past.steps
        return dataclasses.replace(found, step=before + found.step)

    def weights(self) -> dict[str, Tensor]:
        """All members' weights, the one that learns now among them, and their votes."""
        together = self._crowd(len(self._members))
        if not self._taken:
            members, votes = [*self._members, self._placed()], [*self._votes, _SURE]
            together = crowd(self.recipe, members, votes)
        return {name: each.detach() for name, each in together.state_dict().items()}

    def best_weights(self) -> dict[str, Tensor] | None:
        """Those of the first members with which the validation loss was lowest, if any."""
        if not self._best:
            return None
        state = self._crowd(self._best).state_dict()
        return {name: each.detach() for name, each in state.items()}

    def save(self, path: Path) -> None:
        """Write everything that is needed to go on as if nothing had happened."""
        state = {
            "members": [each.state_dict() for each in self._members],
            "votes": self._votes,
            "weights": torch.from_numpy(self._weights),
            "past": dataclasses.asdict(self._past),
            "lowest": self._lowest,
            "best": self._best,
        }
        ensemble_files.write(path, self.recipe, state, None if self._taken else self._now.save)

    def _load(self, path: Path) -> Tensor | None:
        """Take a checkpoint's members in; returns that of the one that learned, if one did."""
        state, data = ensemble_files.read(path, self.recipe), self.sets.data
        if len(state["members"]) == self.recipe.members:
            raise BadRequest("This ensemble has all its members; start a longer one anew.")
        for number, weights in enumerate(state["members"]):
            built = networks.build(alone(self.recipe, number), data.shape, len(data.classes))
            member = placed(self.recipe, built)
            member.load_state_dict(weights)
            self._members.append(member)
        self._votes, self._weights = state["votes"], state["weights"].numpy()
        past = state["past"]
        told = {part: past[part] and Score(**past[part]) for part in ("train", "validation")}
        self._past = Ended(**{**past, **told})
        self._lowest, self._best = state["lowest"], state["best"]
        learning: Tensor | None = state["learning"]
        return learning
