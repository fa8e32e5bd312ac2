"""`python -m explorer finetune`: a classifier of one's own pictures. No torch until it runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer import units
from explorer.collections import intake
from explorer.collections.store import CollectionStore
from explorer.commands import asked, train
from explorer.commands.train_options import number
from explorer.errors import BadRequest, MissingWeights
from explorer.finetune import advice
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.training import recipe as recipes
from explorer.training.network_catalogue import full_name
from explorer.zoo import catalogue, download, trained_runs
from explorer.zoo import weights as zoo_weights

if TYPE_CHECKING:
    from explorer.collections.records import Collection
    from explorer.commands import Commands
    from explorer.finetune.records import Regime
    from explorer.finetune.report_records import Report
    from explorer.finetune.takehome_records import TakeHome
    from explorer.runs.records import Run

AUTO = "auto"
REGIMES: tuple[Regime, ...] = ("head", "last", "all")
MOST_LISTED = 20
"""Files left out that are named one by one."""


def add_parser(commands: Commands) -> None:
    """Say what the command takes."""
    finetune = commands.add_parser(
        "finetune",
        help="make a classifier of your own pictures",
        description="Let a network that has learned before learn your own classes: a folder for "
        "each class, or a ZIP of them. Accuracies are in %, on the pictures held out. The run is "
        "kept and stands on the page Runs; progress goes to stderr, and Ctrl-C pauses it.",
    )
    finetune.add_argument(
        "pictures", metavar="FOLDER_OR_ZIP", help="a folder of class folders, or a ZIP archive"
    )
    finetune.add_argument(
        "--model", required=True, metavar="NAME", help="a classifier of the zoo, or run:ID"
    )
    finetune.add_argument(
        "--regime",
        choices=(*REGIMES, AUTO),
        default=AUTO,
        help="what learns: a new head, the last block too, or all (default: auto, by how many "
        "pictures there are)",
    )
    finetune.add_argument("--val", metavar="FOLDER", help="pictures to validate on, likewise")
    finetune.add_argument("--epochs", metavar="N", help="how often each picture is learned from")
    finetune.add_argument(
        "--output", metavar="DIR", help="a new folder for what is taken home: predict.py, ONNX, ..."
    )
    finetune.add_argument(
        "--download", action="store_true", help="fetch weights that are not on this computer"
    )
    finetune.add_argument("--json", action="store_true", help="what came of it, as JSON")
    finetune.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Fine-tune, judge and take home, and say what came of it."""
    output = None if chosen.output is None else _new_folder(Path(chosen.output))
    epochs = None if chosen.epochs is None else number("length", chosen.epochs)
    name, key = _start(chosen.model, fetch=chosen.download)
    collection = _collection(chosen)
    wanted: Regime | None = None if chosen.regime == AUTO else chosen.regime
    advised = advice.choose(collection.counts("train"), wanted)
    print(advised.sentence, file=sys.stderr, flush=True)
    settings = {**advised.settings, **({} if epochs is None else {"length": epochs})}
    recipe = recipes.checked(
        network=name, data=collection.key, weights=key, regime=advised.regime, **settings
    )
    store = RunStore()
    called = trained_runs.find(name).name if trained_runs.is_run(name) else name
    new = NewRun(recipe, f"{called} on {collection.title}"[: train.MOST_NAME], shared=True)
    done = train.recorded(store, store.create(new, queue=False))
    if done.state != "done":
        print(train.sentence(done), file=sys.stderr)
        return train.INTERRUPTED if done.state == "paused" else train.ERROR
    report, taken = _judged(done, output)
    found = _found(done, collection, report, taken)
    print(json.dumps(found, indent=2) if chosen.json else _told(done, report, taken))
    return 0


