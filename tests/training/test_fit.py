"""The loop: what it computes, what it tells, when it ends and what it refuses."""

from __future__ import annotations

import dataclasses
import math
import re
import time
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explorer.errors import BadRequest, Diverged, OutOfMemory
from explorer.training import fit as fitting
from explorer.training import room, streams
from explorer.training.fit import Training
from explorer.training.networks import Prepared
from explorer.training.recipe import checked
from explorer.training.records import Began, Ended, Epoch, Filters, Layers, Seen, Step
from tests import small_training as small


def training(given: dict[str, Any] | None = None, **keywords: Any) -> Training:
    """A run of the small problem."""
    parts = {"sets": small.sets(), "prepared": small.network(), "device": "cpu"}
    return Training(small.recipe(**(given or {})), **(parts | keywords))


def of(kind: type, records: list[Any]) -> list[Any]:
    """The records of one kind."""
    return [each for each in records if isinstance(each, kind)]


def collect(run: Training, records: list[Any]) -> None:
    """Keep what is told, whatever happens then."""
    for each in run.records():
        records.append(each)


def losses_of(given: dict[str, Any]) -> list[float]:
    """The losses of an epoch without dropout, whose masks follow the order in memory."""
    run = training({**given, "length": 1}, prepared=small.network(dropout=0.0))
    return [each.loss for each in of(Step, list(run.records()))]


