"""`python -m explorer runs`, from a store with runs made by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer import cli
from explorer.runs import shipped
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from tests.runs import made


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, which the command line finds too; nothing comes with ConvZoo."""
    monkeypatch.setenv("CONVZOO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    return RunStore()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run `runs`: exit code, stdout, stderr."""
    code = cli.main(["runs", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_an_empty_store_says_how_to_begin(
    store: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON it is an empty list."""
    assert not store.runs()
    assert run(capsys) == (
        0,
        "There is no run yet; python -m explorer train --help says how to make one.\n",
        "",
    )
    assert json.loads(run(capsys, "--json")[1]) == []


def test_runs_are_listed_the_newest_first(
    store: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """A finished one with its numbers, one that waits with none."""
    first = made.kept(store, name="First")
    second = store.create(NewRun(made.recipe(network="mlp"), "Second", owner="somebody"))
    code, out, err = run(capsys)
    head, *lines = out.splitlines()
    assert (code, err) == (0, "")
    assert head.split()[:3] == ["run", "state", "name"]
    assert [line.split()[:3] for line in lines] == [
        [second, "queued", "Second"],
        [first, "done", "First"],
    ]
    assert "72.50 %" in lines[1]
    assert "%" not in lines[0], "what is not known is no number"


def test_json_has_the_keys_that_programs_rely_on(
    store: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """Accuracies in %."""
    id = made.kept(store)
    (found,) = json.loads(run(capsys, "--json")[1])
    assert found["run"] == id
    assert found["state"] == "done"
    assert found["epochs"] == 2.0
    assert (found["train_loss"], found["train_accuracy"]) == (0.5, 80.0)
    assert found["test_accuracy"] == 72.5
    assert found["seconds"] == 0.8


def test_one_run_is_shown_in_full(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Its settings, its epochs and its test; the end of its id is enough."""
    id = made.kept(store, recipe=made.recipe(length=2, optimiser="adam"))
    code, out, _ = run(capsys, "show", id[-3:])
    assert code == 0
    assert f"First ({id}): done." in out
    assert "Optimiser  adam" in out
    assert "On 200 test pictures: 72.50 % right, loss 0.7 (weights of the last step)." in out
    assert [line.split()[:2] for line in out.splitlines() if line.startswith(("1 ", "2 "))] == [
        ["1", "2"],
        ["2", "4"],
    ]
    found = json.loads(run(capsys, "show", id, "--json")[1])
    assert found["per_step"]["loss"] == [2.0, 1.5, 1.0, 0.1 + 0.2]
    assert found["test_accuracy"] == 72.5


def test_deleting_is_for_good(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    """All that are named, or none if one is not there; a running one is refused."""
    one, two = made.kept(store, name="One"), made.kept(store, name="Two")
    code, out, err = run(capsys, "delete", one, "nothing")
    assert (code, out) == (2, "")
    assert err == "There is no run 'nothing'; python -m explorer runs lists them.\n"
    assert len(store.runs()) == 2
    assert run(capsys, "delete", one, two)[:2] == (
        0,
        f"Deleted One ({one}).\nDeleted Two ({two}).\n",
    )
    assert not store.runs()
    running = store.create(NewRun(made.recipe(), "Busy"), queue=False)
    code, _, err = run(capsys, "delete", running)
    assert (code, err) == (2, "Busy is running; stop or cancel it first.\n")


def test_what_stands_for_several_runs_is_refused(
    store: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """The beginning of an id is that of its moment, and runs of one moment share it."""
    one, _ = made.kept(store), made.kept(store)
    code, _, err = run(capsys, "show", one[:3])
    assert code == 2
    assert err.startswith("2 runs are called")
    assert run(capsys, "show", "")[0] == 2


def test_runs_that_come_with_convzoo_stand_last(
    store: RunStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """They are shown like others by their id or model, and not deleted."""
    made.comes(store, tmp_path / "ours", monkeypatch, "plain20")
    mine = made.kept(store)
    _, *lines = run(capsys)[1].splitlines()
    assert [line.split()[0] for line in lines] == [mine, "shipped-plain20"]
    _, out, _ = run(capsys, "show", "plain20")
    assert "Plain-20 (CIFAR-10) (shipped-plain20): done." in out
    assert "On 200 test pictures: 72.50 % right" in out
    code, _, err = run(capsys, "delete", "plain20", mine)
    assert code != 0
    assert "Plain-20 (CIFAR-10) comes with ConvZoo and stays as it is" in err
    assert [each.id for each in store.runs()] == [mine]
