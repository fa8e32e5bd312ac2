"""Runs as models of the zoo: what they were trained with is what the pages of pictures use."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from explorer.anatomy import dissect
from explorer.errors import BadRequest, UnknownModel
from explorer.pictures.intake import accept
from explorer.pictures.records import Refused
from explorer.runs.recording import record
from explorer.runs.records import NewRun, Run
from explorer.runs.store import RunStore
from explorer.training.data.splits import sets
from explorer.training.networks import build, fitted
from explorer.training.recipe import checked
from explorer.vision import loading
from explorer.vision.loading import load
from explorer.vision.predict import predict
from explorer.vision.preprocess import input_tensor, seen_picture
from explorer.zoo import trained_runs, weights
from explorer.zoo.build import card
from tests.runs.made import BEGAN

QUICK: dict[str, Any] = {"data": "digits", "samples": 100, "length": 1, "batch_size": 25}


@pytest.fixture(scope="module", autouse=True)
def _runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A store of its own for this module, and nothing loaded from it afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVZOO_RUNS", str(tmp_path_factory.mktemp("runs")))
        yield
    loading.let_go()


@pytest.fixture(scope="module")
def trained() -> Callable[..., Run]:
    """Train a network in this process and return its run; the same settings once."""
    known: dict[str, Run] = {}

    def train(**settings: Any) -> Run:
        recipe = checked(**{**QUICK, **settings})
        if repr(recipe) not in known:
            store = RunStore()
            new = NewRun(recipe, f"My {recipe.network}", owner="me")
            known[repr(recipe)] = record(store.create(new, queue=False), store)
            assert known[repr(recipe)].state == "done"
        return known[repr(recipe)]

    return train


def name(run: Run) -> str:
    """What the run is called as a model."""
    return f"{trained_runs.PREFIX}{run.id}"


def _deviation(values: Tensor, axes: tuple[int, ...]) -> Tensor:
    return values.std(axes, correction=0)


def as_file(values: Tensor) -> bytes:
    """A picture (C, H, W) of uint8 as a PNG."""
    pixels = values.permute(1, 2, 0).squeeze().numpy()
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


NETWORKS = [
    {"network": "lenet5"},
    {"network": "small_cnn", "depth": 4, "normalisation": "group"},
    {"network": "resnet20", "activation": "elu", "dropout": 0.2},
    {"network": "mlp", "size": 11},
]


@pytest.mark.parametrize("settings", NETWORKS, ids=lambda it: it["network"])
def test_the_prediction_is_the_networks_own(
    trained: Callable[..., Run], settings: dict[str, Any]
) -> None:
    """A test picture through the gate and the page's call, against the weights in the file.

    The network is built by the recipe alone and given the fitted, normalised picture.
    """
    run = trained(**settings)
    data = sets(run.recipe)
    prepared = build(run.recipe, data.data.shape, len(data.data.classes))
    prepared.network.load_state_dict(load_file(run.folder / "last.safetensors"))
    seen = fitted(data.train.values, prepared.shape) / 255
    mean, std = (each(seen, (0, 2, 3))[:, None, None] for each in (torch.mean, _deviation))
    for place in (0, 7, 23):
        pictures = data.test.values[place : place + 1]
        inputs = (fitted(pictures, prepared.shape) / 255 - mean) / std
        with torch.inference_mode():
            wanted = prepared.network.eval()(inputs).softmax(dim=1)[0]
        given = accept(as_file(pictures[0]), "digit.png")
        torch.testing.assert_close(input_tensor(given, load(name(run)).preprocessing), inputs)
        (found,) = predict(name(run), [given], weights="last")
        assert not isinstance(found, Refused)
        np.testing.assert_allclose(found.probabilities, wanted.numpy(), atol=1e-6)
        assert found.top[0].name == data.data.classes[int(wanted.argmax())]
        assert not found.use.random


def test_the_card_tells_of_the_run(trained: Callable[..., Run]) -> None:
    """Title, input, parameters as counted; LeNet-5 takes 32 to 35 pixels, as in the zoo."""
    run = trained(network="lenet5")
    found = card(name(run))
    assert (found.title, found.source, found.task) == ("My lenet5", "run", "classification")
    assert found.input_shape == (1, 32, 32)
    assert (found.smallest, found.largest) == (32, 35)
    assert found.params == 61_706
    assert found.macs == 416_520  # LeCun's net: 117,600 + 240,000 + 48,000 + 10,080 + 840
    assert found.paper.year == 1998
    assert "Digits" in found.idea


def test_a_run_is_taken_apart(trained: Callable[..., Run]) -> None:
    """With its swapped parts, in the shape it is given."""
    run = trained(**NETWORKS[1])
    anatomy = dissect(name(run))
    assert anatomy.failure is None
    assert anatomy.title == "My small_cnn"
    assert {"GroupNorm"} <= {layer.kind for layer in anatomy.layers}
    assert "BatchNorm2d" not in {layer.kind for layer in anatomy.layers}


def test_the_card_says_what_the_recipe_changed(trained: Callable[..., Run]) -> None:
    """Not "as in the paper", where a part was swapped."""
    said = " ".join(card(name(trained(**NETWORKS[2]))).differs)
    assert "10 outputs" in said
    assert "activation elu" in said
    assert "20 % of what reaches the last layer" in said


def test_weights_are_those_that_were_kept(trained: Callable[..., Run]) -> None:
    """Last and best, what was tested first; random ones at the end."""
    run = trained(network="lenet5")
    found = weights.available(card(name(run)))
    assert [each.key.partition("-")[0] for each in found] == ["last", "best", "random"]
    assert run.result is not None
    assert run.result.test is not None
    assert found[0].top1 == run.result.test.top1
    assert found[1].top1 is None  # nobody measured it
    assert weights.choose(card(name(run))) == found[0]
    assert weights.find(card(name(run)), "best") == found[1]
    assert weights.find(card(name(run)), "last-0").key == found[0].key  # an older link


def test_weights_that_were_replaced_have_another_key(trained: Callable[..., Run]) -> None:
    """So a run that goes on is not shown with what it was before."""
    run = trained(network="linear")
    model, path = card(name(run)), run.folder / "last.safetensors"
    before = load(name(run), "last")
    state = load_file(path)
    save_file({key: each * 0 for key, each in state.items()}, path)
    after = load(name(run), "last")
    assert after.choice.key != before.choice.key == before.use.weights
    with after.borrowed() as network:
        assert not any(each.any() for each in network.parameters())
    assert weights.choose(model).key == after.choice.key


def test_a_digit_on_paper_is_inverted_before_its_border(tmp_path: Any) -> None:
    """MNIST's 28 pixels in 32: a white sheet becomes black all over, the border included."""
    store = RunStore()
    recipe = checked(network="lenet5", data="mnist")
    run = store.run(store.create(NewRun(recipe, "Paper", owner="me"), queue=False))
    began = dataclasses.replace(
        BEGAN, shape=(1, 32, 32), pictures=(1, 28, 28), mean=(0.13,), std=(0.31,)
    )
    store.begin(run.id)
    store.add(run.id, [began])
    sheet = np.full((28, 28), 255, np.uint8)
    sheet[10:18, 12:16] = 0
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "PNG")
    recipe_of_pictures = load(name(run), "random").preprocessing
    assert (recipe_of_pictures.resize, recipe_of_pictures.crop) == (28, (32, 32))
    seen = seen_picture(accept(buffer.getvalue(), "sheet.png"), recipe_of_pictures)[..., 0]
    wanted = np.zeros((32, 32), np.uint8)
    wanted[12:20, 14:18] = 255
    assert np.array_equal(seen, wanted)


