"""Fine-tuning: what is frozen stays to the bit, what learns learns at its rate and in its order."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from explorer.collections import intake
from explorer.errors import Cancelled
from explorer.finetune import features
from explorer.finetune.tuning import Tuning
from explorer.training.lr_finder import find
from explorer.training.recipe import checked
from explorer.training.records import Began, Doing, Ended, Epoch, Filters, Seen, Step
from tests.finetune.tuned import CLASSES, changed, recipe, run


@pytest.fixture(scope="module", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Collections and the base of these tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("tuning")
        patch.setenv("CONVZOO_DATA", str(folder))
        patch.setenv("CONVZOO_RUNS", str(folder / "runs"))
        yield


def test_it_tells_what_a_run_tells() -> None:
    """Reading first, then the whole network's size, steps, epochs, and no test of a collection."""
    records = list(Tuning(recipe(regime="head")).records())
    kinds = [type(each) for each in records]
    assert kinds[0] is Doing
    began = records[kinds.index(Began)]
    assert isinstance(began, Began)
    assert began.classes == CLASSES
    assert (began.train, began.validation, began.test) == (12, 4, 0)
    assert began.params > 1000
    assert began.layers == ("scores",)
    assert kinds.count(Step) == 6
    assert kinds.count(Epoch) == 2
    assert Filters not in kinds
    seen = next(each for each in records if isinstance(each, Seen))
    assert seen.pictures is not None
    assert seen.pictures.shape[1:] == (8, 8, 3)
    ended = records[-1]
    assert isinstance(ended, Ended)
    assert ended.test is None
    assert ended.validation is not None


@pytest.mark.parametrize("mirror", [0.0, 0.5])
def test_with_a_new_head_nothing_else_changes(mirror: float) -> None:
    """Neither weights nor running statistics, on features and, with augmentation, on pictures."""
    tuning = Tuning(recipe(regime="head", mirror=mirror))
    before = dict(tuning.weights())
    run(tuning)
    assert changed(before, dict(tuning.weights())) == {"scores.weight", "scores.bias"}


def test_with_the_last_block_those_below_stay() -> None:
    """Statistics of the block that learns move, those of the frozen ones do not."""
    tuning = Tuning(recipe(regime="last", blocks=1, weight_decay=0.1))
    before = dict(tuning.weights())
    run(tuning)
    moved = changed(before, dict(tuning.weights()))
    last = tuning._start.blocks[-1].modules
    assert {name.rpartition(".")[0] for name in moved} == {*last, "scores"}
    assert any(name.endswith("running_mean") for name in moved)


def test_everything_learns() -> None:
    """All weights and statistics."""
    tuning = Tuning(recipe(regime="all"))
    before = dict(tuning.weights())
    run(tuning)
    assert changed(before, dict(tuning.weights())) == before.keys()


