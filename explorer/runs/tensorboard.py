"""Runs as event files for TensorBoard, by torch's own writer.

TensorBoard keeps 32-bit numbers; the CSV and JSON of `explorer.runs.export` keep all their bits.
"""

from __future__ import annotations

import dataclasses
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from torch.utils.tensorboard import SummaryWriter

from explorer.progress import Progress, silent
from explorer.runs import compare
from explorer.runs.store import RunStore
from explorer.runs.told import Told, told
from explorer.training import recipe as recipes

if TYPE_CHECKING:
    from explorer.training.records import Epoch

Scalar: TypeAlias = tuple[str, float, int, float]
"""Tag, value, step and seconds since the run began."""

STEP_TAGS = {
    "batch/loss": "loss",
    "batch/accuracy_percent": "accuracy",
    "batch/learning_rate": "learning_rate",
    "batch/gradient_norm": "gradient_norm",
    "batch/samples_per_second": "samples_per_second",
}
FINAL = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_accuracy")


def event_files(runs: Sequence[str], progress: Progress = silent) -> bytes:
    """Write runs as a ZIP archive with a folder each; `tensorboard --logdir` takes it unpacked.

    Scalars of steps, layers and epochs, the recipe as text and as hyperparameters with what came
    of it. Raises UnknownRun.
    """
    store = RunStore()
    with tempfile.TemporaryDirectory(prefix="convzoo-events-") as folder:
        for number, run in enumerate(runs):
            progress(number / len(runs), f"Writing run {number + 1} of {len(runs)}")
            write(told(store, run), Path(folder))
        return _zipped(Path(folder))


def write(run: Told, folder: Path) -> Path:
    """Write one run's event files into a folder of its own there, and return that one."""
    inside = folder / _folder_name(run)
    began = run.run.started or run.run.created
    with SummaryWriter(log_dir=str(inside)) as writer:
        for tag, value, step, seconds in _scalars(run):
            writer.add_scalar(tag, value, step, walltime=began + seconds)
        recipe = recipes.to_json(run.run.recipe)
        writer.add_text("recipe", f"```\n{recipe}\n```", 0, walltime=began)
        if run.run.note:
            writer.add_text("note", run.run.note, 0, walltime=began)
        writer.add_hparams(_settings(run), _final(run), run_name=".")
    return inside


def _scalars(run: Told) -> Iterator[Scalar]:
    yield from _of_steps(run)
    yield from _of_layers(run)
    for epoch in run.epochs:
        yield from _of_epoch(epoch)


def _of_steps(run: Told) -> Iterator[Scalar]:
    steps = run.steps
    for row, step in enumerate(steps.step):
        for tag, column in STEP_TAGS.items():
            yield tag, float(getattr(steps, column)[row]), int(step), float(steps.seconds[row])


def _of_layers(run: Told) -> Iterator[Scalar]:
    """Layer by layer; a row's time is that of the last step told of before it."""
    names = run.run.began.layers if run.run.began else ()
    seconds = dict(zip(run.steps.step.tolist(), run.steps.seconds.tolist(), strict=True))
    now = 0.0
    for row, step in enumerate(run.layers.step.tolist()):
        now = seconds.get(step, now)
        for column, name in enumerate(names):
            norm = float(run.layers.gradient_norms[row, column])
            ratio = float(run.layers.update_ratios[row, column])
            yield f"gradient_norm/{name}", norm, int(step), now
            yield f"update_ratio/{name}", ratio, int(step), now


def _of_epoch(epoch: Epoch) -> Iterator[Scalar]:
    for part, score in (("train", epoch.train), ("validation", epoch.validation)):
        if score is None:
            continue
        yield f"{part}/loss", score.loss, epoch.step, epoch.seconds
        yield f"{part}/top1_percent", score.top1, epoch.step, epoch.seconds
        if score.top5 is not None:
            yield f"{part}/top5_percent", score.top5, epoch.step, epoch.seconds


def _settings(run: Told) -> dict[str, float | int | str]:
    return dataclasses.asdict(run.run.recipe)


def _final(run: Told) -> dict[str, float]:
    """What came of it; what is unknown is left out."""
    found = compare.summary(run.run, run.epochs)
    return {f"final/{name}": found[name] for name in FINAL if found[name] is not None}


def _folder_name(run: Told) -> str:
    """The run's name in letters that any file system takes, and its id, which is its own."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", run.run.name).strip("-.")[:60]
    return f"{plain}-{run.run.id}" if plain else run.run.id


def _zipped(folder: Path) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in sorted(folder.rglob("*")):
            if each.is_file():
                archive.write(each, each.relative_to(folder))
    return file.getvalue()
