"""What a classifier says of pictures, held against torchvision's own network and transforms."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from explorer.errors import BadRequest, Cancelled, MissingWeights
from explorer.pictures import intake
from explorer.pictures.pixels import pixels
from explorer.pictures.records import Refused
from explorer.vision import loading, predict, preprocess
from explorer.vision.prediction_records import Prediction, Timed, Unable
from explorer.zoo import catalogue
from tests.pictured import beyond_the_gate, noise

if TYPE_CHECKING:
    from explorer.pictures.records import Picture

MISSES = {
    "n01729977_green_snake": "green mamba",
    "n02125311_cougar": "lynx",
    "n02643566_lionfish": "snorkel",
    "n02906734_broom": "great white shark",
}
"""As the data's README states them: what the real weights say of the four they get wrong."""

CLASSIFIERS = [card.name for card in catalogue.cards() if card.task == "classification"]
QUICK = (
    "densenet121", "efficientnet_b0", "googlenet", "inception_v3", "lenet5", "mobilenet_v3_small",
    "plain20", "regnet_y_400mf", "swin_t", "vit_b_32",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_loaded() -> None:
    """Each test loads anew."""
    loading.let_go()


@pytest.fixture
def squeezenet(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The model whose real weights are here."""
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    return "squeezenet1_0"


def photographs(shared_data: Path) -> list[Picture]:
    """The thirty, through the gate, called by their files' names."""
    files = sorted((shared_data / "photos").glob("*.JPEG"))
    assert len(files) == 30
    return [intake.accept(file.read_bytes(), file.name) for file in files]


def answered(found: tuple[Prediction | Refused, ...]) -> list[Prediction]:
    """The answers, none of which is a refusal."""
    assert all(isinstance(each, Prediction) for each in found)
    return [each for each in found if isinstance(each, Prediction)]


def test_real_photographs_get_the_answers_that_are_known(
    squeezenet: str, shared_data: Path
) -> None:
    """26 of the 30 are right; the four others say what the data's README says they say."""
    found = answered(predict.predict(squeezenet, photographs(shared_data)))
    wrong = {}
    for each in found:
        stem = each.picture.removesuffix(".JPEG")
        name = stem.partition("_")[2].replace("_", " ")
        if each.top[0].name.lower() != name.lower():
            wrong[stem] = each
    assert {stem: each.top[0].name for stem, each in wrong.items()} == MISSES
    assert wrong["n01729977_green_snake"].top[0].probability == pytest.approx(0.97, abs=0.005)
    assert wrong["n02125311_cougar"].top[0].probability == pytest.approx(0.42, abs=0.005)
    in_the_top_five = {
        stem for stem, each in wrong.items()
        if stem.partition("_")[2].replace("_", " ") in [guess.name for guess in each.top]
    }  # fmt: skip
    assert in_the_top_five == {"n01729977_green_snake", "n02125311_cougar"}


def test_probabilities_are_torchvisions(squeezenet: str, shared_data: Path) -> None:
    """One picture alone: the softmax of what its own network gives for its own transforms."""
    from torchvision import models  # noqa: PLC0415

    picture = photographs(shared_data)[0]
    weights = models.SqueezeNet1_0_Weights.DEFAULT
    network = models.squeezenet1_0(weights=weights).eval()
    with torch.inference_mode():
        scores = network(weights.transforms()(Image.fromarray(pixels(picture)))[None])[0]
    expected = scores.double().softmax(0)
    found = answered(predict.predict(squeezenet, [picture], top=3))[0]
    assert found.probabilities == pytest.approx(expected.numpy(), abs=1e-12)
    values, places = expected.topk(3)
    assert [each.index for each in found.top] == places.tolist()
    assert [each.probability for each in found.top] == pytest.approx(values.tolist())
    assert [each.logit for each in found.top] == pytest.approx(scores[places].tolist())
    assert [each.name for each in found.top] == [weights.meta["categories"][i] for i in places]
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-12)
    assert found.prepare_seconds > 0
    assert found.forward_seconds > 0


def test_one_refused_picture_stops_no_other() -> None:
    """The answers keep the order; the one in the middle says why there is none."""
    given = [noise(40, 50, 1), beyond_the_gate(1, 300_000), noise(60, 40, 2)]
    found = predict.predict("mobilenet_v1_025", given)
    assert [type(each) for each in found] == [Prediction, Refused, Prediction]
    assert isinstance(found[1], Refused)
    assert found[1].name == given[1].name
    assert found[1].reason.endswith(".")
    alone = answered(predict.predict("mobilenet_v1_025", [given[2]]))[0]
    last = found[2]
    assert isinstance(last, Prediction)
    assert last.probabilities == pytest.approx(alone.probabilities, abs=1e-6)
    assert predict.predict("mobilenet_v1_025", [given[1]]) == (found[1],)
    assert predict.predict("mobilenet_v1_025", []) == ()


def test_batches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight pictures of 224 by 224 at once, fewer of larger ones, and progress for each batch."""
    sizes: list[int] = []
    loaded = loading.load("mobilenet_v1_025", "random")
    with loaded.borrowed() as network:
        inner = network.forward
        monkeypatch.setattr(
            network, "forward", lambda batch: sizes.append(len(batch)) or inner(batch)
        )
        told: list[float] = []
        predict.predict(
            "mobilenet_v1_025",
            [noise(8, 8, seed) for seed in range(18)],
            weights="random",
            progress=lambda fraction, _: told.append(fraction),
        )
    assert sizes == [8, 8, 2]
    assert told == [0, 8 / 18, 16 / 18]


def test_it_can_be_cancelled_between_batches() -> None:
    """What the progress raises ends the work."""

    def stop(fraction: float, sentence: str) -> None:
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        predict.predict("lenet5", [noise(8, 8)], progress=stop)


@pytest.mark.parametrize("top", [0, -3])
def test_the_number_of_classes_is_at_least_one(top: int) -> None:
    """One sentence says so."""
    with pytest.raises(BadRequest, match=f"1 or more, not {top}"):
        predict.predict("lenet5", [noise(8, 8)], top=top)


def test_more_classes_than_there_are_means_all() -> None:
    """LeNet-5 knows ten."""
    found = answered(predict.predict("lenet5", [noise(8, 8)], weights="random", top=50))[0]
    assert sorted(each.index for each in found.top) == list(range(10))
    assert [each.rank for each in found.top] == list(range(1, 11))


def test_scores_that_are_no_numbers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that gives NaN does not give a probability."""
    loaded = loading.load("lenet5", "random")
    with loaded.borrowed() as network:
        monkeypatch.setattr(
            network, "forward", lambda batch: torch.full((len(batch), 10), math.nan)
        )
        found = predict.predict("lenet5", [noise(8, 8)], weights="random")
    assert isinstance(found[0], Refused)
    assert "NaN" in found[0].reason


def test_the_own_digits_are_read() -> None:
    """The LeNet-5 of this project reads the three drawn digits of the gallery."""
    from explorer.pictures import samples  # noqa: PLC0415

    given = [samples.accepted(f"digit_{digit}") for digit in (3, 5, 8)]
    found = answered(predict.predict("lenet5", given))
    assert [each.top[0].name for each in found] == ["3", "5", "8"]
    assert not found[0].use.random


def test_a_comparison_times_each_and_names_who_cannot(squeezenet: str) -> None:
    """Trained and random, another kind of classes, and one without weights, side by side."""
    asked = [
        (squeezenet, None), ("mobilenet_v1_025", None), ("plain20", None), ("resnet18", "no_such"),
        ("fcn_resnet50", None),
    ]  # fmt: skip
    done = predict.compare(asked, noise(200, 300))
    kinds = [type(each) for each in done.answers]
    assert kinds == [Timed, Timed, Timed, Unable, Unable]
    assert isinstance(done.answers[3], Unable)
    assert "no_such" in done.answers[3].reason
    first, second = done.answers[0], done.answers[1]
    assert isinstance(first, Timed)
    assert isinstance(second, Timed)
    assert not first.prediction.use.random
    assert second.prediction.use.random
    assert first.seconds > 0
    assert 1 <= first.passes <= predict.MOST_PASSES
    # One trained network alone is no ensemble, so the random one joins; plain20 knows CIFAR-10.
    assert done.average is not None
    expected = (first.prediction.probabilities + second.prediction.probabilities) / 2
    assert done.average.probabilities == pytest.approx(expected)
    assert len(done.average.left_out) == 1
    assert "other classes" in done.average.left_out[0]


def test_missing_weights_stop_a_prediction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence of the loader comes through."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(MissingWeights):
        predict.predict("resnet18", [noise(8, 8)], weights="IMAGENET1K_V1")


def test_time_is_the_median_of_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1, 9, 2 and 3 tenths of a second it is 2.5 tenths; a fifth pass is not run."""
    seconds = iter([0.1, 0.9, 0.2, 0.3, 0.2])
    monkeypatch.setattr(predict, "_run", lambda *_: (torch.zeros(1), next(seconds)))
    # 0.1 + 0.9 + 0.2 + 0.3 is enough.
    assert predict.forward_seconds(nn.Identity(), torch.zeros(1)) == (pytest.approx(0.25), 4)


def check(name: str) -> None:
    """A model answers with probabilities, and says whether it learned anything."""
    given = noise(90, 120)
    found = answered(predict.predict(name, [given], weights="random"))[0]
    assert found.use.random
    loaded = loading.load(name, "random")
    assert len(found.probabilities) == len(loaded.classes)
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-9)
    assert np.all(np.diff([each.probability for each in found.top]) <= 0)
    with loaded.borrowed() as network, torch.inference_mode():
        scores = network(preprocess.input_tensor(given, loaded.preprocessing))[0]
    assert found.top[0].index == int(scores.argmax())


@pytest.mark.parametrize("name", QUICK)
def test_families_predict(name: str) -> None:
    """One of each kind, with random weights."""
    check(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CLASSIFIERS if name not in QUICK])
def test_all_classifiers_predict(name: str) -> None:
    """All eighty of torchvision and all classics."""
    check(name)
