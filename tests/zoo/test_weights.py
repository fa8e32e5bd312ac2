"""Which weights a model has, in which order, and which are on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch.hub
from torchvision.models import ResNet50_Weights, get_model_weights, list_models

from explorer import config
from explorer.errors import BadRequest, MissingWeights
from explorer.zoo import catalogue, weights
from explorer.zoo.cards import ModelCard
from explorer.zoo.catalogue import find


@pytest.fixture(autouse=True)
def checkpoints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Empty folders for torchvision's files and for what was handed in."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    "environment",
    [
        {"TORCH_HOME": "/somewhere/torch"},
        {"TORCH_HOME": "~/torch", "XDG_CACHE_HOME": "/cache"},
        {"XDG_CACHE_HOME": "/cache"},
        {},
    ],
)
def test_files_are_looked_for_where_torch_hub_looks(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held against torch.hub itself."""
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert str(config.torch_checkpoints()) == f"{torch.hub.get_dir()}/checkpoints"


def test_every_published_file_is_known_by_torch_hubs_name_and_hash() -> None:
    """All 86 classifiers and segmenters: the name and what torch.hub reads out of it."""
    models = [each for each in catalogue.cards() if each.source == "torchvision"]
    shown = [each for each in models if each.task in ("classification", "segmentation")]
    assert len(shown) == 86
    for card in shown:
        published = [each for each in weights.available(card) if each.kind == "published"]
        assert published
        for each in published:
            found = torch.hub.HASH_REGEX.search(each.file)
            assert found
            assert (each.file, each.digest) == (each.url.rpartition("/")[2], found.group(1))
            assert each.key in get_model_weights(card.name).__members__
        assert published[0].key == get_model_weights(card.name).DEFAULT.name


def test_the_default_comes_first_and_random_last() -> None:
    """ViT-B/16: torchvision's default, then the better SWAG ones by accuracy, then random."""
    found = weights.available(find("vit_b_16"))
    assert [each.key for each in found] == [
        "IMAGENET1K_V1",
        "IMAGENET1K_SWAG_E2E_V1",
        "IMAGENET1K_SWAG_LINEAR_V1",
        "random",
    ]
    assert "CC BY-NC 4.0" in found[1].licence
    assert "ImageNet" in found[0].licence


def test_vgg16s_weights_without_a_classifier_are_left_out() -> None:
    """IMAGENET1K_FEATURES has NaN in its classifier: nothing could be predicted with it."""
    assert [each.key for each in weights.available(find("vgg16"))] == ["IMAGENET1K_V1", "random"]


@pytest.mark.parametrize(
    "name", [n for n in list_models() if catalogue.find(n).task in ("detection", "optical flow")]
)
def test_other_tasks_have_random_weights_only(name: str) -> None:
    """As do quantised and video networks."""
    assert [each.key for each in weights.available(find(name))] == ["random"]


def test_a_file_counts_once_it_is_there(checkpoints: Path) -> None:
    """Under torchvision's name; empty ones, folders and parts do not."""
    card = find("resnet50")
    file = checkpoints / "resnet50-0676ba61.pth"
    assert not any(each.on_disk for each in weights.available(card)[:-1])
    file.touch()
    (checkpoints / "resnet50-11ad3fa6.pth").mkdir()
    assert weights.choose(card).key == "random"
    file.write_bytes(b"numbers")
    chosen = weights.choose(card)
    assert (chosen.key, chosen.path) == ("IMAGENET1K_V1", str(file))
    assert chosen.top1 == ResNet50_Weights.IMAGENET1K_V1.meta["_metrics"]["ImageNet-1K"]["acc@1"]
    assert weights.find(card, "IMAGENET1K_V2").path == ""


def test_the_default_is_chosen_where_both_are_there(checkpoints: Path) -> None:
    """torchvision's own choice."""
    for name in ("resnet50-0676ba61.pth", "resnet50-11ad3fa6.pth"):
        (checkpoints / name).write_bytes(b"numbers")
    assert weights.choose(find("resnet50")).key == "IMAGENET1K_V2"
    assert weights.choose(find("resnet50"), "random").key == "random"


def test_an_interrupted_download_is_told(checkpoints: Path) -> None:
    """How much of the file is here."""
    (checkpoints / "resnet50-11ad3fa6.pth.part").write_bytes(b"x" * 1500)
    found = weights.find(find("resnet50"), "IMAGENET1K_V2")
    assert not found.on_disk
    assert found.note == "1.50 kB of it are here already; a download goes on from there."


def test_missing_weights_say_which_file_goes_where(checkpoints: Path) -> None:
    """One sentence, enough to do it by hand."""
    with pytest.raises(MissingWeights) as caught:
        weights.choose(find("resnet50"), "IMAGENET1K_V2")
    assert str(caught.value) == (
        "The weights IMAGENET1K_V2 of ResNet-50 are not on this computer: download them here, or "
        f"put the file resnet50-11ad3fa6.pth into the folder {checkpoints}."
    )


def test_unknown_weights_say_what_there_is() -> None:
    """From an address, say."""
    with pytest.raises(BadRequest, match="has no weights called 'BEST'; it has IMAGENET1K_V2, "):
        weights.choose(find("resnet50"), "BEST")
    with pytest.raises(MissingWeights, match="'file:12ab' for ResNet-50 is not kept here"):
        weights.choose(find("resnet50"), "file:12ab")


def test_our_own_are_used_before_random_ones() -> None:
    """LeNet-5 reads digits from the first day."""
    chosen = weights.choose(find("lenet5"))
    assert (chosen.key, chosen.kind, chosen.dataset) == ("convzoo", "own", "MNIST")
    assert Path(chosen.path).is_file()


def card_of(source: str) -> ModelCard:
    """A classifier that is not torchvision's, with a published file elsewhere."""
    known = find("resnet50")
    values = {name: getattr(known, name) for name in ModelCard.__dataclass_fields__}
    return ModelCard(**values | {"name": f"{source}:net", "source": source})


@pytest.mark.parametrize("source", ["timm", "user"])
def test_models_from_elsewhere_start_at_random(source: str) -> None:
    """Their files are not torchvision's."""
    assert [each.key for each in weights.available(card_of(source))] == ["random"]


def test_every_sentence_is_one() -> None:
    """Licences and notes end as sentences do."""
    for name in ("resnet50", "vit_b_16", "lenet5", "fcn_resnet50"):
        for each in weights.available(find(name)):
            assert all(not text or text.endswith(".") for text in (each.licence, each.note))
