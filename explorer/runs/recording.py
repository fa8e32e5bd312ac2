"""Does a run: drives the training loop and keeps what it tells. Torch comes with the loop.

    store = RunStore()
    run = record(store.create(NewRun(recipe, "mine"), queue=False), store)

The same function runs in a job process of the engine and in the command line's own process.
"""

from __future__ import annotations

import contextlib
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from explorer.errors import Cancelled, DiskFull, ExplorerError
from explorer.runs import artefacts, coding
from explorer.runs.schema import is_disk_full
from explorer.runs.trainers import trainer
from explorer.training.records import Began, Doing, Epoch, Histograms, Record, Seen, Step

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.runs.records import Run, State
    from explorer.runs.store import RunStore

LOOK_INTERVAL = 0.2
"""Seconds between two looks at what somebody asked of the run."""
KEEP_INTERVAL = 0.25
"""Seconds between two writes of what it told."""
CHECKPOINT_INTERVAL = 30.0
"""Seconds after which a checkpoint is due, epoch or not ..."""
CHECKPOINT_SHARE = 0.01
"""... unless writing them would take more than this share of the time."""
_LAST_TRIES, _LAST_PAUSE = 10, 0.5

_ENDINGS: Mapping[str, tuple[State, str]] = {
    "length": ("done", "Ran its length."),
    "early stopping": ("done", "Stopped early: the validation loss had stopped falling."),
    "paused": ("paused", "Paused; continue it when you like."),
    "stopped": ("cancelled", "Stopped; its weights are kept."),
}


class Training(Protocol):
    """What a training loop can do; see `explorer.training.fit.Training`."""

    def records(self) -> Iterator[Record]:
        """Train, and tell of it."""

    def ask(self, reason: Literal["paused", "stopped"]) -> None:
        """End after the step that runs."""

    def save(self, path: Path) -> None:
        """Write all that is needed to go on."""

    def weights(self) -> Mapping[str, Tensor]:
        """Return the weights as they are."""

    def best_weights(self) -> Mapping[str, Tensor] | None:
        """Return those of the best epoch, if there was one."""

    def histograms(self) -> Histograms:
        """Return how the values of all layers are spread."""


def record(
    run: str,
    store: RunStore,
    *,
    gone: Callable[[], bool] = lambda: False,
    told: Callable[[Record], None] = lambda _: None,
) -> Run:
    """Do a run in this process until it ends, and return it as it is then.

    `gone` says that whoever started this process is no more: the run then saves a checkpoint and
    ends as lost. `told` is given each record. Whatever goes wrong becomes the state "failed" with
    its sentence, and the rows up to there stay; an interrupt from the keyboard goes on.
    """
    with contextlib.suppress(Cancelled):
        _Recorder(store.begin(run), store, gone, told).run()
    return store.run(run)


