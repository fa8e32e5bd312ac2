"""A run that is continued is the run that was not interrupted, to the bit."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from explorer.errors import BadCheckpoint, DiskFull
from explorer.training import checkpoint
from explorer.training.fit import Training
from explorer.training.knobs.optimisers import OPTIMISERS
from explorer.training.records import Ended, Epoch, Record
from tests import small_training as small


def training(given: dict[str, Any], path: Path | None = None, **keywords: Any) -> Training:
    """A run of the small problem, new or continued."""
    return Training(
        small.recipe(**given),
        sets=small.sets(),
        prepared=small.network(),
        device="cpu",
        checkpoint=path,
        **keywords,
    )


FEATURES: dict[str, dict[str, Any]] = {
    "one-cycle": {"schedule": "one-cycle"},
    "warm-up and step": {"schedule": "step", "warm_up": 20, "length": 13, "unit": "steps"},
    "augmentation": {"mirror": 0.5, "crop": 1, "rotation": 10, "erasing": 0.5, "mixup": 0.4},
    "elastic and CutMix": {"elastic": 1.0, "shear": 5, "cutmix": 1.0},
    "noise": {"input_noise": 0.1, "weight_noise": 0.05, "clip_norm": 0.5},
    "bf16": {"precision": "bf16", "layout": "channels last"},
    "squared error": {"loss": "squared error", "learning_rate": 0.01},
    "early stopping": {"patience": 2, "length": 12, "learning_rate": 0.3},
    "full batch": {"batch_size": 0, "length": 6},
    **{f"optimiser {name}": {"optimiser": name, "learning_rate": 0.01} for name in OPTIMISERS},
}
LONGER = (
    "noise",
    "squared error",
    *(f"optimiser {each}" for each in OPTIMISERS if each != "adamp"),
)
"""Left to `make test-all`: each takes seconds, and differs from another by its arithmetic alone."""


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(given, id=name, marks=pytest.mark.slow if name in LONGER else ())
        for name, given in FEATURES.items()
    ],
)
def test_going_on_equals_never_having_stopped(given: dict[str, Any], tmp_path: Path) -> None:
    """Saved after any record and loaded in a fresh run: rest and weights are the same."""
    whole = training(given)
    records = list(whole.records())
    expected = small.told(records)
    path = tmp_path / "checkpoint.pt"
    # Every ninth place, so that all kinds of records come last in some case.
    for taken in range(1, len(records), 9):
        first = training(given)
        begun = list(itertools.islice(first.records(), taken))
        first.save(path)
        second = training(given, path)
        rest = list(second.records())[1:]
        assert small.told([*begun, *rest]) == expected
        same(second.weights(), whole.weights())
        same(second.best_weights() or {}, whole.best_weights() or {})


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    """Hold two states equal to the bit."""
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_paused_run_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    """Paused in the middle of an epoch and saved when it ended."""
    whole = small.told(training({}).records())
    calls = itertools.count(1)
    run = training({}, between=lambda: run.ask("paused") if next(calls) == 7 else None)
    begun: list[Record] = list(run.records())
    path = tmp_path / "checkpoint.pt"
    run.save(path)
    rest = list(training({}, path).records())
    assert rest[0].step == 7  # type: ignore[union-attr]
    assert small.told([*begun[:-1], *rest[1:]]) == whole


def test_a_run_that_is_over_can_be_made_longer(tmp_path: Path) -> None:
    """Two epochs and two more, at a constant rate, are four."""
    given = {"schedule": "constant"}
    short = training({**given, "length": 2})
    begun = list(short.records())
    short.save(tmp_path / "checkpoint.pt")
    longer = training({**given, "length": 4}, tmp_path / "checkpoint.pt")
    rest = list(longer.records())
    whole = training({**given, "length": 4})
    epochs = [each for each in whole.records() if isinstance(each, Epoch)]
    assert small.told(each for each in [*begun, *rest] if isinstance(each, Epoch)) == small.told(
        epochs
    )
    same(longer.weights(), whole.weights())


def test_a_run_that_stopped_early_waits_again_when_it_is_made_longer(tmp_path: Path) -> None:
    """Or it would end at once."""
    given = {"learning_rate": 0.0, "patience": 1}
    short = training({**given, "length": 30})
    *_, ended = short.records()
    assert isinstance(ended, Ended)
    assert ended.reason == "early stopping"
    short.save(tmp_path / "checkpoint.pt")
    *_, later = training({**given, "length": 31}, tmp_path / "checkpoint.pt").records()
    assert isinstance(later, Ended)
    assert later.epochs == ended.epochs + 1


def test_only_plain_values_are_in_it(tmp_path: Path) -> None:
    """It can be read without running anybody's code."""
    run = training({"optimiser": "adamp"})
    list(run.records())
    run.save(tmp_path / "checkpoint.pt")
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert state["at"]["step"] == 15
    assert list(tmp_path.iterdir()) == [tmp_path / "checkpoint.pt"]


def test_another_recipes_checkpoint_is_refused(tmp_path: Path) -> None:
    """The sentence says what differs."""
    run = training({})
    list(itertools.islice(run.records(), 5))
    run.save(tmp_path / "checkpoint.pt")
    with pytest.raises(BadCheckpoint, match="another optimiser"):
        training({"optimiser": "adam"}, tmp_path / "checkpoint.pt")


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04" + 100 * b"\0"])
def test_a_damaged_file_is_refused(content: bytes, tmp_path: Path) -> None:
    """In a sentence, whatever is in it."""
    (tmp_path / "checkpoint.pt").write_bytes(content)
    with pytest.raises(BadCheckpoint, match="start the run again"):
        training({}, tmp_path / "checkpoint.pt")
    with pytest.raises(BadCheckpoint, match="There is no checkpoint"):
        training({}, tmp_path / "missing.pt")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """What could not be written whole does not take its place, and is said in a sentence."""
    run, path = training({}), tmp_path / "checkpoint.pt"
    list(run.records())
    run.save(path)
    before = path.read_bytes()
    beside = checkpoint.beside(path)
    beside.symlink_to("/dev/full")
    with pytest.raises(DiskFull, match="free some"):
        run.save(path)
    assert path.read_bytes() == before
    assert not os.path.lexists(beside)
