"""A run ends in one of its states, with its rows; going on gives the curve of never stopping."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from explorer.runs import recording, schema
from explorer.runs.recording import record
from explorer.runs.records import NewRun, Run, Wish
from explorer.runs.store import RunStore
from explorer.training.recipe import checked
from explorer.training.records import Ended, Record, Step

LENGTH = 12
"""Epochs of ten steps."""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """A store, for the network `line` of tests/engine/engine_jobs.py."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "engine"))
    monkeypatch.setenv("CONVZOO_EXTRA_CALLS", "engine_jobs")
    return RunStore(tmp_path / "runs")


def asked(data: str = "", **more: object) -> NewRun:
    """A run of the network `line`."""
    return NewRun(checked(network="line", data=data, **{"length": LENGTH, **more}), "mine")


def curve(runs: RunStore, run: str) -> np.ndarray:
    """All columns of the steps but the rows' own numbers."""
    found = runs.steps(run)
    columns = ("step", "epoch", "seconds", "loss", "learning_rate", "gradient_norm")
    return np.stack([getattr(found, name) for name in columns])


def when(step: int, do: Callable[[], object]) -> Callable[[Record], None]:
    """Do something as soon as a step is told."""

    def told(each: Record) -> None:
        if isinstance(each, Step) and each.step == step:
            do()

    return told


def uninterrupted(runs: RunStore) -> Run:
    """The run that is never disturbed."""
    return record(runs.create(asked(), queue=False), runs)


@pytest.fixture
def attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at wishes after every step, which is more often than one should."""
    monkeypatch.setattr(recording, "LOOK_INTERVAL", 0.0)


def test_finished_run_leaves_its_folder(runs: RunStore) -> None:
    """Recipe, checkpoint, weights, samples, summary; nothing half-written and no reserve."""
    run = uninterrupted(runs)
    assert (run.state, run.sentence, run.fraction) == ("done", "Ran its length.", 1.0)
    assert run.result == Ended("length", 12.0, 120, 15.0, None, None, None)
    assert (run.step, run.epoch, run.seconds, run.continues) == (120, 12.0, 15.0, True)
    assert run.weights == ("last", "best")
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "best.safetensors", "checkpoint.pt", "last.safetensors", "recipe.json", "samples.png",
        "summary.json",
    ]  # fmt: skip
    slope = runs.steps(run.id).gradient_norm[-1]
    assert load_file(run.folder / "last.safetensors")["line"][0] == pytest.approx(slope, abs=0.1)
    # Five pictures of 2x2, each 16 times as large and with a line after it, in rows of three.
    with Image.open(run.folder / "samples.png") as sheet:
        assert sheet.size == (3 * 33, 2 * 33)
    summary = json.loads((run.folder / "summary.json").read_text())
    assert (summary["state"], summary["step"]) == ("done", 120)
    assert summary["machine"]["threads"] == "1"


def test_pause_and_going_on_is_as_if_nothing_was(runs: RunStore, attentive: None) -> None:
    """Steps, layers and epochs equal those of the run that was never stopped, to the bit."""
    whole = uninterrupted(runs)
    id = runs.create(asked(), queue=False)
    paused = record(id, runs, told=when(47, lambda: runs.wish(id, "pause")))
    assert (paused.state, paused.continues) == ("paused", True)
    assert 47 <= paused.step < 60
    runs.requeue(id, queue=False)
    done = record(id, runs)
    assert done.state == "done"
    assert np.array_equal(curve(runs, id), curve(runs, whole.id))
    assert np.array_equal(runs.layers(id).gradient_norms, runs.layers(whole.id).gradient_norms)
    assert runs.epochs(id) == runs.epochs(whole.id)
    assert [each.step for each in runs.seen(id)] == [each.step for each in runs.seen(whole.id)]


def test_run_killed_between_checkpoints_loses_no_point(
    runs: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on from the last one, and tells again what came after: the curve is the same."""
    whole = uninterrupted(runs)
    monkeypatch.setattr(recording, "KEEP_INTERVAL", 0.0)
    monkeypatch.setattr(recording, "CHECKPOINT_SHARE", 1e9)  # each epoch, whatever it takes
    id = runs.create(asked("buggy"), queue=False)
    failed = record(id, runs)  # at step 25, after the checkpoint of step 20
    assert (failed.state, failed.step, failed.continues) == ("failed", 25, True)
    assert failed.sentence == "While training, ZeroDivisionError was raised: division by zero"
    monkeypatch.setitem(_ways(), "buggy", lambda _: None)
    runs.requeue(id, queue=False)
    told: list[int] = []
    done = record(id, runs, told=lambda each: told.append(each.step) if _is(each) else None)
    assert told[0] == 21
    assert done.state == "done"
    assert np.array_equal(curve(runs, id), curve(runs, whole.id))