def test_features_are_the_same_as_passing_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The head learns the same, but for rounding, and so does the best one that is kept."""
    fast = Tuning(recipe(regime="head"))
    run(fast)
    monkeypatch.setattr(features, "alone", lambda *_: None)
    slow = Tuning(recipe(regime="head"))
    run(slow)
    for one, other in (
        (fast.weights(), slow.weights()),
        (fast.best_weights(), slow.best_weights()),
    ):
        assert one is not None
        assert other is not None
        assert one.keys() == other.keys()
        for name in one:
            assert torch.allclose(one[name].float(), other[name].float(), atol=1e-5), name


@pytest.mark.parametrize("settings", [
    {"regime": "head"},
    {"regime": "head", "balance": "sampling", "dropout": 0.3},
    {"regime": "last", "blocks": 2, "unfreezing": 80, "backbone_rate": 0.1},
    {"regime": "all", "balance": "loss", "mirror": 0.5, "optimiser": "adamw"},
])  # fmt: skip
def test_going_on_equals_never_stopping(settings: dict[str, object], tmp_path: Path) -> None:
    """To the bit, from a checkpoint in the middle of an epoch."""
    asked = recipe(**settings)
    whole = Tuning(asked)
    run(whole)
    steps = 0

    def halt() -> None:
        nonlocal steps
        if first._inner is not None and (steps := steps + 1) == 2:
            first.ask("paused")

    first = Tuning(asked, between=halt)
    assert run(first).reason == "paused"
    first.save(tmp_path / "checkpoint.pt")
    second = Tuning(asked, checkpoint=tmp_path / "checkpoint.pt")
    began = next(each for each in second.records() if isinstance(each, Began))
    assert began.step == 2
    second = Tuning(asked, checkpoint=tmp_path / "checkpoint.pt")
    run(second)
    assert not changed(dict(whole.weights()), dict(second.weights()))
    best, again = whole.best_weights(), second.best_weights()
    assert best is not None
    assert again is not None
    assert not changed(dict(best), dict(again))


def test_what_was_there_moves_at_its_share_of_the_rate() -> None:
    """A step of plain gradient descent: a tenth as far below the head, as far in it."""
    # From zero the head passes no gradient on, so the second step is the first that tells.
    moves = []
    for share in (1.0, 0.1):
        tuning = Tuning(recipe(regime="all", optimiser="sgd", backbone_rate=share))
        tuning.learn(0.1)
        head = tuning._start.network.get_submodule("scores").weight
        before = dict(tuning.weights())
        tuning.learn(0.1)
        after = dict(tuning.weights())
        first = tuning._start.blocks[0].modules[0] + ".weight"
        moves.append(
            (after[first] - before[first], after["scores.weight"] - before["scores.weight"])
        )
        assert head.grad is not None
    (below, top), (slowly, same) = moves
    assert below.abs().max() > 0
    assert torch.allclose(slowly, 0.1 * below, rtol=1e-2, atol=1e-7)
    assert torch.allclose(top, same)


def test_blocks_thaw_from_the_head_down() -> None:
    """Over the whole length: the head alone at first, then one block more after another."""
    tuning = Tuning(recipe(regime="all", unfreezing=100, length=4))
    names = [block.modules[0] for block in tuning._start.blocks]
    last, history = dict(tuning.weights()), []
    for record in tuning.records():
        if isinstance(record, Step):
            now = dict(tuning.weights())
            moved = changed(last, now)
            history.append(sum(f"{name}.weight" in moved for name in names))
            # What has thawed is at the end.
            assert [f"{name}.weight" in moved for name in names] == sorted(
                f"{name}.weight" in moved for name in names
            )
            last = now
    assert history[0] == 0
    assert history == sorted(history)
    assert history[-1] == len(names) - 1  # the first one would be next
    assert set(history) == set(range(len(names)))


def test_histograms_of_what_is_still_frozen_can_be_asked_for() -> None:
    """Of all layers that learn some day, and nothing thaws by it."""
    tuning = Tuning(recipe(regime="all", unfreezing=100))
    assert tuning.histograms().layers == ()
    tuning.learn(0.01)
    frozen = [each.requires_grad for each in tuning._start.network.parameters()]
    assert len(tuning.histograms().layers) == len(tuning._start.blocks) + 1
    assert [each.requires_grad for each in tuning._start.network.parameters()] == frozen


def test_a_pause_while_pictures_are_read(tmp_path: Path) -> None:
    """It ends at once, and begins anew when it goes on."""
    tuning = Tuning(recipe(regime="head"))
    tuning.ask("paused")
    assert run(tuning).steps == 0
    tuning.save(tmp_path / "checkpoint.pt")
    assert run(Tuning(recipe(regime="head"), checkpoint=tmp_path / "checkpoint.pt")).steps == 6


def test_it_can_be_cancelled_while_pictures_are_read() -> None:
    """What `between` raises comes through."""

    def cancel() -> None:
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        run(Tuning(recipe(regime="head"), between=cancel))


def test_learning_rates_are_found() -> None:
    """The range test takes the frozen network as it takes any other."""
    found = find(recipe(regime="head"))
    assert len(found.rates) == len(found.losses) > 10


def pictures(archive: Path, classes: tuple[str, ...], count: int) -> list[tuple[str, str, bytes]]:
    """So many training pictures of each class of CIFAR-10, the first ones of its archive."""
    found: dict[str, list[tuple[str, str, bytes]]] = {name: [] for name in classes}
    with tarfile.open(archive) as tar:
        for member in tar:
            part, _, rest = member.name.partition("/")
            label, _, name = rest.partition("/")
            if part == "train" and name and label in found and len(found[label]) < count:
                file = tar.extractfile(member)
                assert file is not None
                found[label].append((label, name, file.read()))
            if all(len(some) == count for some in found.values()):
                break
    return [each for some in found.values() for each in some]


@pytest.mark.slow
def test_a_head_on_squeezenet_beats_majority_and_neighbour(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real weights, two classes of sixty pictures of CIFAR-10."""
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    some = pictures(shared_data / "cifar10" / "cifar10-jpeg.tar.xz", ("cat", "ship"), 60)
    key = intake.accept_files(some, "two classes").key
    asked = checked(
        network="squeezenet1_0", weights="IMAGENET1K_V1", data=key, regime="head",
        optimiser="adamw", learning_rate=0.001, batch_size=24, length=15,
    )  # fmt: skip
    tuning = Tuning(asked)
    ended = run(tuning)
    assert tuning._inner is not None
    parts = tuning._inner._parts
    assert parts.validation is not None
    train = parts.batches._feed
    known, held = (
        feed.normalised(torch.arange(len(feed))).flatten(1) for feed in (train, parts.validation)
    )
    neighbour = KNeighborsClassifier(1).fit(known, train.labels)
    right = 100 * neighbour.score(held, parts.validation.labels)
    assert ended.validation is not None
    assert ended.validation.top1 > max(50.0, right)
