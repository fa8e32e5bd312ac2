"""Runs that come with ConvZoo are read as others are, and nobody can change them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from explorer.errors import BadRequest, StoreFailed, UnknownRun
from explorer.runs import shipped
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.runs.told import told
from explorer.shipped import recorded
from explorer.training.records import Filters
from tests.runs import made

FILTERS = tuple(Filters(step, np.full((6, 1, 5, 5), step / 3, np.float32)) for step in (1, 2, 4))


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """A store of its own."""
    return RunStore(tmp_path / "runs")


@pytest.fixture
def comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: RunStore) -> str:
    """A run of LeNet-5 that comes with ConvZoo, alone; returns the id it had in the store."""
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    id = made.kept(store, recipe=made.recipe(network="lenet5", length=2))
    store.add(id, FILTERS)
    recorded.write(id, store, tmp_path / "lenet5.run.gz")
    return id


def test_all_numbers_come_back_to_the_bit(store: RunStore, comes: str) -> None:
    """Steps, layers, epochs, filters and what came of it, as the store has them."""
    id, source = "shipped-lenet5", store.run(comes)
    for name in ("step", "epoch", "seconds", "loss", "accuracy", "learning_rate", "gradient_norm"):
        assert np.array_equal(getattr(store.steps(id), name), getattr(store.steps(comes), name)), (
            name
        )
    assert store.steps(id, after=3).step.tolist() == [4]
    for name in ("step", "gradient_norms", "update_ratios"):
        assert np.array_equal(getattr(store.layers(id), name), getattr(store.layers(comes), name))
    assert store.epochs(id) == made.EPOCHS
    assert [each.step for each in store.filters(id)] == [1, 2, 4]
    assert [each.step for each in store.filters(id, ends=True)] == [1, 4]
    assert np.array_equal(store.filters(id)[1].weights, FILTERS[1].weights)
    run = store.run(id)
    assert (run.began, run.result, run.recipe) == (made.BEGAN, made.ENDED, source.recipe)
    assert (run.created, run.ended, run.seconds) == (source.created, source.ended, 0.8)
    assert (run.name, run.state, run.shared) == ("LeNet-5", "done", True)
    assert (store.seen(id), store.histograms(id), run.weights) == ((), None, ())
    assert told(store, id).steps.loss.tolist() == [2.0, 1.5, 1.0, 0.1 + 0.2]


def test_they_are_in_nobodys_store(store: RunStore, comes: str) -> None:
    """They count for nothing there, and no list of the store's runs has them."""
    assert [run.id for run in store.runs()] == [comes]
    assert store.kept().runs == 1
    assert [run.id for run in shipped.runs()] == ["shipped-lenet5"]
    with pytest.raises(UnknownRun, match="choose another one"):
        store.run("shipped-plain20")
    with pytest.raises(UnknownRun, match="choose another one"):
        store.run("shipped-../runs")


@pytest.mark.usefixtures("comes")
def test_nobody_changes_them(store: RunStore) -> None:
    """Whatever is asked is answered with one sentence, and the file stays."""
    id = "shipped-lenet5"
    for change in (
        lambda: store.rename(id, "Mine"),
        lambda: store.annotate(id, "Seen."),
        lambda: store.share(id, False),
        lambda: store.delete(id),
        lambda: store.wish(id, "stop"),
        lambda: store.look(id),
        lambda: store.requeue(id, 4.0),
    ):
        with pytest.raises(BadRequest, match="LeNet-5 comes with ConvZoo and stays as it is"):
            change()
    assert store.run(id).name == "LeNet-5"


def test_the_same_run_gives_the_same_file(tmp_path: Path, store: RunStore, comes: str) -> None:
    """To the byte, whenever it is written; so the repository does not change without a reason."""
    before = (tmp_path / "lenet5.run.gz").read_bytes()
    recorded.write(comes, store, tmp_path / "lenet5.run.gz")
    assert (tmp_path / "lenet5.run.gz").read_bytes() == before


@pytest.mark.usefixtures("comes")
def test_a_file_that_changed_is_read_anew(tmp_path: Path, store: RunStore) -> None:
    """And one that is damaged is said to be."""
    assert store.run("shipped-lenet5").recipe.seed == 0
    path = tmp_path / "lenet5.run.gz"
    other = made.kept(store, recipe=made.recipe(network="lenet5", length=2, seed=3))
    recorded.write(other, store, path)
    os.utime(path, (1, 1))
    assert store.run("shipped-lenet5").recipe.seed == 3
    path.write_bytes(path.read_bytes()[:200])
    os.utime(path, (2, 2))
    with pytest.raises(StoreFailed, match="is damaged; take the file from the repository again"):
        store.run("shipped-lenet5")


def test_only_what_is_done_is_written(tmp_path: Path, store: RunStore) -> None:
    """A run that goes on is refused, and no file is begun."""
    going = store.create(NewRun(made.recipe(), "Goes on"), queue=False)
    with pytest.raises(BadRequest, match="is not done"):
        recorded.write(going, store, tmp_path / "lenet5.run.gz")
    assert not list(tmp_path.glob("*.gz*"))