def _is(each: Record) -> bool:
    return isinstance(each, Step)


def _ways() -> dict[str, object]:
    import engine_jobs  # noqa: PLC0415 - found through the fixture `runs`

    ways: dict[str, object] = engine_jobs.WAYS
    return ways


def test_extended_run_goes_on(runs: RunStore) -> None:
    """Twelve epochs and then twelve more are twenty-four."""
    whole = record(runs.create(asked(length=24), queue=False), runs)
    first = uninterrupted(runs)
    runs.requeue(first.id, 24, queue=False)
    done = record(first.id, runs)
    assert (done.state, done.step, done.recipe.length) == ("done", 240, 24.0)
    assert np.array_equal(curve(runs, first.id), curve(runs, whole.id))


def test_stop_keeps_the_weights(runs: RunStore, attentive: None) -> None:
    """The state is cancelled; it could still go on."""
    id = runs.create(asked(), queue=False)
    run = record(id, runs, told=when(30, lambda: runs.wish(id, "stop")))
    assert (run.state, run.sentence) == ("cancelled", "Stopped; its weights are kept.")
    assert run.weights == ("last", "best")
    assert run.continues
    assert run.step < 40


def test_cancel_keeps_the_rows_alone(runs: RunStore, attentive: None) -> None:
    """No weights, no checkpoint."""
    id = runs.create(asked(), queue=False)
    run = record(id, runs, told=when(30, lambda: runs.wish(id, "cancel")))
    assert (run.state, run.weights, run.continues) == ("cancelled", (), False)
    assert runs.steps(id).step.tolist() == list(range(1, run.step + 1))
    assert 30 <= run.step < 40
    assert not list(run.folder.glob("*.safetensors"))
    assert not (run.folder / "checkpoint.pt").exists()


def test_cancelled_before_it_began(runs: RunStore) -> None:
    """Nothing is done at all."""
    id = runs.create(asked(), queue=False)
    runs.wish(id, "cancel")
    record(id, runs)
    assert runs.steps(id).step.tolist() == []