def test_plain_descent_is_the_one_written_by_hand() -> None:
    """Weights and losses after four steps equal those of a loop written here."""
    data, prepared = small.sets(), small.linear()
    run = training(
        {"optimiser": "sgd", "learning_rate": 0.5, "schedule": "constant", "length": 4,
         "unit": "steps", "weight_decay": 0.01},
        sets=data, prepared=prepared,
    )  # fmt: skip
    losses = [each.loss for each in of(Step, list(run.records()))]

    x = data.train.values.flatten(1).double() / 255
    x, y = (x - x.mean()) / x.std(correction=0), F.one_hot(data.train.labels).double()
    weight, bias = torch.zeros(3, 36).double(), torch.zeros(3).double()
    order = streams.order(0, 0, 22)
    for step, loss in enumerate(losses):
        chosen = order[5 * step : 5 * step + 5]
        shares = (x[chosen] @ weight.T + bias).softmax(dim=1)
        assert loss == pytest.approx(-(shares.log() * y[chosen]).sum(dim=1).mean().item(), rel=1e-5)
        slope = (shares - y[chosen]) / 5
        weight = weight - 0.5 * (slope.T @ x[chosen] + 0.01 * weight)
        bias = bias - 0.5 * (slope.sum(dim=0) + 0.01 * bias)
    found = run.weights()
    torch.testing.assert_close(found["1.weight"].double(), weight, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(found["1.bias"].double(), bias, rtol=1e-4, atol=1e-6)


def test_it_tells_all_there_is_in_order() -> None:
    """Began, then steps and epochs as they come, then Ended; shaped as the records promise."""
    records = list(training().records())
    began, ended = records[0], records[-1]
    assert isinstance(began, Began)
    assert isinstance(ended, Ended)
    assert (began.layers, began.shape, began.steps_per_epoch, began.steps) == (
        ("0", "5"),
        small.SHAPE,
        5,
        15,
    )
    assert (began.train, began.validation, began.test) == (22, 7, 8)
    assert [each.step for each in of(Step, records)] == list(range(1, 16))
    assert [each.step for each in of(Layers, records)] == list(range(1, 16))
    assert [each.epoch for each in of(Epoch, records)] == [1.0, 2.0, 3.0]
    seen = of(Seen, records)
    assert seen[0].pictures.shape == (7, 6, 6, 3)
    assert all(each.pictures is None for each in seen[1:])
    assert seen[0].probabilities.shape == (7, 3)
    assert seen[-1].step == 15
    assert of(Filters, records)[0].weights.shape == (4, 1, 3, 3)
    assert ended.reason == "length"
    assert (ended.steps, ended.epochs, ended.test.count) == (15, 3.0, 8)


def test_filters_told_do_not_change_afterwards() -> None:
    """A record is a copy: later steps leave it as it was."""
    filters = of(Filters, list(training().records()))
    assert (filters[0].weights != filters[-1].weights).any()


def test_an_epoch_is_the_mean_over_its_pictures() -> None:
    """Its training score is that of its steps, each counted by its pictures: 5, 5, 5, 5 and 2."""
    records = list(training().records())
    steps, epoch = of(Step, records)[:5], of(Epoch, records)[0]
    pairs = list(zip(steps, (5, 5, 5, 5, 2), strict=True))
    assert epoch.train.count == 22
    assert epoch.train.loss == pytest.approx(sum(s.loss * n for s, n in pairs) / 22, rel=1e-6)
    assert epoch.train.top1 == pytest.approx(sum(s.accuracy * n for s, n in pairs) / 22)


def test_the_same_seed_gives_the_same_curve_and_another_seed_another() -> None:
    """To the bit, whatever else drew from torch's generator in between."""
    given = {"mirror": 0.5, "crop": 1, "input_noise": 0.1, "weight_noise": 0.1}
    first = small.told(training(given).records())
    torch.rand(1000)
    assert small.told(training(given).records()) == first
    assert small.told(training({**given, "seed": 1}).records()) != first


def test_two_runs_in_turn_do_not_disturb_each_other() -> None:
    """Step by step in one process, each is what it is alone."""
    alone = [small.told(training({"seed": seed}).records()) for seed in (0, 1)]
    together = list(zip(*(training({"seed": seed}).records() for seed in (0, 1)), strict=True))
    assert [small.told(part) for part in zip(*together, strict=True)] == alone


@pytest.mark.parametrize(
    ("given", "steps"),
    [
        ({"length": 2}, 10),
        ({"length": 0.4}, 2),
        ({"length": 7, "unit": "steps"}, 7),
        ({"length": 2, "batch_size": 0}, 2),
        ({"length": 1, "batch_size": 7}, 3),
    ],
)
def test_it_lasts_as_long_as_it_should(given: dict[str, Any], steps: int) -> None:
    """In epochs or steps; 22 pictures in sevens leave one over, which is not shown."""
    records = list(training(given).records())
    assert records[-1].steps == steps
    assert records[-2].step == steps, "the run's end closes its last epoch"
    assert isinstance(records[-2], Epoch)


def test_seconds_are_those_of_training() -> None:
    """It ends at the first step after its time; waiting between records does not count."""
    run = training({"length": 1.0, "unit": "seconds"})
    started, waited = time.perf_counter(), 0.0
    for record in run.records():
        if isinstance(record, Step) and record.step < 4:
            time.sleep(0.05)
            waited += 0.05
    ended = record
    assert isinstance(ended, Ended)
    assert 1.0 <= ended.seconds < time.perf_counter() - started - waited
    assert ended.steps > 4


def test_without_a_step_forward_it_stops_early() -> None:
    """At a learning rate of 0 only the first epoch is a best one; three more are waited for."""
    run = training({"learning_rate": 0.0, "patience": 3, "length": 50}, prepared=small.linear())
    records = list(run.records())
    assert [each.best for each in of(Epoch, records)] == [True, False, False, False]
    assert (records[-1].reason, records[-1].epochs, records[-1].weights) == (
        "early stopping",
        4.0,
        "best",
    )


def test_stopping_early_goes_back_to_the_best_weights() -> None:
    """The test is of the best epoch's weights, and the result its scores."""
    run = training({"learning_rate": 0.3, "patience": 2, "length": 100, "schedule": "constant"})
    records = list(run.records())
    ended, epochs = records[-1], of(Epoch, records)
    best = min(epochs, key=lambda each: each.validation.loss)
    assert ended.reason == "early stopping"
    assert epochs[-1].step > best.step
    assert ended.validation == best.validation
    assert ended.train == best.train
    weights = run.best_weights()
    assert weights is not None
    fresh, data = small.network().network.eval(), small.sets()
    fresh.load_state_dict(weights)
    x = data.train.values.double() / 255
    test = (data.test.values.double() / 255 - x.mean()) / x.std(correction=0)
    loss = F.cross_entropy(fresh(test.float()), data.test.labels).item()
    assert ended.test.loss == pytest.approx(loss, rel=1e-4)
    assert (run.weights()["5.weight"] != weights["5.weight"]).any()


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ({"learning_rate": 100.0}, "the learning rate 100 is high for sgd"),
        ({"learning_rate": 0.1, "initialisation": "too large"}, '"he"'),
        ({"learning_rate": 0.1}, "clip gradients at 1"),
    ],
)
def test_divergence_names_the_step_and_the_likely_knob(given: dict[str, Any], advice: str) -> None:
    """It comes after the last record that holds, and its step is the next one."""
    data = small.sets()
    prepared = Prepared(nn.Sequential(nn.Flatten(), _Explosive(36, 3)), small.SHAPE, "Explosive")
    run = training({"optimiser": "sgd", **given}, sets=data, prepared=prepared)
    records: list[Any] = []
    with pytest.raises(Diverged, match=re.escape(advice)) as raised:
        collect(run, records)
    steps = of(Step, records)
    assert f"from step {steps[-1].step + 1:,} on" in str(raised.value)
    assert all(torch.tensor(each.loss).isfinite() for each in steps)


