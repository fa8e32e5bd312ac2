"""Ensembles on points: what members learn from, how they answer together, and going on."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.errors import BadCheckpoint, BadRequest
from explorer.training import samme
from explorer.training.crowds import TIES, Adapted, Crowd, alone, assembled, crowd
from explorer.training.data import splits
from explorer.training.ensembles import Ensemble, fit_ensemble, training
from explorer.training.fit import Training
from explorer.training.recipe import Recipe, checked
from explorer.training.records import Began, Ended, Epoch, Histograms, Record, Step
from tests import small_training as small


def recipe(ensemble: str, members: int = 3, **given: Any) -> Recipe:
    """Small nets on forty points of two moons."""
    plain = {
        "network": "mlp",
        "data": "moons",
        "samples": 40,
        "width": 4,
        "depth": 2,
        "length": 2,
        "seed": 1,
    }
    return checked(ensemble=ensemble, members=members, batch_size=10, **{**plain, **given})


def of(kind: type, records: list[Record]) -> list[Any]:
    """The records of one kind."""
    return [each for each in records if isinstance(each, kind)]


def said(network: nn.Module, x: Tensor) -> Tensor:
    """A network's probabilities."""
    network.eval()
    with torch.no_grad():
        return network(x).softmax(dim=1)


class Says(nn.Module):
    """A network that gives the same probabilities whatever it sees."""

    def __init__(self, probabilities: list[list[float]]) -> None:
        super().__init__()
        self.register_buffer("scores", torch.tensor(probabilities).log())

    def forward(self, _: Tensor) -> Tensor:
        """Return the scores."""
        return self.get_buffer("scores")


def test_probabilities_are_averaged() -> None:
    """Of .9 .1, .4 .6 and .4 .6: .5667 .4333, so the sure one wins against two."""
    members = [Says([[0.9, 0.1]]), Says([[0.4, 0.6]]), Says([[0.4, 0.6]])]
    together = crowd(recipe("average"), members, [1.0, 1.0, 1.0])
    assert said(together, torch.empty(1))[0].tolist() == pytest.approx([1.7 / 3, 1.3 / 3])


def test_votes_are_counted() -> None:
    """The same members with votes 1, 2, 2: class 0 has a fifth, class 1 four fifths."""
    members = [Says([[0.9, 0.1]]), Says([[0.4, 0.6]]), Says([[0.4, 0.6]])]
    together = crowd(recipe("boosting"), members, [1.0, 2.0, 2.0])
    mean = 0.2 * 0.9 + 0.8 * 0.4
    expected = (1 - TIES) * 0.2 + TIES * mean
    assert said(together, torch.empty(1))[0, 0].item() == pytest.approx(expected, rel=1e-5)


def test_a_tie_of_votes_is_broken_by_probabilities() -> None:
    """One says class 0 with .51, one class 1 with .99."""
    together = crowd(recipe("boosting"), [Says([[0.51, 0.49]]), Says([[0.01, 0.99]])], [1.0, 1.0])
    assert said(together, torch.empty(1)).argmax().item() == 1


def test_a_bagged_member_sees_its_own_normalisation() -> None:
    """x = (p - 2) / 4 for all; p = 10 is (10 - 1) / 2 for this one."""
    member = Adapted(nn.Identity(), 1)
    member.adapt(
        (torch.tensor([2.0]), torch.tensor([4.0])), (torch.tensor([1.0]), torch.tensor([2.0]))
    )
    assert member(torch.full((1, 1, 1, 1), (10 - 2) / 4)).item() == pytest.approx(4.5)


def test_members_differ_by_their_seeds() -> None:
    """And are otherwise the recipe for one network; a time limit is shared out."""
    first, second = (alone(recipe("average"), number) for number in (0, 1))
    assert first.seed != second.seed
    assert (first.ensemble, first.members) == ("one", 1)
    timed = alone(recipe("average", 4, length=8.0, unit="seconds"))
    assert timed.length == 2.0