def test_large_pictures_lose_what_training_never_saw(trained: Callable[..., Run]) -> None:
    """A photograph is brought to the digits' 8 pixels first, then to LeNet-5's 32."""
    recipe = load(name(trained(network="lenet5"))).preprocessing
    assert (recipe.through, recipe.resize, recipe.crop, recipe.grey) == (8, 32, (32, 32), True)
    fine = np.indices((320, 320)).sum(axis=0) % 2 * 255
    buffer = io.BytesIO()
    Image.fromarray(fine.astype(np.uint8)).save(buffer, "PNG")
    seen = seen_picture(accept(buffer.getvalue(), "chequers.png"), recipe)
    assert np.ptp(seen) <= 2  # one grey: no pattern of single pixels is left


def test_points_have_no_pictures(trained: Callable[..., Run]) -> None:
    """Their anatomy is there; a picture is refused in one sentence."""
    run = trained(network="mlp", data="moons", depth=3, width=8)
    assert card(name(run)).input_shape == (2, 1, 1)
    assert dissect(name(run)).failure is None
    with pytest.raises(BadRequest, match="points"):
        load(name(run))


def test_an_ensemble_answers_with_all_its_members(trained: Callable[..., Run]) -> None:
    """Two networks: the mean of what each says alone."""
    run = trained(network="linear", ensemble="average", members=2)
    loaded = load(name(run))
    picture = torch.rand(1, 1, 8, 8)
    with loaded.borrowed() as network, torch.inference_mode():
        whole = network(picture).softmax(dim=1)
        members = [
            member(picture).softmax(dim=1) for member in network.get_submodule("members").children()
        ]
    assert len(members) == 2
    torch.testing.assert_close(whole, sum(members) / 2)


def test_unknown_deleted_and_foreign_runs_are_said(trained: Callable[..., Run]) -> None:
    """One sentence each; a shared run is everybody's."""
    with pytest.raises(UnknownModel, match="no run called 'nobody'"):
        card("run:nobody")
    run = trained(network="mlp", seed=9)
    assert trained_runs.visible(name(run), "me").id == run.id
    with pytest.raises(UnknownModel, match="another visitor"):
        trained_runs.visible(name(run), "you")
    RunStore().share(run.id, True)
    assert trained_runs.visible(name(run), "you").id == run.id
    assert run.id in {each.id for each in trained_runs.offered("you")}
    RunStore().delete(run.id)
    with pytest.raises(UnknownModel, match="deleted"):
        card(name(run))
    with pytest.raises(UnknownModel, match="deleted"):
        load(name(run))


def test_a_run_that_waits_cannot_be_opened() -> None:
    """It has no input yet; a sentence says to come back."""
    store = RunStore()
    waiting = store.create(NewRun(checked(**QUICK), "Later", owner="me"))
    with pytest.raises(BadRequest, match="not begun"):
        card(f"run:{waiting}")
    assert waiting not in {each.id for each in trained_runs.offered("me")}


def test_lost_weights_are_said(trained: Callable[..., Run]) -> None:
    """A key whose file is gone names what there is."""
    run = trained(network="mlp", seed=3)
    (run.folder / "best.safetensors").unlink()
    with pytest.raises(BadRequest, match="last"):
        weights.find(card(name(run)), "best")
