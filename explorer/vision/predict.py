"""What does a classifier say of a picture, how fast, and what do more views or models add?"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from explorer import device
from explorer.errors import BadPicture, BadRequest, Cancelled, ExplorerError
from explorer.pictures.records import Picture, Refused
from explorer.progress import Progress, silent
from explorer.vision import preprocess
from explorer.vision.averages import averaged
from explorer.vision.loading import load
from explorer.vision.prediction_records import (
    Comparison,
    Guess,
    Prediction,
    Probabilities,
    Timed,
    Unable,
    ranked,
)

if TYPE_CHECKING:
    from explorer.vision.loaded import LoadedModel

BATCH_VALUES = 8 * 3 * 224 * 224
"""Numbers in one batch on the CPU, where larger ones are slower per picture."""
ON_A_GPU = 8
"""A GPU takes so many times more."""
MOST_PASSES = 5
ENOUGH_SECONDS = 1.5
"""Timing ends after so many passes, or with the one that exceeds the time."""

Model: TypeAlias = tuple[str, "str | None"]
"""A model's name and the key of its weights; None for the best on disk."""


@dataclass(frozen=True, slots=True)
class _Input:
    """A picture's tensor (1, C, H, W), and the seconds it took to make."""

    picture: Picture
    tensor: Tensor
    seconds: float


def predict(
    name: str,
    pictures: Sequence[Picture],
    *,
    weights: str | None = None,
    top: int = 5,
    progress: Progress = silent,
) -> tuple[Prediction | Refused, ...]:
    """Classify pictures, in batches of a bounded size, and answer in their order.

    A picture that cannot be answered is a `Refused` and stops no other. `top` is how many classes
    are named, all if the network knows fewer. Raises what `load` raises, BadRequest for a `top`
    below 1.
    """
    if top < 1:
        raise BadRequest(f"The number of classes to name must be 1 or more, not {top}.")
    loaded = load(name, weights)
    answers: list[Prediction | Refused] = []
    size = batch_size(loaded)
    for start in range(0, len(pictures), size):
        progress(start / len(pictures), f"Predicting {start + 1} of {len(pictures)}")
        answers += _batch(loaded, pictures[start : start + size], top)
    return tuple(answers)


def batch_size(loaded: LoadedModel) -> int:
    """How many pictures run through the network at once."""
    values = len(loaded.preprocessing.mean) * int(np.prod(loaded.preprocessing.crop))
    room = BATCH_VALUES * (ON_A_GPU if loaded.device.type == "cuda" else 1)
    return max(1, min(room // values, 64))


def compare(
    models: Sequence[Model], picture: Picture, *, top: int = 5, progress: Progress = silent
) -> Comparison:
    """Ask several models about one picture, time each, and average those that know the same.

    A model that cannot answer is an `Unable` and stops no other.
    """
    answers: list[Timed | Unable] = []
    names: list[tuple[str, ...]] = []
    for position, (name, weights) in enumerate(models):
        progress(position / len(models), f"Asking {name}")
        try:
            loaded = load(name, weights)
            answers.append(timed(loaded, picture, top))
            names.append(loaded.classes)
        except Cancelled:
            raise
        except ExplorerError as error:
            answers.append(Unable(name, str(error)))
    predictions = [each.prediction for each in answers if isinstance(each, Timed)]
    return Comparison(tuple(answers), averaged(predictions, names, top))


def timed(loaded: LoadedModel, picture: Picture, top: int = 5) -> Timed:
    """Classify one picture and time the forward pass. Raises BadPicture where it is refused."""
    with loaded.borrowed() as network, torch.inference_mode():
        answer = _batch(loaded, [picture], top)[0]
        if isinstance(answer, Refused):
            raise BadPicture(answer.reason)
        tensor = preprocess.input_tensor(picture, loaded.preprocessing).to(loaded.device)
        seconds, passes = forward_seconds(network, tensor)
    return Timed(answer, seconds, passes)


def forward_seconds(network: nn.Module, batch: Tensor) -> tuple[float, int]:
    """Return the median time of forward passes, and of how many; all before this was warming up."""
    seconds: list[float] = []
    while len(seconds) < MOST_PASSES and sum(seconds) < ENOUGH_SECONDS:
        seconds.append(_run(network, batch)[1])
    return statistics.median(seconds), len(seconds)


def probabilities_of(logits: Tensor) -> Probabilities:
    """Return the softmax of scores (..., classes), in double precision."""
    values: Probabilities = logits.double().softmax(-1).numpy()
    return values


def classes(name: str, weights: str | None = None) -> tuple[str, ...]:
    """Return the names of a classifier's outputs, in their order. Raises what `load` raises."""
    return load(name, weights).classes


def _batch(
    loaded: LoadedModel, pictures: Sequence[Picture], top: int
) -> list[Prediction | Refused]:
    prepared = [_prepared(each, loaded) for each in pictures]
    inputs = [each for each in prepared if isinstance(each, _Input)]
    if not inputs:
        return [each for each in prepared if isinstance(each, Refused)]
    batch = torch.cat([each.tensor for each in inputs]).to(loaded.device)
    with loaded.borrowed() as network:
        logits, seconds = _run(network, batch)
    share = seconds / len(inputs)
    rows = iter(logits)
    return [
        each
        if isinstance(each, Refused)
        else _answer(loaded, each, next(rows), share, len(inputs), top)
        for each in prepared
    ]


def _prepared(picture: Picture, loaded: LoadedModel) -> _Input | Refused:
    start = time.perf_counter()
    try:
        tensor = preprocess.input_tensor(picture, loaded.preprocessing)
    except BadRequest as error:
        return Refused(picture.name, str(error))
    return _Input(picture, tensor, time.perf_counter() - start)


@torch.inference_mode()
def _run(network: nn.Module, batch: Tensor) -> tuple[Tensor, float]:
    """The scores (N, classes) on the CPU, and the seconds the forward pass took."""
    device.synchronise(batch.device)
    start = time.perf_counter()
    logits = network(batch)
    device.synchronise(batch.device)
    seconds = time.perf_counter() - start
    return logits.float().cpu(), seconds


def _answer(
    loaded: LoadedModel, given: _Input, logits: Tensor, seconds: float, batch: int, top: int
) -> Prediction | Refused:
    if not bool(torch.isfinite(logits).all()):
        return Refused(
            given.picture.name,
            f"{loaded.card.title} gave scores that are no numbers (NaN or infinite) for this "
            "picture; choose other weights.",
        )
    probabilities = probabilities_of(logits)
    return Prediction(
        picture=given.picture.name,
        digest=given.picture.digest,
        use=loaded.use,
        top=_with_logits(ranked(probabilities, loaded.classes, top), logits),
        probabilities=probabilities,
        window=loaded.preprocessing.window(given.picture.height, given.picture.width),
        prepare_seconds=given.seconds,
        forward_seconds=seconds,
        batch=batch,
    )


def _with_logits(guesses: Sequence[Guess], logits: Tensor) -> tuple[Guess, ...]:
    return tuple(replace(each, logit=float(logits[each.index])) for each in guesses)
