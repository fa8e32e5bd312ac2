"""Reports of networks that were really fine-tuned, on pictures small enough to be checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import nn

from explorer.collections import intake
from explorer.collections.store import CollectionStore
from explorer.errors import BadCheckpoint, BadRequest, Cancelled, MissingData, UnknownRun
from explorer.finetune import keeping, passing, report
from explorer.finetune.passing import Watched
from explorer.runs.recording import record
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.training.recipe import checked
from explorer.vision.predict import predict
from explorer.vision.records import Preprocessing
from tests.collections.painted import encoded, image
from tests.finetune.tuned import base

if TYPE_CHECKING:
    from explorer.collections.records import Collection
    from explorer.finetune.report_records import Report

COUNT = 24
"""Pictures of each class."""


def striped(number: int, label: int) -> bytes:
    """Soft spots under stripes that lie or stand."""
    spots = np.asarray(image(number, (36, 36))).astype(np.float32) * 0.3
    stripes = np.broadcast_to(160.0 * (np.arange(36) // 6 % 2)[:, None], (36, 36))
    whole = spots + (stripes.T if label else stripes)[..., None]
    return encoded(passing.Image.fromarray(whole.astype(np.uint8)))


@dataclass(frozen=True)
class Tuned:
    """A collection, a run that was fine-tuned on it, and its report."""

    collection: Collection
    run: str
    report: Report


def trained(collection: Collection, regime: str, **settings: object) -> str:
    """Fine-tune a small network that no file comes with, so that none can be changed; its run."""
    recipe = checked(
        network=base(),
        weights="last",
        data=collection.key,
        regime=regime,
        batch_size=8,
        validation=0.0,
        **settings,
    )
    store = RunStore()
    run = store.create(NewRun(recipe, "lying or standing"), queue=False)
    record(run, store)
    return run


@pytest.fixture(scope="module")
def kept_apart(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """Data and runs of this module alone."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("reports")
        patch.setenv("CONVZOO_DATA", str(folder / "data"))
        patch.setenv("CONVZOO_RUNS", str(folder / "runs"))
        yield


@pytest.fixture(scope="module")
def collection(kept_apart: None) -> Collection:
    """Stripes that lie or stand; two of those that stand are said to lie."""
    files = [
        (
            "lying" if label == 0 or n < 2 else "standing",
            f"{label}-{n}.png",
            striped(40 * label + n, label),
        )
        for label in (0, 1)
        for n in range(COUNT)
    ]
    return intake.accept_files(files, "lying or standing", "somebody")


@pytest.fixture(scope="module")
def tuned(collection: Collection) -> Tuned:
    """A new head, which learns to tell them apart."""
    run = trained(collection, "head", length=20, learning_rate=0.05)
    return Tuned(collection, run, report.report(run))


def test_it_says_what_the_pages_say(tuned: Tuned) -> None:
    """The probabilities are those of a prediction of the same picture, to 1e-5."""
    from explorer.pictures.intake import accept  # noqa: PLC0415

    store = CollectionStore()
    for row in (0, 7, 30):
        file = store.picture(tuned.report.collection, int(tuned.report.items[row]))
        answer = predict(f"run:{tuned.run}", [accept(file, "a")])[0]
        assert answer.probabilities == pytest.approx(tuned.report.probabilities[row], abs=1e-5)


def test_every_picture_is_judged(tuned: Tuned) -> None:
    """Items, labels and parts are the collection's, and all counts add up."""
    found, items = tuned.report, tuned.collection.items
    assert found.items.tolist() == [item.id for item in items]
    assert found.labels.tolist() == [item.label for item in items]
    held_out = sum(item.part == "validation" for item in items)
    assert found.confusion().sum() == found.scores.accuracy.of == held_out
    assert found.learned.of == len(items) - held_out
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(len(items)), abs=1e-5)
    assert found.calibration is not None
    assert {each.method for each in found.projections} == {"t-SNE", "PCA"}
    assert [len(each.points) for each in found.projections] == [len(items)] * 2
    assert len(found.baselines) == 3


def test_the_wrong_labels_are_doubted(tuned: Tuned) -> None:
    """Both that stand and are said to lie, by their numbers."""
    wrong = {item.id for item in tuned.collection.items if item.name in ("1-0.png", "1-1.png")}
    names = {item.id: item.name for item in tuned.collection.items}
    found = {each.item for each in tuned.report.doubts.found}
    assert wrong <= found, [names[each] for each in found]
    assert len(found) <= 4