def test_a_last_step_too_far_is_noticed_too() -> None:
    """The loss before it was sound; the weights after it are none."""
    given = {"optimiser": "sgd", "learning_rate": 100.0, "length": 1, "unit": "steps"}
    prepared = small.linear()
    prepared.network[1].register_full_backward_pre_hook(
        lambda module, slopes: (slopes[0] * float("inf"),)
    )
    records: list[Any] = []
    with pytest.raises(Diverged, match="weights are no number any more from step 1 on"):
        collect(training(given, prepared=prepared), records)
    assert [each.step for each in of(Step, records)] == [1]


class Overflowing(nn.Linear):
    """A layer whose evaluation overflows while its training does not."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Infinite scores in evaluation."""
        return super().forward(x.flatten(1)) * (1.0 if self.training else float("inf"))


def test_an_infinite_loss_in_evaluation_alone_ends_nothing() -> None:
    """As running statistics that lag behind give it; it is told and is never the best."""
    prepared = Prepared(Overflowing(36, 3), small.SHAPE, "Overflowing")
    records = list(training(prepared=prepared).records())
    epochs = of(Epoch, records)
    assert len(epochs) == 3
    assert not any(each.best for each in epochs)
    assert not any(math.isfinite(each.validation.loss) for each in epochs)
    assert records[-1].reason == "length"


class _Explosive(nn.Linear):
    """A layer whose third forward pass in training is no number."""

    passes = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.passes += self.training
        return super().forward(x) * (float("nan") if self.passes == 3 else 1.0)


def test_half_precision_is_refused_where_there_is_no_gpu() -> None:
    """In one sentence that says what to choose."""
    with pytest.raises(BadRequest, match="choose fp32 or bf16"):
        training({"precision": "fp16"})


def test_bf16_learns_with_weights_in_fp32() -> None:
    """Multiplications are rounded, so the curve differs a little; the weights stay whole."""
    exact, rounded = (
        list(training({"precision": each}, prepared=small.network()).records())
        for each in ("fp32", "bf16")
    )
    first, other = of(Step, exact)[0].loss, of(Step, rounded)[0].loss
    assert first != other
    assert other == pytest.approx(first, rel=0.02)
    run = training({"precision": "bf16"})
    list(run.records())
    assert run.weights()["0.weight"].dtype == torch.float32


def test_channels_last_computes_the_same() -> None:
    """The order in memory changes no number but for rounding."""
    curves = [losses_of({"layout": each}) for each in ("channels first", "channels last")]
    assert curves[1] == pytest.approx(curves[0], rel=1e-3)


def test_clipping_shortens_the_step_and_tells_the_whole_norm() -> None:
    """Plain descent at rate 1 then moves all weights together by the limit."""
    run = training(
        {"optimiser": "sgd", "learning_rate": 1.0, "clip_norm": 0.01, "schedule": "constant",
         "length": 1, "unit": "steps"},
        prepared=small.linear(),
    )  # fmt: skip
    step = of(Step, list(run.records()))[0]
    moved = torch.cat([each.flatten() for each in run.weights().values()])
    assert step.gradient_norm > 0.1
    assert moved.norm().item() == pytest.approx(0.01, rel=1e-4)


def test_between_is_called_after_every_step_and_may_end_the_run() -> None:
    """Told or not, once the step's records are out; a pause looks at no test set."""
    calls = []
    records: list[Any] = []

    def between() -> None:
        calls.append(len(records))
        if len(calls) == 7:
            run.ask("paused")

    run = training(between=between)
    collect(run, records)
    assert len(calls) == 7
    assert calls[-1] == len(records) - 1, "all records but the last were out"
    ended = records[-1]
    assert (ended.reason, ended.steps, ended.test) == ("paused", 7, None)
    assert not isinstance(records[-2], (Epoch, Seen))


