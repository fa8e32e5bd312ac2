"""Take a trained network home: everything that is needed to use it without ConvZoo, as a zip."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.collections.records import PREFIX
from explorer.collections.store import CollectionStore
from explorer.errors import BadRequest, DiskFull, MissingData, MissingWeights, UnknownModel
from explorer.finetune import checked, model_card, readme, report, script
from explorer.finetune.takehome_records import TakeHome
from explorer.progress import Progress, silent
from explorer.runs import export as rows
from explorer.runs.schema import is_disk_full
from explorer.runs.store import RunStore
from explorer.runs.told import told
from explorer.training import recipe as recipes
from explorer.training import trained
from explorer.zoo import catalogue, trained_runs
from explorer.zoo import weights as zoo_weights
from explorer.zoo.weight_records import WeightsChoice

if TYPE_CHECKING:
    from explorer.collections.records import Collection
    from explorer.finetune.report_records import Report
    from explorer.runs.records import Run
    from explorer.vision.records import Preprocessing

FILE = "takehome.zip"
WEIGHTS = "model.safetensors"
_COPIES = 7
"""The weights' file three times in the folder, three times in the zip, and some air."""
_LEAST_FREE = 1 << 20
_TEMPORARY = ".taking-home-"
_STALE_SECONDS = 3600.0
_PACKED = (".safetensors", ".pt2", ".onnx", ".data")
"""Files of numbers, which are hardly smaller when they are compressed."""


def export(run: str, weights: str = "", progress: Progress = silent) -> TakeHome:
    """Write everything of a run into one zip in its folder, which the next export replaces.

    `weights` is a key of the run's weights; "" are those it was tested with. Raises UnknownModel,
    BadRequest for a run without pictures or weights, BuildFailed for a network that cannot be
    written down, DiskFull, and lets Cancelled through.
    """
    found = trained_runs.find(f"{trained_runs.PREFIX}{run}")
    _tidy(found.folder)
    with (
        _room(found.folder),
        tempfile.TemporaryDirectory(
            dir=found.folder, prefix=_TEMPORARY, ignore_cleanup_errors=True
        ) as place,
    ):
        folder = Path(place, name(found))
        made = write(run, folder, weights, _part(progress, 0.0, 0.9))
        progress(0.9, "Packing")
        _pack(folder, Path(place, FILE))
        Path(place, FILE).replace(found.folder / FILE)
    path = found.folder / FILE
    progress(1.0, "Packed")
    return dataclasses.replace(
        made, path=str(path), name=f"{name(found)}.zip", bytes=path.stat().st_size
    )