def test_it_is_made_once(tuned: Tuned, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time nothing is computed, until the weights are others."""
    made = []
    original = report._made
    monkeypatch.setattr(report, "_made", lambda *each: made.append(1) or original(*each))
    again = report.report(tuned.run)
    assert not made
    assert (again.probabilities == tuned.report.probabilities).all()
    folder = RunStore().run(tuned.run).folder
    assert keeping.kept(folder) is not None
    for path in folder.glob("*.safetensors"):
        path.touch()
    report.report(tuned.run)
    assert made == [1]


def test_the_frozen_features_are_those_from_before(tuned: Tuned) -> None:
    """When everything learns, baselines and doubts still stand on the network it started from."""
    run = trained(tuned.collection, "all", length=1, learning_rate=0.02)
    found = report.report(run)
    one, other = tuned.report, found
    assert [each.accuracy for each in one.baselines] == [each.accuracy for each in other.baselines]
    assert {each.item for each in one.doubts.found} == {each.item for each in other.doubts.found}
    assert not np.allclose(one.projections[1].points, other.projections[1].points)


def test_it_can_be_cancelled(tuned: Tuned) -> None:
    """In the middle, and nothing is kept of it."""
    run = trained(tuned.collection, "head", length=1, seed=3)

    def stop(fraction: float, sentence: str) -> None:
        raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        report.report(run, stop)
    assert keeping.kept(RunStore().run(run).folder) is None


def test_a_network_that_learned_nothing_is_said_to_have(tuned: Tuned) -> None:
    """One class for everything is no classifier, whatever its accuracy."""
    said = np.zeros(5, np.int64)
    (sentence,) = report._stuck(said, tuned.collection)
    assert "of every picture" in sentence
    assert report._stuck(np.array([0, 1]), tuned.collection) == ()


def test_what_cannot_be_judged_is_said_in_a_sentence(kept_apart: None) -> None:
    """No such run, and one from scratch."""
    with pytest.raises(UnknownRun):
        report.report("nothing")
    store = RunStore()
    scratch = store.create(NewRun(checked(data="digits"), "scratch"), queue=False)
    with pytest.raises(BadRequest, match="not fine-tuned on pictures of your own"):
        report.report(scratch)


def test_pictures_that_were_deleted_leave_the_report(kept_apart: None) -> None:
    """What was judged stays, what was not cannot be any more."""
    files = [
        (name, f"{name}{n}.png", striped(200 + 40 * label + n, label))
        for label, name in enumerate(("lying", "standing"))
        for n in range(6)
    ]
    made = intake.accept_files(files, "soon gone", "somebody")
    first, second = (trained(made, "head", length=1, seed=seed) for seed in (0, 1))
    before = report.report(first)
    CollectionStore().delete(made.id)
    assert (report.report(first).probabilities == before.probabilities).all()
    with pytest.raises(MissingData):
        report.report(second)


PREPARED = Preprocessing(None, (4, 4), "bilinear", (0.5,) * 3, (0.25,) * 3, "by hand")


class Maps(nn.Module):
    """A convolution as the head, and the mean over its map: scores (N, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, 2, 1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Score."""
        scores: torch.Tensor = self.head(pictures).mean(dim=(2, 3))
        return scores


def plain(value: int) -> passing.Image.Image:
    """A picture of one colour."""
    return passing.Image.new("RGB", (4, 4), (value, 0, 255))


def test_features_are_what_the_head_reads() -> None:
    """Averaged over the map: the normalised colours themselves; 40 pictures in their order."""
    network = Maps().eval()
    where = torch.device("cpu")
    (found,) = passing.passed(
        [Watched(network, "head")], lambda place: plain(6 * place), 40, PREPARED, where
    )
    red = (np.arange(40) * 6 / 255 - 0.5) / 0.25
    expected = np.stack([red, np.full(40, -2.0), np.full(40, 2.0)], axis=1)
    assert found.features == pytest.approx(expected, abs=1e-5)
    scores = network.head(torch.tensor(expected, dtype=torch.float32)[..., None, None]).flatten(1)
    assert found.probabilities == pytest.approx(scores.softmax(1).detach().numpy(), abs=1e-5)
    assert not network.head._forward_pre_hooks


def test_no_numbers_are_no_answer() -> None:
    """A network that diverged."""
    network = Maps().eval()
    nn.init.constant_(network.head.weight, float("nan"))
    with pytest.raises(BadCheckpoint, match="smaller learning rate"):
        passing.passed([Watched(network, "head")], plain, 2, PREPARED, torch.device("cpu"))
