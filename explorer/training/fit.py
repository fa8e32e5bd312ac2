"""The training loop: a generator of records that knows neither processes nor pages. Loads torch.

    for record in fit(recipe):
        print(record)

The loop itself is `Training.learn`. Everything random is a function of the recipe's seed and the
step's number (`explorer.training.streams`), so a run can be repeated to the bit on the same
machine with as many threads, and continued from a checkpoint as if it had not been interrupted.
Runs limited by seconds end when the time is over, which is not always after the same step.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor

from explorer import device as devices
from explorer.training import checkpoint as checkpoints
from explorer.training import layer_statistics, losses, shown, streams, telling, trouble
from explorer.training.assembly import assemble
from explorer.training.batches import Batch
from explorer.training.evaluation import evaluate
from explorer.training.lengths import Length
from explorer.training.noise import noisy
from explorer.training.optimisers import optimiser
from explorer.training.precision import Precision, make_repeatable
from explorer.training.records import (
    Ended,
    Epoch,
    Histograms,
    Layers,
    Reason,
    Record,
    Score,
    Step,
)
from explorer.training.standing import Standing, unpacked
from explorer.training.tally import Tally

if TYPE_CHECKING:
    from explorer.training.assembly import Parts
    from explorer.training.data.splits import Sets
    from explorer.training.feed import Feed
    from explorer.training.networks import Prepared
    from explorer.training.recipe import Recipe

_PICTURES = 64
"""How many of them histograms are made of."""


def fit(recipe: Recipe) -> Iterator[Record]:
    """Train as a recipe says; `Training` can do more than tell."""
    return Training(recipe).records()


class Training:
    """A run of one network.

    `sets` and `prepared` stand in for the recipe's own data and network; `sample_weights` (N,) say
    how much each training picture counts; `parts` stand in for all of these. With `checkpoint` the
    run goes on from there. `between` is called after every step, told or not, once its records are
    out: there, and between any two records, the other methods may be called.

    Raises BadRequest, BadDesign, UnknownModel, MissingData, BadCheckpoint and OutOfMemory; while it
    runs, Diverged and OutOfMemory, after the last record that holds.
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        sets: Sets | None = None,
        prepared: Prepared | None = None,
        device: str | None = None,
        checkpoint: Path | None = None,
        sample_weights: Tensor | None = None,
        between: Callable[[], None] | None = None,
        parts: Parts | None = None,
    ) -> None:
        self.recipe = recipe
        self.device = devices.choose(device)
        self._precision = Precision(recipe, self.device)
        make_repeatable(self.device)
        self._parts = parts or assemble(recipe, sets, prepared, sample_weights, self.device)
        self._network = self._parts.network
        self._forward = torch.compile(self._network) if recipe.compiled == "yes" else self._network
        self._weights = [each for each in self._network.parameters() if each.requires_grad]
        self._watched = layer_statistics.weights_of(self._parts.layers)
        self._optimiser = optimiser(recipe, self._weights)
        self._length = Length(recipe, self._parts.batches.per_epoch)
        self._between = between
        self._asked: Literal["paused", "stopped"] | None = None
        self._watch = trouble.Watch(recipe)
        self._at = Standing()
        if checkpoint is not None:
            self._load(checkpoint)

    def records(self) -> Iterator[Record]:
        """Train, and tell of it."""
        yield self._parts.began(self.device, self._length.steps, self._at.step)
        yield from self._due()
        while (reason := self._over()) is None:
            with self._sentences():
                self.learn(self._length.rate(self._at))
            yield from self._due()
            if self._between is not None:
                self._between()
        with self._sentences():
            ended = self._ended(reason)
        yield ended

    def learn(self, rate: float) -> Tensor:
        """One step: look at a batch, find the gradient, move the weights against it.

        Returns the batch's loss before that (0-d).
        """
        started, step = time.perf_counter(), self._at.step + 1
        for group in self._optimiser.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
        batch = self._parts.batches.batch(step)

        streams.reseed(self.device, self.recipe.seed, "dropout", step)
        with self._noise(step):
            with self._precision.autocast():
                scores = losses.heads(self._forward(batch.pictures))
            loss, main = self._parts.criterion.of_heads(scores, batch.targets, batch.weights)
            self._precision.backward(loss, self._optimiser)

        norm = self._clipped(step)
        before = layer_statistics.copies(self._watched) if telling.tells_layers(step) else None
        self._precision.move(self._optimiser)

        top5 = self._parts.criterion.top5
        gauge = losses.gauge(main, scores[0].detach(), batch.targets, top5=top5)
        self._at.step = step
        self._tell(gauge, len(batch.targets), rate, norm, before, started)
        return main.detach()

    def _noise(self, step: int) -> AbstractContextManager[None]:
        share = self.recipe.weight_noise
        if not share:
            return nullcontext()
        seed = self.recipe.seed
        dice = streams.generator(seed, "weight noise", step, device=self.device)
        return noisy(self._weights, share, dice)

    def _clipped(self, step: int) -> Tensor | None:
        """Shorten the gradient if it is to be; its norm before, if that is to be told."""
        if self.recipe.clip_norm:
            return torch.nn.utils.clip_grad_norm_(self._weights, self.recipe.clip_norm)
        return layer_statistics.total_norm(self._weights) if telling.tells_step(step) else None

    def _tell(
        self,
        gauge: Tensor,
        count: int,
        rate: float,
        norm: Tensor | None,
        before: list[Tensor] | None,
        started: float,
    ) -> None:
        """Add a step up, and note what is to be told of it."""
        at, step = self._at, self._at.step
        told, closes = telling.tells_step(step), self._length.closes_epoch(at)
        ready = self._watch.add(gauge, count)
        if ready or told or closes:
            loss, hits, *_ = self._watch.read(at)
            devices.synchronise(self.device)
        at.clock(time.perf_counter() - started, count)
        if told and norm is not None:
            speed = at.told_pictures / at.told_seconds
            epoch, at.told_pictures, at.told_seconds = self._length.epochs(at), 0, 0.0
            right = 100 * hits / count
            at.due.append(Step(step, epoch, at.seconds, loss, right, rate, speed, norm.item()))
        if before is not None:
            gradients = layer_statistics.gradient_norms(self._watched)
            ratios = layer_statistics.update_ratios(self._watched, before)
            at.due.append(Layers(step, gradients, ratios))
        complete = self._length.over(at)
        if complete or telling.tells_pictures(step):
            at.due += ["sample", "filters"]
        if complete or closes:
            at.due.append("epoch")

    def _due(self) -> Iterator[Record]:
        """What is still to be told of the last step."""
        while self._at.due:
            due = self._at.due.pop(0)
            if not isinstance(due, str):
                yield due
                continue
            with self._sentences():
                record = self._made(due)
            if record is not None:
                yield record

    def _made(self, due: str) -> Record | None:
        if due == "epoch":
            return self._epoch()
        if due == "filters":
            return shown.filters(self._parts.layers, self._parts.shape, self._at.step)
        first, self._at.showed = not self._at.showed, True
        return shown.seen(self._parts, self._precision, self._at.step, first=first)

    def _epoch(self) -> Epoch:
        """Validate, and keep the weights if they are the best so far."""
        at, validation = self._at, self._parts.validation
        if self._watch.behind:
            self._watch.read(at)
        at.train = at.tally.score()
        at.validation = None if validation is None else self._measured(validation)
        best = at.validation is not None and at.validation.loss < at.lowest
        if best and at.validation is not None:
            at.lowest, at.waited = at.validation.loss, 0
            at.best_train, at.best_validation = at.train, at.validation
            at.best = self.weights()
        else:
            at.waited += 1
        if self._length.closes_epoch(at):
            at.tally = Tally()
        return Epoch(self._length.epochs(at), at.step, at.seconds, at.train, at.validation, best)

    def _measured(self, feed: Feed) -> Score:
        """Evaluate. An infinite loss is told as it is, unless it is the weights that are none."""
        found = evaluate(self._network, feed, self._parts.criterion, self._precision)
        if not math.isfinite(found.loss):
            trouble.check_weights(self.recipe, self._weights, self._at.step)
        return found

    def _over(self) -> Reason | None:
        """Why the run ends now, if it does."""
        if self._length.over(self._at):
            return "length"
        if self.recipe.patience and self._at.waited >= self.recipe.patience:
            return "early stopping"
        return self._asked

    def _ended(self, reason: Reason) -> Ended:
        """Look at the test set, once; after stopping early with the best weights."""
        at, best = self._at, self._at.best if reason == "early stopping" else None
        test = None
        if best is not None:
            last = self.weights()
            self._network.load_state_dict(best)
            test = self._tested()
            self._network.load_state_dict(last)
        elif reason == "length":
            test = self._tested()
        return Ended(
            reason=reason,
            epochs=self._length.epochs(at),
            steps=at.step,
            seconds=at.seconds,
            train=at.train if best is None else at.best_train,
            validation=at.validation if best is None else at.best_validation,
            test=test,
            weights="last" if best is None else "best",
        )

    def _tested(self) -> Score | None:
        test = self._parts.test
        return None if test is None else self._measured(test)

    def ask(self, reason: Literal["paused", "stopped"]) -> None:
        """End the run after the step that runs; any thread may ask."""
        self._asked = reason

    def weights(self) -> dict[str, Tensor]:
        """A copy of the network's state as it is now, on the CPU."""
        return {
            name: each.detach().cpu().clone(memory_format=torch.contiguous_format)
            for name, each in self._network.state_dict().items()
        }

    def best_weights(self) -> dict[str, Tensor] | None:
        """The state after the epoch with the lowest validation loss; None without validation."""
        return self._at.best

    def histograms(self) -> Histograms:
        """Weights, gradients and activations now, of the first pictures of the last batch."""
        parts, step = self._parts, self._at.step
        batch = parts.batches.batch(max(1, step))
        few = Batch(batch.pictures[:_PICTURES], batch.targets[:_PICTURES], None)
        with self._sentences():
            return shown.histograms(parts.network, parts.layers, few, parts.criterion, step)

    def save(self, path: Path) -> None:
        """Write a checkpoint. Raises DiskFull."""
        if self._watch.behind:
            self._watch.read(self._at)
        scaler = self._precision.scaler
        state = {
            "network": self._network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "scaler": None if scaler is None else scaler.state_dict(),
            "at": self._at.packed(),
        }
        checkpoints.write(path, self.recipe, state)

    def _load(self, path: Path) -> None:
        state = checkpoints.read(path, self.recipe, self.device)
        self._network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        if self._precision.scaler is not None:
            self._precision.scaler.load_state_dict(state["scaler"])
        self._at = unpacked(state["at"])
        if state["recipe"].length != self.recipe.length:
            self._at.waited = 0  # a run that is made longer may wait for a better epoch again

    def _sentences(self) -> AbstractContextManager[None]:
        parts = self._parts
        return trouble.sentences(self.recipe, parts.title, parts.batches.size, self.device)