def test_weights_of_pictures_decide_what_is_learned() -> None:
    """The loss is the mean over the batch of weight times loss, weights being 1 on average."""
    weights = torch.arange(22.0)
    run = training({"batch_size": 0, "length": 1}, sample_weights=weights, prepared=small.linear())
    step = of(Step, list(run.records()))[0]
    assert step.loss == pytest.approx(torch.tensor(3.0).log().item(), rel=1e-5)
    with pytest.raises(BadRequest, match="22 training pictures and 3 weights"):
        training(sample_weights=torch.ones(3))


def test_weights_of_zero_are_as_if_the_pictures_were_not_there() -> None:
    """A full batch whose last eleven pictures weigh nothing moves as the first eleven alone."""
    data, given = small.sets(), {"batch_size": 0, "length": 1, "optimiser": "sgd"}
    first = training(
        given, sets=data, prepared=small.linear(),
        sample_weights=(torch.arange(22) < 11).float(),
    )  # fmt: skip
    list(first.records())
    x = data.train.values.flatten(1).double() / 255
    x = ((x - x.mean()) / x.std(correction=0))[:11]
    slope = (torch.full((11, 3), 1 / 3).double() - F.one_hot(data.train.labels[:11])) / 11
    rate = small.recipe().learning_rate
    expected = (-rate * slope.T @ x).float()
    torch.testing.assert_close(first.weights()["1.weight"], expected, rtol=1e-4, atol=1e-6)


def test_one_value_per_channel_is_explained() -> None:
    """torch cannot normalise it; the sentence says what to turn."""
    layers = nn.Sequential(nn.Flatten(), nn.Linear(36, 3), nn.BatchNorm1d(3))
    run = training({"batch_size": 1}, prepared=Prepared(layers, small.SHAPE, "Flat"))
    with pytest.raises(BadRequest, match="batch size of 2 or more"):
        list(run.records())


def test_what_cannot_fit_is_refused_before_it_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what a pass keeps in memory for its way back."""
    monkeypatch.setattr(room.devices, "free_bytes", lambda device: 1000)
    with pytest.raises(OutOfMemory, match="choose a smaller batch size"):
        training()


def test_histograms_leave_the_run_as_it_was() -> None:
    """The curve with them is the one without; counts are of all weights."""
    run = training()
    records = []
    for record in run.records():
        records.append(record)
        if isinstance(record, Step):
            shown = run.histograms()
    assert shown.layers == ("0", "5")
    assert [each.counts.sum() for each in shown.weights] == [36, 192]
    assert [each.counts.sum() for each in shown.gradients] == [36, 192]
    # The last batch of the last epoch has two pictures.
    assert [each.counts.sum() for each in shown.activations] == [2 * 4 * 16, 2 * 3]
    assert small.told(records) == small.told(training().records())


def test_an_ensemble_is_more_than_one_network() -> None:
    """The loop trains one."""
    with pytest.raises(BadRequest, match="one network"):
        training({"ensemble": "average", "members": 2})


def test_a_recipe_alone_is_enough() -> None:
    """Data and network come from it, and LeNet-5 reads most digits after three epochs."""
    records = list(fitting.fit(checked(data="digits", network="lenet5", length=3)))
    assert records[0].title == "LeNet-5"
    assert records[-1].test.top1 > 75
    assert records[-1].test.top5 > 95
    assert dataclasses.asdict(records[0])["pictures"] == (1, 8, 8)


class TwoHeads(nn.Module):
    """Scores from a linear layer, and in training from another one on the side."""

    def __init__(self) -> None:
        super().__init__()
        self.main, self.side = nn.Linear(36, 3), nn.Linear(36, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """Both in training, the main ones alone in evaluation."""
        x = x.flatten(1)
        return (self.main(x), self.side(x)) if self.training else self.main(x)


def test_auxiliary_heads_learn_too_and_are_not_told() -> None:
    """The loss told is the main one's; the other moves by its part, 0.4."""
    network = TwoHeads()
    for each in network.parameters():
        nn.init.zeros_(each)
    run = training(
        {"optimiser": "sgd", "length": 1, "unit": "steps", "batch_size": 0},
        prepared=Prepared(network, small.SHAPE, "Two heads"),
    )
    step = of(Step, list(run.records()))[0]
    assert step.loss == pytest.approx(math.log(3), rel=1e-5)
    weights = run.weights()
    torch.testing.assert_close(weights["side.weight"], 0.4 * weights["main.weight"])


@pytest.mark.slow
def test_a_compiled_network_learns_the_same() -> None:
    """Fused, its numbers differ by rounding alone."""
    curves = [losses_of({"compiled": each}) for each in ("no", "yes")]
    assert curves[1] == pytest.approx(curves[0], rel=1e-3)
