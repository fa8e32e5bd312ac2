"""`python -m explorer train`: one epoch of digits, from start to end and with a break."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from explorer import cli
from explorer.runs.store import RunStore
from explorer.training.recipe import checked, to_json

ROOT = Path(__file__).resolve().parents[2]
KEYS = {"run", "state", "epochs", "train_loss", "train_accuracy", "test_accuracy", "seconds"}
SMALL = ("--network", "mlp", "--data", "digits", "--width", "16", "--depth", "2", "--seed", "1")


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As many threads here as in a process that is started: sums then have one order."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, which the command line finds too."""
    monkeypatch.setenv("CONVZOO_RUNS", str(tmp_path / "runs"))
    return RunStore()


def train(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run `train`: exit code, stdout, stderr."""
    code = cli.main(["train", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_one_epoch_of_digits(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """It learns more than chance, is kept, and everybody sees it on the page."""
    code, out, err = train(capsys, *SMALL, "--epochs", "1", "--name", "Mine", "--json")
    found = json.loads(out)
    assert code == 0, err
    assert set(found) >= KEYS
    assert (found["state"], found["epochs"], found["name"]) == ("done", 1.0, "Mine")
    assert 10 < found["test_accuracy"] <= 100
    assert found["seconds"] > 0
    assert "epoch 1: loss" in err, "progress goes to stderr"
    (run,) = store.runs("a visitor")
    assert (run.id, run.shared, run.state) == (found["run"], True, "done")
    assert run.weights[:1] == ("last",)
    assert (run.folder / "last.safetensors").stat().st_size > 4 * 16 * 64


def test_it_is_said_in_words_too(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """From a recipe, with what to do next."""
    recipe = store.folder.parent / "recipe.json"
    recipe.write_text(to_json(checked(network="linear", data="digits", length=1)))
    code, out, err = train(capsys, "--recipe", str(recipe))
    (run,) = store.runs()
    assert code == 0, err
    assert out.startswith("linear on digits: training ")
    assert f"runs show {run.id}" in out


def test_a_longer_length_goes_on(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that is done is extended in its own unit alone, by its own recipe."""
    assert train(capsys, *SMALL, "--epochs", "1")[0] == 0
    (run,) = store.runs()
    code, out, _ = train(capsys, "--continue", run.id, "--epochs", "2", "--json")
    assert code == 0
    assert (json.loads(out)["run"], json.loads(out)["epochs"]) == (run.id, 2.0)
    for wrong in (("--seed", "2"), ("--steps", "9"), ("--network", "mlp"), (), ("--epochs", "2")):
        code, out, err = train(capsys, "--continue", run.id, *wrong)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1, err
    assert train(capsys, "--continue", "nothing")[2].startswith("There is no run 'nothing'")


def test_what_diverges_is_one_sentence(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """The run is kept as far as it came, and the exit code says that it failed."""
    code, out, err = train(
        capsys, *SMALL, "--epochs", "3", "--learning-rate", "100", "--loss", "squared error",
        "--json",
    )  # fmt: skip
    assert code == 2
    assert json.loads(out)["state"] == "failed"
    assert "step" in err.splitlines()[-1]
    assert "learning rate" in err.splitlines()[-1]
    assert store.runs()[0].state == "failed"


def test_nothing_is_kept_of_what_nobody_knows(
    store: RunStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong name, or data that are not here, is no run."""
    monkeypatch.setenv("CONVZOO_DATA", str(store.folder))
    for arguments in (("--network", "lenet55"), ("--network", "lenet5", "--data", "mnist")):
        code, out, err = train(capsys, *arguments)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1, err
    assert not store.runs()


def test_ctrl_c_pauses_and_it_goes_on_to_the_same_curve(
    store: RunStore, capsys: pytest.CaptureFixture[str], one_thread: None
) -> None:
    """A real interrupt of a real process; with the break or without, the same losses."""
    length = (*SMALL, "--epochs", "30", "--json")
    with subprocess.Popen(
        [sys.executable, "-m", "explorer", "train", *length], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as interrupted:  # fmt: skip
        deadline = time.monotonic() + 60
        while not (store.runs() and store.runs()[0].step):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        interrupted.send_signal(signal.SIGINT)
        out, err = interrupted.communicate(timeout=60)
    paused = json.loads(out)
    assert (interrupted.returncode, paused["state"]) == (130, "paused"), err
    assert f"train --continue {paused['run']} goes on." in err.splitlines()[-1]
    assert paused["epochs"] < 30
    assert train(capsys, "--continue", paused["run"])[0] == 0
    code, out, _ = train(capsys, *length)
    one, two = store.steps(paused["run"]), store.steps(json.loads(out)["run"])
    assert (code, store.run(paused["run"]).epoch) == (0, 30.0)
    assert (one.loss == two.loss).all()
    assert (one.gradient_norm == two.gradient_norm).all()
