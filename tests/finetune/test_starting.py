"""What a fine-tuning starts from, and a run of one as a model like any other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from explorer.collections.store import CollectionStore
from explorer.errors import BadRequest, MissingWeights, UnknownModel
from explorer.finetune import starting
from explorer.pictures.intake import accept
from explorer.runs.recording import record
from explorer.runs.records import NewRun, Run
from explorer.runs.store import RunStore
from explorer.training.recipe import checked
from explorer.vision import loading, preprocess
from explorer.zoo import build, weights
from tests.finetune.tuned import CLASSES, collection, recipe


@pytest.fixture(scope="module", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Collections and runs of these tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("starting")
        patch.setenv("CONVZOO_DATA", str(folder))
        patch.setenv("CONVZOO_RUNS", str(folder / "runs"))
        yield


@pytest.fixture(scope="module")
def tuned() -> Run:
    """A run that was fine-tuned from LeNet-5's own weights, with dropout before its head."""
    store = RunStore()
    asked = recipe(network="lenet5", weights="convzoo", regime="head", dropout=0.2, length=3)
    run = record(store.create(NewRun(asked, "tuned"), queue=False), store)
    assert run.state == "done", run.sentence
    return run


def network(name: str, key: str) -> nn.Module:
    """A model of the zoo with these weights, in evaluation mode."""
    card = build.card(name)
    return loading.network(card, weights.choose(card, key)).eval()


def test_a_run_opens_with_its_preprocessing_and_classes(tuned: Run) -> None:
    """As its weights want pictures, with the collection's names; the card counts the network."""
    model = loading.load(f"run:{tuned.id}", "last")
    assert model.classes == CLASSES
    own = loading.load("lenet5", "convzoo").preprocessing
    assert model.preprocessing == own
    skeleton = build.network("lenet5")
    head = 84 * 10 + 10 - (84 * 2 + 2)
    assert model.card.params == sum(each.numel() for each in skeleton.parameters()) - head


def test_its_scores_are_those_of_the_weights_it_kept(tuned: Run) -> None:
    """The head of the file on the features that LeNet-5 itself gives."""
    key = collection()
    item = CollectionStore().get(key).items[0]
    picture = accept(CollectionStore().picture(key, item.id), item.name)
    model = loading.load(f"run:{tuned.id}", "last")
    original = network("lenet5", "convzoo")
    inputs = preprocess.input_tensor(picture, model.preprocessing)
    given: list[torch.Tensor] = []
    hook = original.get_submodule("output").register_forward_pre_hook(
        lambda _, args: given.append(args[0])
    )
    with torch.no_grad():
        original(inputs)
        hook.remove()
        state = load_file(tuned.folder / "last.safetensors")
        kernel, bias = state["output.layer.weight"], state["output.layer.bias"]
        scores = network(f"run:{tuned.id}", "last")(inputs)
        assert torch.allclose(scores, given[0] @ kernel.T + bias, atol=1e-5)
    assert kernel.abs().max() > 0


def test_a_tuned_network_can_be_tuned_again(tuned: Run) -> None:
    """Its head is fresh again, all else is what the run has kept."""
    again = recipe(network=f"run:{tuned.id}", weights="last", regime="all")
    start = starting.start(again, 5)
    state = load_file(tuned.folder / "last.safetensors")
    assert torch.equal(start.network.state_dict()["c1.weight"], state["c1.weight"])
    head = start.network.get_submodule(start.head)
    assert [each.shape[0] for each in head.parameters()] == [5, 5]


def test_published_weights_prepare_pictures() -> None:
    """ImageNet's way at torchvision's size, at another side in proportion; nothing is loaded."""
    resnet = checked(network="resnet18", weights="IMAGENET1K_V1")
    own = starting.preprocessing(resnet)
    assert (own.resize, own.crop, own.mean) == (256, (224, 224), (0.485, 0.456, 0.406))
    half = starting.preprocessing(checked(network="resnet18", weights="IMAGENET1K_V1", size=112))
    assert (half.resize, half.crop) == (128, (112, 112))
    parts = starting.parts(
        checked(network="resnet18", weights="IMAGENET1K_V1", regime="last", blocks=2), 10
    )
    assert [each.name for each in parts.learning] == ["layer4.0", "layer4.1", "fc"]
    # He et al.: 11,689,512 with a head for 1,000 classes.
    assert parts.params == 11_689_512 - 513 * 1000 + 513 * 10
    with pytest.raises(BadRequest, match="leave the side at 0"):
        starting.preprocessing(checked(network="vit_b_16", weights="IMAGENET1K_V1", size=96))


def test_what_cannot_be_started_from(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Random and missing weights, unknown names, other tasks and runs that are gone."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name, key, error in (
        ("resnet18", "random", BadRequest), ("resnet18", "IMAGENET1K_V1", MissingWeights),
        ("resnet18", "V9", BadRequest), ("resnet1", "V1", UnknownModel),
        ("fcn_resnet50", "V1", BadRequest), ("run:gone", "last", UnknownModel),
    ):  # fmt: skip
        with pytest.raises(error):
            starting.start(checked(network=name, weights=key), 2)


@pytest.mark.slow
def test_squeezenet_keeps_its_weights(shared_data: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the head they are torchvision's own."""
    monkeypatch.setenv("TORCH_HOME", f"{shared_data}/torch_home")
    start = starting.start(checked(network="squeezenet1_0", weights="IMAGENET1K_V1"), 2)
    whole = network("squeezenet1_0", "IMAGENET1K_V1").state_dict()
    for name, value in start.network.state_dict().items():
        assert name.startswith("classifier.1") or torch.equal(value, whole[name].cpu()), name