class _Recorder:
    def __init__(
        self,
        run: Run,
        store: RunStore,
        gone: Callable[[], bool],
        told: Callable[[Record], None],
    ) -> None:
        self._run, self._store, self._gone, self._told = run, store, gone, told
        self._checkpoint = run.folder / artefacts.CHECKPOINT
        self._training: Training | None = None
        self._began: Began | None = None
        self._records: list[Record] = []
        self._fraction: float | None = None
        self._next_look = self._next_write = self._lasts = 0.0
        self._saved = time.monotonic()
        self._stepped = self._epoch_ended = self._lost = False

    def run(self) -> None:
        """Train until the end, whatever it is, and say which it was."""
        try:
            artefacts.prepare(self._run)
            there = self._checkpoint if self._checkpoint.exists() else None
            self._training = trainer(self._run.recipe)(
                self._run.recipe, checkpoint=there, between=self._between
            )
            for each in self._training.records():
                self._take(each)
            self._finish()
        except Cancelled:
            self._keep_safely()
            artefacts.drop(self._run.folder)
            self._store.artefacts(self._run.id, continues=False, weights=())
            self._store.finish(self._run.id, "cancelled", "Cancelled.")
        except KeyboardInterrupt:
            self._fail("cancelled", "Interrupted from the keyboard.")
            raise
        except Exception as error:
            self._fail("failed", _sentence(error))

    def _take(self, each: Record) -> None:
        """Keep a record; soon, for somebody is watching."""
        if isinstance(each, Began):
            self._began = each
            if self._fraction is not None:  # what was prepared for it is no part of its length
                self._fraction = each.step / each.steps if each.steps else 0.0
        elif isinstance(each, Doing):
            self._fraction = each.fraction
        elif isinstance(each, Step):
            self._fraction = _fraction(self._run, self._began, each)
        elif isinstance(each, Epoch):
            self._epoch_ended = True
        elif isinstance(each, Seen) and each.pictures is not None:
            artefacts.write_samples(self._run.folder, each.pictures)
        self._records.append(each)
        self._told(each)
        if time.monotonic() >= self._next_write:
            self._keep()

    def _keep(self) -> None:
        if self._records:
            self._store.add(self._run.id, self._records, self._fraction)
            self._stepped |= any(isinstance(each, Step) for each in self._records)
            self._records = []
            # Until the first step is there, nothing waits.
            self._next_write = time.monotonic() + KEEP_INTERVAL if self._stepped else 0.0

    def _between(self) -> None:
        """After a step: do what was asked, and what is due."""
        now = time.monotonic()
        if now >= self._next_write:
            self._keep()
        if now >= self._next_look:
            self._next_look = now + LOOK_INTERVAL
            self._obey()
        if self._due(now - self._saved):
            self._save()

    def _obey(self) -> None:
        training = self._training
        if training is None:
            return
        wish, look = self._store.asked(self._run.id)
        if wish == "cancel":
            raise Cancelled("Cancelled.")
        if look:
            self._records.append(training.histograms())
            self._keep()
        if self._gone():
            self._lost = True
            training.ask("paused")
        elif wish:
            training.ask("paused" if wish == "pause" else "stopped")

    def _due(self, since: float) -> bool:
        if since * CHECKPOINT_SHARE < self._lasts:
            return False
        return self._epoch_ended or since >= CHECKPOINT_INTERVAL

    def _save(self) -> None:
        """Rows first: those after a checkpoint are told again, those before it never."""
        if self._training is None:
            return
        self._keep()
        started = time.monotonic()
        self._training.save(self._checkpoint)
        self._saved = time.monotonic()
        self._lasts, self._epoch_ended = self._saved - started, False
        self._note()

    def _note(self) -> None:
        kept = artefacts.kept_weights(self._run.folder)
        self._store.artefacts(self._run.id, continues=self._checkpoint.exists(), weights=kept)

    def _finish(self) -> None:
        self._keep()
        result = self._store.run(self._run.id).result
        if result is None:
            raise RuntimeError("the training loop ended without saying why")
        state, sentence = _ENDINGS[result.reason]
        if self._lost:
            state, sentence = "lost", coding.lost_sentence("lost its engine", continues=True)
        self._save()
        self._write_weights(last=True)
        self._close(state, sentence)

    def _write_weights(self, *, last: bool) -> None:
        if self._training is None:
            return
        if last:
            artefacts.write_weights(self._run, "last", self._training.weights())
        if (best := self._training.best_weights()) is not None:
            artefacts.write_weights(self._run, "best", best)

    def _fail(self, state: State, sentence: str) -> None:
        """Say what went wrong, first of all: there may be little room for more."""
        artefacts.release(self._run.folder)
        for _ in range(_LAST_TRIES):
            self._keep_safely()
            with contextlib.suppress(DiskFull):
                self._store.finish(self._run.id, state, sentence)
                break
            time.sleep(_LAST_PAUSE)
        # What a diverged network was at its best is worth keeping; if it fails, nothing is lost.
        with contextlib.suppress(Exception):
            self._write_weights(last=False)
        with contextlib.suppress(Exception):
            self._note()
            self._summarise(state, sentence)

    def _keep_safely(self) -> None:
        """Keep the rows up to here, if there is room for them."""
        with contextlib.suppress(ExplorerError):
            self._keep()

    def _close(self, state: State, sentence: str) -> None:
        self._note()
        self._summarise(state, sentence)
        artefacts.release(self._run.folder)
        self._store.finish(self._run.id, state, sentence)

    def _summarise(self, state: State, sentence: str) -> None:
        artefacts.write_summary(self._store.run(self._run.id), state, sentence)


def _fraction(run: Run, began: Began | None, step: Step) -> float | None:
    if run.recipe.unit == "seconds":
        return min(1.0, step.seconds / run.recipe.length)
    if began is None or not began.steps:
        return None
    return step.step / began.steps


def _sentence(error: Exception) -> str:
    """The library's own errors are sentences; of anything else the report goes to the log."""
    if isinstance(error, ExplorerError):
        return str(error)
    traceback.print_exception(error, file=sys.stderr)
    sys.stderr.flush()
    if is_disk_full(error):
        return "The disk is full; delete files or runs and continue this one."
    if isinstance(error, MemoryError):
        return "There is not enough memory; choose a smaller batch or network and try again."
    lines = str(error).strip().splitlines() or ["no message"]
    return f"While training, {type(error).__name__} was raised: {lines[0]}"
