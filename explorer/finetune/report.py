"""How good is a fine-tuned network, how well is that known, and why does it err?"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import numpy as np
import torch

from explorer.collections.store import CollectionStore
from explorer.errors import BadRequest, MissingWeights
from explorer.finetune import intervals, keeping, passing, starting
from explorer.finetune.baselines import baselines, verdict
from explorer.finetune.calibration import calibrated
from explorer.finetune.embedding import projections
from explorer.finetune.label_errors import doubts
from explorer.finetune.passing import Passed, Watched
from explorer.finetune.report_records import Report
from explorer.finetune.scoring import scores
from explorer.progress import Progress, silent
from explorer.runs.store import RunStore
from explorer.training.data import collected
from explorer.vision.loading import load
from explorer.zoo import trained_runs

if TYPE_CHECKING:
    from explorer.collections.records import Collection
    from explorer.runs.records import Run

_LOOKING, _DOUBTING, _DRAWING = 0.8, 0.9, 0.95
"""Shares of the work after which the next part begins."""


def report(run_id: str, progress: Progress = silent) -> Report:
    """Judge the network of a run on all pictures of its collection; the answer is kept.

    Raises UnknownRun, BadRequest for a run that was not fine-tuned on a collection, MissingWeights
    where it kept none, MissingData where its pictures were deleted, and lets Cancelled through.
    """
    run = RunStore().run(run_id)
    key = _weights(run)
    known = keeping.kept(run.folder)
    if known is not None and (known.run, known.weights) == (run.id, key):
        return known
    made = _made(run, key, progress)
    with contextlib.suppress(OSError):  # a full disk: then it is made again when asked for
        keeping.keep(run.folder, made)
    progress(1.0, "Done")
    return made


def _weights(run: Run) -> str:
    """The key of the weights that are judged: those that the run's own result speaks of."""
    if not collected.is_key(run.recipe.data) or not run.recipe.weights:
        raise BadRequest(
            f"{run.name} was not fine-tuned on pictures of your own; the page Runs shows what is "
            "known of it."
        )
    found = trained_runs.weights(f"{trained_runs.PREFIX}{run.id}")
    if not found:
        raise MissingWeights(f"{run.name} kept no weights to look at; run it to its end.")
    return found[0].key


def _made(run: Run, key: str, progress: Progress) -> Report:
    began = time.perf_counter()
    collection = CollectionStore().get(run.recipe.data)
    labels = np.array([item.label for item in collection.items], np.int64)
    items = np.array([item.id for item in collection.items], np.int64)
    twins = np.array([item.twins for item in collection.items], np.int64)
    held_out = np.array([item.part == "validation" for item in collection.items])
    tuned, frozen = _looked(run, key, collection, progress)
    said = tuned.probabilities.argmax(axis=1)
    right = said == labels
    progress(_LOOKING, "Asking simple classifiers")
    found = baselines(frozen, labels, held_out, said, collection.classes)
    doubtful = doubts(
        frozen, labels, twins, items, collection.classes, _part(progress, _DOUBTING, _DRAWING)
    )
    progress(_DRAWING, "Laying the pictures out in a plane")
    flat = projections(tuned.features)
    known = tuned.probabilities[held_out]
    return Report(
        run=run.id,
        weights=key,
        collection=collection.key,
        classes=collection.classes,
        items=items,
        labels=labels,
        held_out=held_out,
        probabilities=tuned.probabilities,
        scores=scores(
            labels[held_out], said[held_out], collection.classes, collection.counts("train")
        ),
        learned=intervals.share(int(right[~held_out].sum()), int((~held_out).sum())),
        calibration=calibrated(known, labels[held_out]) if held_out.any() else None,
        baselines=found,
        verdict=verdict(found),
        doubts=doubtful,
        projections=flat,
        caveats=(*_stuck(said, collection), *_caveats(run, twins, held_out)),
        seconds=time.perf_counter() - began,
    )


def _looked(
    run: Run, key: str, collection: Collection, progress: Progress
) -> tuple[Passed, np.ndarray]:
    """What the tuned network says, and the features (n, d) of the one it started from.

    With a new head alone both have the same features.
    """
    count, frozen_too = len(collection.classes), run.recipe.regime != "head"
    loaded = load(f"{trained_runs.PREFIX}{run.id}", key)
    opened = passing.opener(collection.key, [item.id for item in collection.items])
    if frozen_too:
        start = starting.start(run.recipe, count)
    else:
        with torch.device("meta"):
            start = starting.structure(run.recipe, count)
    with loaded.borrowed() as network:
        networks = [Watched(network, start.head)]
        if frozen_too:
            networks.append(Watched(start.network.eval().to(loaded.device), start.head))
        looked = passing.passed(
            networks,
            opened,
            len(collection.items),
            loaded.preprocessing,
            loaded.device,
            _part(progress, 0.0, _LOOKING),
        )
    return looked[0], looked[-1].features


def _stuck(said: np.ndarray, collection: Collection) -> tuple[str, ...]:
    """A network that tells nothing apart, which a mean accuracy does not show."""
    if len(np.unique(said)) > 1:
        return ()
    return (
        f"The network says {collection.classes[said[0]]} of every picture: it has learned nothing; "
        "train it again with a smaller learning rate, or for longer.",
    )


def _caveats(run: Run, twins: np.ndarray, held_out: np.ndarray) -> tuple[str, ...]:
    """What to keep in mind about the scores."""
    recipe, result = run.recipe, run.result
    told = []
    if recipe.patience or (result is not None and result.weights == "best"):
        told.append(
            "The held-out pictures also chose which epoch's weights are kept, which makes the "
            "network look a little better than it is."
        )
    both = np.intersect1d(twins[held_out & (twins >= 0)], twins[~held_out])
    copies = int((np.isin(twins, both) & held_out).sum())
    if copies:
        told.append(
            f"{copies} held-out {'picture has' if copies == 1 else 'pictures have'} a near copy "
            "among those learned from: that such a picture is right says little."
        )
    if recipe.folds or recipe.samples:
        told.append(
            "The run learned from a part only of what is not held out; the rest is counted as "
            "learned from all the same."
        )
    if recipe.loss == "squared error":
        told.append(
            "Its scores were trained to be 0 and 1 by squared error; its probabilities are their "
            "softmax, which is flatter, so the calibration says little."
        )
    return tuple(told)


def _part(progress: Progress, low: float, high: float) -> Progress:
    """Progress of a part of the work."""
    return lambda fraction, sentence: progress(low + (high - low) * fraction, sentence)