def _new_folder(path: Path) -> Path:
    """Where nothing is overwritten. Raises BadRequest before hours of work instead of after."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        used = any(path.iterdir())
    except OSError as error:
        raise BadRequest(
            f"{path} cannot be made or read ({error.strerror}); name another folder."
        ) from None
    if used:
        raise BadRequest(f"{path} is not empty; name a new folder, so that nothing is overwritten.")
    return path


def _start(model: str, *, fetch: bool) -> tuple[str, str]:
    """The network's full name, and the key of the best weights it can start from.

    Raises UnknownModel, MissingWeights, DownloadFailed.
    """
    name = full_name(model)
    asked.admit([name])
    card = trained_runs.draft(name) if trained_runs.is_run(name) else catalogue.find(name)
    known = [each for each in zoo_weights.available(card) if each.kind not in ("yours", "random")]
    here = next((each for each in known if each.on_disk), None)
    if here is not None:
        return name, here.key
    if not known:
        raise MissingWeights(
            f"{card.title} has no weights to start from; choose another one, such as resnet18."
        )
    best = known[0]
    if not fetch:
        raise MissingWeights(
            f"The weights of {card.title} are not on this computer; add --download to fetch the "
            f"{best.megabytes or 0:,.0f} MB, or put {best.file} into {best.folder}."
        )
    print(f"Downloading {best.file}, {best.megabytes or 0:,.0f} MB", file=sys.stderr, flush=True)
    return name, download.download(name, best.key, train.progress).key


def _collection(chosen: argparse.Namespace) -> Collection:
    """Take the pictures in, and say what was left out and what is to be kept in mind."""
    validation = None if chosen.val is None else Path(chosen.val)
    found = intake.accept_folder(Path(chosen.pictures), validation, progress=train.progress)
    lines = [f"{each.name}: {each.reason}" for each in found.refused[:MOST_LISTED]]
    if len(found.refused) > MOST_LISTED:
        lines.append(f"{len(found.refused) - MOST_LISTED:,} more files were left out.")
    for line in (*lines, *found.warnings):
        print(line, file=sys.stderr, flush=True)
    return _known(found)


def _known(found: Collection) -> Collection:
    """The same pictures as they were taken in before, where they were: they are kept once."""
    store = CollectionStore()
    for each in store.of_owner(found.owner):
        if each.id != found.id and _content(each) == _content(found):
            store.delete(found.id)
            return each
    return found


def _content(collection: Collection) -> tuple[Any, ...]:
    items = sorted((item.traits.digest, item.label, item.part) for item in collection.items)
    return collection.title, collection.classes, items


def _judged(done: Run, output: Path | None) -> tuple[Report, TakeHome | None]:
    from explorer.finetune.export import write  # noqa: PLC0415 - loads torch
    from explorer.finetune.report import report  # noqa: PLC0415 - loads torch

    judged = report(done.id, train.progress)
    return judged, None if output is None else write(done.id, output, "", train.progress)


def _found(
    done: Run, collection: Collection, report: Report, taken: TakeHome | None
) -> dict[str, Any]:
    """What came of it; accuracies in %, None where nothing was held out."""
    baselines = {each.method: each.accuracy.value for each in report.baselines}
    began, ended = done.started or done.created, done.ended or done.created
    return {
        "classes": list(collection.classes),
        "train": sum(collection.counts("train")),
        "validation": sum(collection.counts("validation")),
        "regime": done.recipe.regime,
        "accuracy": _percent(report.scores.accuracy.value),
        "baseline_majority": _percent(baselines.get("majority")),
        "baseline_neighbour": _percent(baselines.get("neighbour")),
        "seconds": ended - began,
        "output": str(done.folder if taken is None else taken.path),
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _told(done: Run, report: Report, taken: TakeHome | None) -> str:
    """The same in words."""
    lines = [
        f"{done.name}, {done.recipe.regime}, {units.duration(done.seconds)} of training.",
        report.scores.sentence,
        report.verdict,
        *report.caveats,
        f"Its weights are in {done.folder}; python -m explorer predict --model run:{done.id} "
        "PICTURE uses them.",
    ]
    if taken is not None:
        onnx = f"ONNX was {taken.without_onnx}" if taken.onnx is None else taken.onnx.sentence
        lines += [f"All that is needed elsewhere is in {taken.path}: see README.md there.", onnx]
    return "\n".join(line for line in lines if line)
