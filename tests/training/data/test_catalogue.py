"""The list of data sets, and who may open what."""

from __future__ import annotations

from pathlib import Path

import pytest
from torchvision import datasets

from explorer.errors import BadData, BadRequest, MissingData
from explorer.training.data import catalogue
from tests.training.data.picture_folders import painted


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty data folder."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_keys_are_those_of_the_recipes() -> None:
    """Frozen: they stand in recipes, links and commands."""
    assert [each.key for each in catalogue.data_sets()] == [
        "digits", "mnist", "fashionmnist", "cifar10", "cifar100", "stl10",
        "cifar10-jpeg", "moons", "circles", "spirals", "blobs", "shapes",
    ]  # fmt: skip


def test_classes_are_torchvisions() -> None:
    """Fashion-MNIST names its classes; MNIST's are digits and a word, of which the digit stays."""
    assert catalogue.find("fashionmnist").classes == tuple(datasets.FashionMNIST.classes)
    words = [name.partition(" ")[0] for name in datasets.MNIST.classes]
    assert catalogue.find("mnist").classes == tuple(words)
    assert len(set(catalogue.find("cifar100").classes)) == 100


def test_every_one_says_what_it_is() -> None:
    """A sentence, a licence, and a paper where there is something to download."""
    for each in catalogue.data_sets():
        assert each.idea.endswith(".")
        assert each.licence
        assert each.kind != "download" or (each.paper and each.link and each.megabytes)


def test_an_unknown_key_says_the_nearest() -> None:
    """One sentence, with the key to type instead."""
    with pytest.raises(BadRequest, match=r"no data set 'cifar-10'; did you mean cifar10"):
        catalogue.find("cifar-10")
    with pytest.raises(BadRequest, match=r"there is digits, mnist, "):
        catalogue.find("zzzzzz")


def test_what_is_on_disk() -> None:
    """Nothing has been downloaded; what is bundled or made up is always there."""
    assert [each.key for each in catalogue.data_sets() if not catalogue.on_disk(each.key)] == [
        "mnist", "fashionmnist", "cifar10", "cifar100", "stl10", "cifar10-jpeg",
    ]  # fmt: skip


def test_pages_open_no_folder_that_is_not_on_offer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recipe in a link is a stranger's: it must not show what is on this computer."""
    key = f"folder:{painted(tmp_path / 'pets', {'cat': 4, 'dog': 4})}"
    assert catalogue.find(key).classes == ("cat", "dog")
    with pytest.raises(BadRequest, match="hand the pictures in as a zip"):
        catalogue.shown(key)
    monkeypatch.setenv("CONVZOO_FOLDERS", f"{tmp_path / 'pets'}:{tmp_path / 'gone'}")
    assert catalogue.shown(key).train == 6
    assert catalogue.offered() == (key, f"folder:{tmp_path / 'gone'}")
    with pytest.raises(BadRequest):
        catalogue.shown(f"folder:{tmp_path}")


def test_a_folder_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    """As are a file that is no archive and a zip nobody handed in."""
    with pytest.raises(MissingData, match="There is no folder"):
        catalogue.find(f"folder:{tmp_path / 'nothing'}")
    (tmp_path / "notes.txt").write_text("cat, dog")
    with pytest.raises(BadData, match="neither a folder nor"):
        catalogue.find(f"folder:{tmp_path / 'notes.txt'}")
    with pytest.raises(MissingData, match="hand its zip in again"):
        catalogue.find("yours:0123456789abcdef")
    for wrong in ("yours:", "yours:../../etc/passwd", "yours:0123456789ABCDEF"):
        with pytest.raises(BadRequest, match="sixteen hex digits"):
            catalogue.find(wrong)
