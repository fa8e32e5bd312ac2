"""`python -m explorer train`: a run in this process, without an engine. No torch until it runs."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from explorer import units
from explorer.commands import train_options
from explorer.commands.runs import find
from explorer.errors import BadRequest, MissingData
from explorer.runs import compare, export
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.training.data import catalogue, placed
from explorer.training.records import Began, Doing, Epoch, Step

if TYPE_CHECKING:
    from explorer.commands import Commands
    from explorer.runs.records import Run
    from explorer.training.records import Record

ERROR, INTERRUPTED = 2, 130
"""A run that failed, and one that Ctrl-C paused, as `explorer.cli` has it."""
MOST_NAME = 120


def add_parser(commands: Commands) -> None:
    """Say what the command takes."""
    train = commands.add_parser(
        "train",
        help="let a network learn",
        description="Train a network, and keep what it told and its weights as a run, which the "
        "page Runs shows too. Ctrl-C pauses it. Progress goes to stderr.",
    )
    train.add_argument(
        "--continue", dest="further", metavar="RUN", help="go on with a run from its checkpoint"
    )
    train.add_argument("--name", metavar="TEXT", help="what to call the run")
    train.add_argument(
        "--download", action="store_true", help="fetch the data if they are not on this computer"
    )
    train.add_argument("--json", action="store_true", help="what came of it, as JSON")
    train_options.add(train)
    train.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Train until the end or a pause, and say what came of it."""
    store = RunStore()
    id = _again(store, chosen) if chosen.further else _new(store, chosen)
    done = recorded(store, id)
    epochs = store.epochs(id)
    if chosen.json:
        print(json.dumps(export.as_object(done, epochs), indent=2, allow_nan=False))
    if done.state == "done":
        if not chosen.json:
            print(_told(done, epochs))
        return 0
    print(sentence(done), file=sys.stderr)
    return INTERRUPTED if done.state == "paused" else ERROR


def _new(store: RunStore, chosen: argparse.Namespace) -> str:
    recipe = train_options.recipe(chosen)
    here(recipe.data, fetch=chosen.download)
    name = chosen.name or f"{recipe.network} on {compare.data(recipe)}"
    return store.create(NewRun(recipe, name[:MOST_NAME], shared=True), queue=False)


def here(key: str, *, fetch: bool) -> None:
    """Make sure that the data are on this computer. Raises MissingData, DownloadFailed."""
    if catalogue.on_disk(key):
        return
    data = catalogue.find(key)
    if data.kind == "placed":
        placed.archive(key)
    if not fetch:
        raise MissingData(
            f"{data.title} is not on this computer; add --download to fetch its "
            f"{data.megabytes:,.0f} MB, or let CONVZOO_DATA name the folder that holds it."
        )
    from explorer.training.data import download  # noqa: PLC0415 - the network

    print(f"Downloading {data.title}, {data.megabytes:,.0f} MB", file=sys.stderr, flush=True)
    download.download(key, progress)


def progress(fraction: float, sentence: str) -> None:
    """Say on a terminal how far something is."""
    if sys.stderr.isatty():
        print(f"\r{fraction:4.0%} {sentence}", end="\033[K", file=sys.stderr, flush=True)


def _again(store: RunStore, chosen: argparse.Namespace) -> str:
    """Put a run where this process can go on with it; to a new length, if one is given."""
    given = train_options.turned(chosen)
    old = find(store, chosen.further)
    others = [chosen.recipe, chosen.network, chosen.design, chosen.data, chosen.name]
    if any(others) or set(given) - {"length", "unit"}:
        raise BadRequest("A run goes on with its own recipe; only its length can be made greater.")
    if given.get("unit", old.recipe.unit) != old.recipe.unit:
        raise BadRequest(f"The length of this run is counted in {old.recipe.unit}; use that.")
    length = given.get("length")
    longer = None if length is None else train_options.number("length", length)
    store.requeue(old.id, longer, queue=False)
    return old.id