def write(run: str, folder: Path, weights: str = "", progress: Progress = silent) -> TakeHome:
    """Write the same into a folder, as it is. Raises as `export` does."""
    found = trained_runs.find(f"{trained_runs.PREFIX}{run}")
    choice = _choice(found, weights)
    prepared = trained.preprocessing(f"{trained_runs.PREFIX}{run}")
    collection = _collection(found)
    progress(0.0, "Reading the run")
    with _room(folder.parent):
        folder.mkdir(parents=True, exist_ok=True)
        _check_room(folder, Path(choice.path).stat().st_size)
        shutil.copyfile(choice.path, folder / WEIGHTS)
        judged = _report(found, collection, choice, _part(progress, 0.0, 0.5))
        checks = checked.network(
            found, collection, choice, prepared, folder, _part(progress, 0.5, 0.95)
        )
        progress(0.95, "Writing the model card")
        _texts(_subject(found, choice, prepared, collection, judged, checks), folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        size = sum(path.stat().st_size for path in files)
    return TakeHome(
        run=found.id,
        weights=choice.key,
        path=str(folder),
        name=folder.name,
        bytes=size,
        files=tuple(path.relative_to(folder).as_posix() for path in files),
        portable=checks.portable,
        onnx=checks.onnx,
        without_onnx=checks.without_onnx,
    )


def name(run: Run) -> str:
    """What the folder of a run is called at home: letters that every system takes."""
    return f"convzoo-{run.id}"


def _choice(run: Run, key: str) -> WeightsChoice:
    """The weights to take. Raises BadRequest for a run that has none, or not these."""
    model = f"{trained_runs.PREFIX}{run.id}"
    kept = trained_runs.weights(model)
    if not kept:
        raise BadRequest(
            f"{run.name} has kept no weights, so there is nothing to take home; train it first."
        )
    if not key:
        return kept[0]
    key = trained_runs.current_key(model, key)
    for each in kept:
        if each.key == key:
            return each
    known = " and ".join(each.key for each in kept)
    raise BadRequest(f"{run.name} has no weights called {key[:40]!r}; it has {known}.")


def _collection(run: Run) -> Collection | None:
    """The collection a run learned from, None for other data and for one that is gone."""
    if run.recipe.data.startswith(PREFIX):
        with contextlib.suppress(MissingData, BadRequest):
            return CollectionStore().get(run.recipe.data)
    return None


def _report(
    run: Run, collection: Collection | None, choice: WeightsChoice, progress: Progress
) -> Report | None:
    """How good these weights of a fine-tuned run are, where that can be said."""
    tested = trained_runs.weights(f"{trained_runs.PREFIX}{run.id}")[0].key
    if collection is None or not run.recipe.weights or choice.key != tested:
        return None
    with contextlib.suppress(MissingData, MissingWeights):  # deleted meanwhile
        return report.report(run.id, progress)
    return None


def _part(progress: Progress, low: float, high: float) -> Progress:
    """Progress of a part of the work."""
    return lambda fraction, sentence: progress(low + (high - low) * fraction, sentence)


def _origin(run: Run) -> WeightsChoice | None:
    """The weights a run started from, as far as anything is known of them."""
    key = run.recipe.weights
    if not key:
        return None
    model = run.recipe.network
    with contextlib.suppress(UnknownModel, MissingWeights, BadRequest):
        card = trained_runs.draft(model) if trained_runs.is_run(model) else catalogue.find(model)
        return zoo_weights.find(card, key)
    return WeightsChoice(key, key, "yours", on_disk=False)


def _subject(
    run: Run,
    choice: WeightsChoice,
    prepared: Preprocessing,
    collection: Collection | None,
    judged: Report | None,
    checks: checked.Checked,
) -> model_card.Subject:
    return model_card.Subject(
        run=run,
        began=trained_runs.began(run),
        weights=choice,
        preprocessing=prepared,
        origin=_origin(run),
        collection=collection,
        report=judged,
        portable=checks.portable,
        onnx=checks.onnx,
        without_onnx=checks.without_onnx,
    )


def _texts(subject: model_card.Subject, folder: Path) -> None:
    """Write everything that is not a network."""
    run, prepared = subject.run, subject.preprocessing
    classes = subject.began.classes
    title = f"{run.name}: {subject.began.title}, which tells {len(classes)} classes apart"
    all_told = told(RunStore(), run.id)
    row_object = rows.whole(all_told)
    del row_object["folder"]  # where the run is kept is nobody's business at home
    preparing = {
        **dataclasses.asdict(prepared),
        "channels": len(prepared.mean),
        "steps": script.steps(prepared),
    }
    texts = {
        "classes.json": _json(classes),
        "preprocessing.json": _json(preparing),
        "predict.py": script.predict_py(title, len(classes), prepared, version("torch")),
        "MODEL_CARD.md": model_card.card(subject),
        "README.md": readme.text(subject, version("torch")),
        "run/recipe.json": recipes.to_json(run.recipe),
        "run/run.json": _json(row_object),
        "run/steps.csv": rows.steps_csv([all_told]),
        "run/epochs.csv": rows.epochs_csv([all_told]),
    }
    (folder / "run").mkdir(exist_ok=True)
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8")


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _pack(folder: Path, path: Path) -> None:
    """Put a folder into a zip, under its own name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for each in sorted(folder.rglob("*")):
            how = zipfile.ZIP_STORED if each.suffix in _PACKED else zipfile.ZIP_DEFLATED
            packed.write(each, each.relative_to(folder.parent), how)


def _tidy(folder: Path) -> None:
    """Remove what an export that was killed has left."""
    for each in folder.glob(f"{_TEMPORARY}*"):
        with contextlib.suppress(OSError):
            if time.time() - each.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(each)


def _check_room(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < _COPIES * size:
        raise _full(folder)


@contextlib.contextmanager
def _room(folder: Path) -> Iterator[None]:
    """Turn what libraries say of a full disk into the sentence for it."""
    try:
        yield
    except DiskFull:
        raise
    except Exception as error:
        if is_disk_full(error):
            raise _full(folder) from error
        with contextlib.suppress(OSError):
            # Libraries have their own words for it; that nothing is free says the same.
            if shutil.disk_usage(folder).free < _LEAST_FREE:
                raise _full(folder) from error
        raise


def _full(folder: Path) -> DiskFull:
    return DiskFull(
        f"The disk with {folder} has no room for what is taken home; delete files or runs first."
    )