def test_an_average_is_that_of_networks_trained_one_by_one() -> None:
    """The same members by hand: each from its recipe on the same points."""
    asked = recipe("average")
    ensemble = Ensemble(asked)
    records = list(ensemble.records())
    data = splits.sets(asked)
    x = (data.test.values - data.mean.view(-1, 1, 1)) / data.std.view(-1, 1, 1)
    expected = []
    for number in range(3):
        run = Training(alone(asked, number), sets=data)
        list(run.records())
        built = assembled(recipe("average", 2), _twice(run.weights()), (2, 1, 1), 2)
        expected.append(said(built.network, x))
    mean = torch.stack(expected).mean(dim=0)
    built = assembled(asked, ensemble.weights(), (2, 1, 1), 2)
    assert torch.allclose(said(built.network, x), mean, atol=1e-6)
    accuracy = (mean.argmax(dim=1) == data.test.labels).float().mean().item() * 100
    assert of(Ended, records)[0].test.top1 == pytest.approx(accuracy)


def _twice(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """An ensemble of a network and itself."""
    state = {f"members.{n}.{name}": value for n in (0, 1) for name, value in weights.items()}
    return {**state, "votes": torch.ones(2)}


def test_members_are_told_of_one_after_the_other() -> None:
    """Steps, epochs and seconds go on; there is a score of the ensemble at each member's end."""
    records = list(fit_ensemble(recipe("average")))
    began, steps, epochs = of(Began, records), of(Step, records), of(Epoch, records)
    assert len(began) == 1
    assert began[0].steps == 3 * 2 * 4
    assert began[0].title.startswith("Average of 3: ")
    assert [each.step for each in steps] == list(range(1, 25))
    assert all(a.seconds <= b.seconds for a, b in itertools.pairwise(steps))
    assert [each.epoch for each in epochs] == [2, 4, 6]
    ended = of(Ended, records)
    assert (ended[0].reason, ended[0].steps, ended[0].epochs) == ("length", 24, 6)
    assert records[-1] is ended[0]
    assert ended[0].test.count == 500


def test_bagging_draws_with_replacement() -> None:
    """Each member from other points, some of them twice; as many as there are."""
    asked = recipe("bagging")
    drawn = [splits.sets(asked, bootstrap=number).train_indices for number in range(2)]
    ensemble = Ensemble(asked)
    list(ensemble.records())
    assert all(len(each) == 40 and len(each.unique()) < 40 for each in drawn)
    assert not torch.equal(*drawn)
    scales = [value for name, value in ensemble.weights().items() if name.endswith(".scale")]
    std = [splits.sets(asked, bootstrap=number).std for number in range(3)]
    base = splits.sets(asked).std
    for scale, own in zip(scales, std, strict=True):
        assert torch.allclose(scale.flatten(), base / own, rtol=1e-5)


def test_boosting_weights_what_was_wrong() -> None:
    """Votes and the second member's weights by SAMME, from the first one trained by hand."""
    asked = recipe("boosting", 2)
    ensemble = Ensemble(asked)
    list(ensemble.records())
    data = splits.sets(asked)
    first = Training(alone(asked), sets=data)
    list(first.records())
    x = (data.train.values - data.mean.view(-1, 1, 1)) / data.std.view(-1, 1, 1)

    def wrong(weights: dict[str, Tensor]) -> np.ndarray:
        built = assembled(recipe("average", 2), _twice(weights), (2, 1, 1), 2)
        return (said(built.network, x).argmax(dim=1) != data.train.labels).numpy()

    missed = wrong(first.weights())
    vote = samme.vote(samme.error(np.ones(40), missed), 2)
    weights = torch.from_numpy(samme.reweighted(np.ones(40), missed, vote))
    second = Training(alone(asked, 1), sets=data, sample_weights=weights)
    list(second.records())
    votes = ensemble.weights()["votes"]
    assert votes[0].item() == pytest.approx(vote, rel=1e-6)
    kept = ensemble.weights()
    for name, value in second.weights().items():
        assert torch.equal(kept[f"members.1.{name}"], value)


def test_boosting_ends_where_nothing_is_wrong() -> None:
    """Rows that a linear layer can tell apart; its first member has the only vote."""
    asked = checked(network="linear", ensemble="boosting", members=3, length=60, batch_size=11)
    data = small.sets()
    records = list(Ensemble(asked, sets=data).records())
    assert of(Ended, records)[0].reason == "early stopping"
    assert of(Epoch, records)[-1].train.top1 == 100
    assert len(of(Epoch, records)) < 3


@pytest.mark.parametrize("kind", ["average", "bagging", "boosting"])
@pytest.mark.parametrize("stop", [3, 8, 11])
def test_going_on_equals_going_through(kind: str, stop: int, tmp_path: Path) -> None:
    """Saved within a member, at its last step, and within the next; the same records follow."""
    asked = recipe(kind)
    whole = small.told(Ensemble(asked).records())
    path = tmp_path / "checkpoint.pt"

    first: list[Record] = []
    interrupted = Ensemble(asked)
    for record in interrupted.records():
        first.append(record)
        if isinstance(record, Step) and record.step == stop:
            interrupted.save(path)
            break
    rest = list(Ensemble(asked, checkpoint=path).records())
    assert isinstance(rest[0], Began)
    assert rest[0].step == stop
    assert small.told(first) + small.told(rest[1:]) == whole


def test_saved_between_two_members(tmp_path: Path) -> None:
    """When the first is scored and the second has not begun."""
    asked = recipe("average")
    whole = small.told(Ensemble(asked).records())
    ensemble, first = Ensemble(asked), []
    for record in ensemble.records():
        first.append(record)
        if isinstance(record, Epoch):
            ensemble.save(tmp_path / "checkpoint.pt")
            break
    rest = list(Ensemble(asked, checkpoint=tmp_path / "checkpoint.pt").records())
    assert small.told(first) + small.told(rest[1:]) == whole


def test_what_a_killed_save_leaves_is_known_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named as everything that is being written, so the run's next process removes it."""
    seen: list[str] = []
    whole = np.fromfile

    def looking(path: Path, *more: Any) -> Any:
        seen.extend(each.name for each in tmp_path.iterdir())
        return whole(path, *more)

    monkeypatch.setattr(np, "fromfile", looking)
    ensemble = Ensemble(recipe("average"))
    next(ensemble.records())
    ensemble.save(tmp_path / "checkpoint.pt")
    assert seen
    assert all(each.endswith(".part") for each in seen)
    assert [each.name for each in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_an_ensemble_that_is_whole_does_not_go_on(tmp_path: Path) -> None:
    """Its members are all there."""
    ensemble = Ensemble(recipe("average"))
    list(ensemble.records())
    ensemble.save(tmp_path / "checkpoint.pt")
    with pytest.raises(BadRequest, match="all its members"):
        Ensemble(recipe("average"), checkpoint=tmp_path / "checkpoint.pt")


def test_stopping_keeps_the_member_that_learns() -> None:
    """Of the second one after two of its eight steps."""
    ensemble = Ensemble(recipe("average"))
    records = []
    for record in ensemble.records():
        records.append(record)
        if isinstance(record, Step) and record.step == 10:
            ensemble.ask("stopped")
    ended = of(Ended, records)[0]
    assert (ended.reason, ended.steps, ended.test) == ("stopped", 10, None)
    assert ensemble.weights()["votes"].tolist() == [1.0, 1.0]
    built = assembled(recipe("average"), ensemble.weights(), (2, 1, 1), 2)
    assert isinstance(built.network, Crowd)


def test_histograms_are_those_of_the_member_that_learns() -> None:
    """Their step counts all members' steps."""
    ensemble = Ensemble(recipe("average"))
    for record in ensemble.records():
        if isinstance(record, Step) and record.step == 9:
            found = ensemble.histograms()
            break
    assert isinstance(found, Histograms)
    assert found.step == 9


def test_best_weights_are_those_of_the_first_so_many() -> None:
    """The ensemble whose held-out loss was lowest."""
    ensemble = Ensemble(recipe("average"))
    epochs = of(Epoch, list(ensemble.records()))
    losses = [each.validation.loss for each in epochs]
    best = ensemble.best_weights()
    assert best is not None
    assert len(best["votes"]) == losses.index(min(losses)) + 1


def test_what_cannot_be_averaged_is_refused() -> None:
    """Scores of a squared error are no probabilities."""
    with pytest.raises(BadRequest, match="cross-entropy"):
        Ensemble(recipe("average", loss="squared error"))


def test_weights_of_something_else_are_refused() -> None:
    """Of one network, and of members of another width."""
    with pytest.raises(BadCheckpoint, match="not those of an ensemble"):
        assembled(recipe("average"), {"weight": torch.ones(2)}, (2, 1, 1), 2)
    run = Training(alone(recipe("average", width=5)))
    with pytest.raises(BadCheckpoint, match="do not fit"):
        assembled(recipe("average", 2), _twice(run.weights()), (2, 1, 1), 2)


def test_training_is_of_one_or_several() -> None:
    """By what the recipe says."""
    assert isinstance(training(recipe("average")), Ensemble)
    assert isinstance(training(alone(recipe("average"))), Training)