def recorded(store: RunStore, id: str) -> Run:
    """Do a run; the first Ctrl-C pauses it, a second one gives it up."""
    print(f"Run {id}", file=sys.stderr, flush=True)
    from explorer.runs.recording import record  # noqa: PLC0415 - loads torch

    teller = _Teller(store.run(id))
    try:
        with _pausing(store, id), contextlib.redirect_stdout(sys.stderr):
            return record(id, store, told=teller.tell)
    finally:
        teller.end()


@contextlib.contextmanager
def _pausing(store: RunStore, id: str) -> Iterator[None]:
    """Turn the first Ctrl-C into the wish to pause."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def pause(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, before)
        # Written by another thread: this one may be in the middle of writing to the store.
        threading.Thread(target=store.wish, args=(id, "pause")).start()
        print("\nPausing after this step; Ctrl-C again gives it up.", file=sys.stderr, flush=True)

    signal.signal(signal.SIGINT, pause)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Teller:
    """Progress on stderr: a line an epoch, and on a terminal the last step below it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._steps: int | None = None
        self._terminal = sys.stderr.isatty()
        self._open = False

    def tell(self, record: Record) -> None:
        """Say what a record says, if a person would want to read it."""
        if isinstance(record, Began):
            self._steps = record.steps
            self._line(_began(record))
        elif isinstance(record, Epoch):
            self._line(_epoch(record))
        elif isinstance(record, Step):
            self._passing(self._step(record))
        elif isinstance(record, Doing):
            self._passing(f"{record.fraction:4.0%} {record.sentence}")

    def end(self) -> None:
        """Leave the terminal at the beginning of a line."""
        if self._open:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._open = False

    def _passing(self, text: str) -> None:
        """Say on a terminal what the next line will be written over."""
        if self._terminal:
            print(f"\r{text}", end="\033[K", file=sys.stderr, flush=True)
            self._open = True

    def _line(self, text: str) -> None:
        self.end()
        print(text, file=sys.stderr, flush=True)

    def _step(self, step: Step) -> str:
        of = f"/{self._steps:,}" if self._steps else ""
        return (
            f"step {step.step:,}{of}, epoch {step.epoch:.2f}, loss {step.loss:.4g}, "
            f"{units.rate(step.samples_per_second, 'pictures')}"
        )


def _began(began: Began) -> str:
    what = "points" if began.shape[1:] == (1, 1) else "pictures"
    held_out = f", {began.validation:,} held out" if began.validation else ""
    return (
        f"{began.title}, {began.params:,} parameters, on {began.train:,} {what}{held_out}; "
        f"{began.device}, threads: {began.threads}"
    )


def _epoch(epoch: Epoch) -> str:
    held_out = epoch.validation
    also = "" if held_out is None else (
        f"; held out: loss {held_out.loss:.4g}, {held_out.top1:.2f} %"
    )  # fmt: skip
    return (
        f"epoch {epoch.epoch:.4g}: loss {epoch.train.loss:.4g}, {epoch.train.top1:.2f} %{also}; "
        f"{units.duration(epoch.seconds)}"
    )


def _told(run: Run, epochs: tuple[Epoch, ...]) -> str:
    """What came of a run that is done, in two lines."""
    found = compare.summary(run, epochs)
    shares = [
        f"{title} {found[name]:.2f} %"
        for title, name in (
            ("training", "train_accuracy"),
            ("held out", "validation_accuracy"),
            ("test", "test_accuracy"),
        )
        if found[name] is not None
    ]
    return (
        f"{run.name}: {', '.join(shares)} right after {found['epochs']:.4g} epochs and "
        f"{units.duration(found['seconds'])}.\n"
        f"python -m explorer runs show {run.id} has more; its weights are in {run.folder}."
    )


def sentence(run: Run) -> str:
    """Why a run did not come to its end, and how to go on, in one line."""
    said = run.sentence or f"The run is {run.state}."
    if run.continues and run.state != "failed":
        said = f"{said.rstrip('.')}; python -m explorer train --continue {run.id} goes on."
    return " ".join(said.split())
