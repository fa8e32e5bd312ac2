"""An archive that was put into the data folder by hand."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from explorer.errors import MissingData
from explorer.training.data import catalogue, placed
from explorer.training.data.loading import load
from tests.training.data.picture_folders import painted


def test_what_is_not_there_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its path, and with the set that can be downloaded in its stead."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path))
    assert not catalogue.on_disk("cifar10-jpeg")
    with pytest.raises(MissingData, match=r"cifar10-jpeg\.tar\.xz: put .* train on cifar10,"):
        load("cifar10-jpeg")


def test_it_is_read_from_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive's own two parts, the classes in the order of CIFAR-10."""
    classes = catalogue.find("cifar10").classes
    for part, count in (("train", 3), ("test", 2)):
        painted(tmp_path / "made" / part, dict.fromkeys(classes, count), (32, 32))
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path))
    file = placed.path("cifar10-jpeg")
    file.parent.mkdir()
    with tarfile.open(file, "w:xz") as archive:
        for part in ("train", "test"):
            archive.add(tmp_path / "made" / part, part)
    assert catalogue.on_disk("cifar10-jpeg")
    loaded = load("cifar10-jpeg")
    assert loaded.data.key == "cifar10-jpeg"
    assert loaded.train.values.shape == (30, 3, 32, 32)
    assert loaded.test.labels.bincount().tolist() == [2] * 10
