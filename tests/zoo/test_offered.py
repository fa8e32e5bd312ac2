"""What is offered first where nothing was downloaded: the best this project trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.zoo import catalogue, offered, own_weights
from tests.zoo import own_cards


@pytest.fixture(autouse=True)
def checkpoints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Three networks with weights, and an empty folder for what is downloaded."""
    cards = tmp_path / "weights"
    cards.mkdir()
    for model, top1 in (("plain20", 78.0), ("cifar_resnet20_a", 81.0), ("lenet5", 99.0)):
        own_cards.write(cards, model, top1)
    monkeypatch.setattr(own_weights, "folder", lambda: cards)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def test_the_best_in_colour_is_first(checkpoints: Path) -> None:
    """LeNet-5 is better at what it does, which is digits."""
    assert offered.first() == "cifar_resnet20_a"
    assert [each.model for each in offered.ready()] == ["cifar_resnet20_a", "plain20"]
    checkpoints.rmdir()
    assert offered.first() == "cifar_resnet20_a", "nor where there is no folder at all"


def test_published_weights_on_disk_keep_the_usual_order(checkpoints: Path) -> None:
    """A classifier's; those of a detector, or a file of another kind, do not."""
    (checkpoints / "ssd300_vgg16_coco-b556d3b4.pth").write_bytes(b"numbers")
    (checkpoints / "notes.txt").write_bytes(b"words")
    assert offered.first() == "cifar_resnet20_a"
    (checkpoints / "squeezenet1_0-b66bff10.pth").write_bytes(b"numbers")
    assert offered.first() is None


def test_without_weights_of_our_own_nothing_is_offered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The zoo's usual model is then first."""
    monkeypatch.setattr(own_weights, "folder", lambda: tmp_path)
    assert offered.first() is None
    assert offered.instead_of(catalogue.find("resnet50")) is None


def test_what_stands_in_reads_the_same_pictures() -> None:
    """Colours for ResNet-50, digits for a LeNet-5 without weights, and nothing for the best."""
    for model, other in (("resnet50", "cifar_resnet20_a"), ("lenet5_partial", "lenet5")):
        found = offered.instead_of(catalogue.find(model))
        assert found is not None
        assert found.model == other
    assert offered.instead_of(catalogue.find("cifar_resnet20_a")) is None