def test_run_without_its_engine_saves_and_is_lost(runs: RunStore, attentive: None) -> None:
    """When the broker is gone, the run ends by itself and can be continued."""
    id = runs.create(asked(), queue=False)
    gone: list[bool] = []
    run = record(id, runs, gone=lambda: bool(gone), told=when(33, lambda: gone.append(True)))
    assert run.state == "lost"
    assert run.sentence == "Its process lost its engine; continue it from its last checkpoint."
    assert run.continues
    assert 33 <= run.step < 45


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("diverging", "The loss is no number any more from step 25 on: turn it down."),
        ("large", "Line does not fit into memory; choose a smaller batch."),
        ("full", "The disk is full; delete files or runs and continue this one."),
        ("buggy", "While training, ZeroDivisionError was raised: division by zero"),
        ("hungry", "There is not enough memory; choose a smaller batch or network and try again."),
    ],
)
def test_failures_are_sentences_and_keep_the_rows(
    runs: RunStore, data: str, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every row up to the failure is there."""
    run = record(runs.create(asked(data), queue=False), runs)
    assert (run.state, run.sentence) == ("failed", sentence)
    assert runs.steps(run.id).step.tolist() == list(range(1, 26))
    assert run.ended is not None
    assert run.weights == ("best",)
    assert not (run.folder / "reserve").exists()
    assert ("Traceback" in capfd.readouterr().err) == (data in ("full", "buggy", "hungry"))


def test_full_database_ends_the_run_with_a_sentence(
    runs: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself has no page left: the run fails, and what it kept can be read."""
    monkeypatch.setattr(recording, "KEEP_INTERVAL", 0.0)
    monkeypatch.setattr(recording, "_LAST_PAUSE", 0.0)
    id = runs.create(asked(), queue=False)
    database = schema.database(runs.folder / "runs.sqlite")
    pages = database.read("PRAGMA page_count")[0][0]
    database.read(f"PRAGMA max_page_count = {pages + 4}")
    run = record(id, runs)
    assert run.state == "failed"
    assert run.sentence.endswith("is full; delete files or runs.")
    steps = runs.steps(id).step
    assert 0 < len(steps) < 120
    assert steps.tolist() == list(range(1, len(steps) + 1))


def test_unknown_network_fails_with_the_librarys_sentence(runs: RunStore) -> None:
    """What cannot even begin says so too."""
    recipe = checked(network="resnet5O", data="digits")
    run = record(runs.create(NewRun(recipe, "mine"), queue=False), runs)
    assert run.state == "failed"
    assert "resnet5O" in run.sentence
    assert not run.continues


def test_keyboard_ends_the_run_and_goes_on(runs: RunStore) -> None:
    """The command line's Ctrl-C is nobody's failure."""
    id = runs.create(asked(), queue=False)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(id, runs, told=when(25, interrupt))
    run = runs.run(id)
    assert (run.state, run.sentence) == ("cancelled", "Interrupted from the keyboard.")
    assert runs.steps(id).step[-1] == 25


def test_histograms_on_demand(runs: RunStore, attentive: None) -> None:
    """Asked for while it runs, they are there soon."""
    id = runs.create(asked(), queue=False)
    record(id, runs, told=when(30, lambda: runs.look(id)))
    found = runs.histograms(id)
    assert found is not None
    assert 30 <= found.step < 35


@pytest.mark.parametrize(("wish", "state"), [("pause", "paused"), ("stop", "cancelled")])
def test_real_training_is_recorded_and_goes_on(
    runs: RunStore, attentive: None, wish: Wish, state: str
) -> None:
    """LeNet-5 on digits: ended in the middle of an epoch, it goes on to the curve of one run."""
    recipe = checked(network="lenet5", data="digits", length=2, batch_size=128)
    whole = record(runs.create(NewRun(recipe, "whole"), queue=False), runs)
    assert whole.state == "done", whole.sentence
    assert whole.result is not None
    assert whole.result.test is not None
    id = runs.create(NewRun(recipe, "halved"), queue=False)
    paused = record(id, runs, told=when(5, lambda: runs.wish(id, wish)))
    assert paused.state == state, paused.sentence
    runs.requeue(id, queue=False)
    done = record(id, runs)
    assert done.state == "done", done.sentence
    for name in ("step", "epoch", "loss", "accuracy", "learning_rate", "gradient_norm"):
        one, other = getattr(runs.steps(id), name), getattr(runs.steps(whole.id), name)
        assert np.array_equal(one, other), name
    assert [(e.train, e.validation) for e in runs.epochs(id)] == [
        (e.train, e.validation) for e in runs.epochs(whole.id)
    ]
    assert done.result is not None
    assert done.result.test == whole.result.test
    one, other = (load_file(each.folder / "last.safetensors") for each in (done, whole))
    assert all(np.array_equal(one[name], other[name]) for name in other)
