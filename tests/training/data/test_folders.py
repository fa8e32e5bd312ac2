"""Folders and archives on this computer: decoded once, and again when a file changes."""

from __future__ import annotations

import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.errors import BadData
from explorer.training.data import catalogue, folders, kept
from explorer.training.data.loading import load
from tests.training.data.picture_folders import encoded, painted, zipped


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty data folder."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Two classes of ten pictures 10 x 12."""
    return painted(tmp_path / "pets", {"cat": 10, "dog": 10})


def test_a_folder_is_loaded_as_it_was_announced(pets: Path) -> None:
    """What `find` says before anything is decoded is what `load` brings."""
    announced = catalogue.find(f"folder:{pets}")
    loaded = load(f"folder:{pets}")
    assert (announced.title, announced.classes) == ("pets", ("cat", "dog"))
    assert announced.shape == tuple(loaded.train.values.shape[1:]) == (3, 10, 12)
    assert (announced.train, announced.test) == (len(loaded.train), len(loaded.test)) == (16, 4)
    assert loaded.test.labels.bincount().tolist() == [2, 2]
    assert loaded.train.labels.dtype == torch.int64


def test_a_second_visit_decodes_nothing(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was prepared is read, and equal."""
    first = load(f"folder:{pets}")

    def never(*_: object, **__: object) -> None:
        raise AssertionError("it was decoded again")

    monkeypatch.setattr(folders, "assemble", never)
    again = load(f"folder:{pets}")
    assert torch.equal(again.train.values, first.train.values)
    assert torch.equal(again.test.labels, first.test.labels)
    assert again.data == catalogue.find(f"folder:{pets}") == first.data


def test_a_changed_file_is_seen(pets: Path) -> None:
    """By size or by time."""
    load(f"folder:{pets}")
    same_size = pets / "cat/000.png"
    same_size.write_bytes(encoded(77))
    os.utime(same_size, ns=(1, 1))
    loaded = load(f"folder:{pets}")
    shades = torch.cat([loaded.train.values, loaded.test.values])[:, 0, 0, 0]
    assert 77 in shades
    (pets / "dog/010.png").write_bytes(encoded(99))
    assert len(load(f"folder:{pets}").train) + len(load(f"folder:{pets}").test) == 21


def test_archives_are_read_as_their_folders_are(pets: Path, tmp_path: Path) -> None:
    """ZIP, TAR and compressed TAR give the same pictures in the same order."""
    plain = load(f"folder:{pets}")
    (tmp_path / "pets.zip").write_bytes(
        zipped({str(p.relative_to(pets)): p.read_bytes() for p in pets.rglob("*.png")})
    )
    for suffix, mode in (("tar", "w"), ("tar.xz", "w:xz"), ("tgz", "w:gz")):
        with tarfile.open(tmp_path / f"pets.{suffix}", mode) as archive:
            archive.add(pets, "pets")
    for suffix in ("zip", "tar", "tar.xz", "tgz"):
        loaded = load(f"folder:{tmp_path / f'pets.{suffix}'}")
        assert torch.equal(loaded.train.values, plain.train.values), suffix
        assert torch.equal(loaded.test.labels, plain.test.labels), suffix
        assert loaded.data.classes == ("cat", "dog")


def test_damaged_archives_are_a_sentence(tmp_path: Path) -> None:
    """Cut off or no archive at all."""
    (tmp_path / "a.tar.gz").write_bytes(b"\x1f\x8b but nothing more")
    with pytest.raises(BadData, match="cannot be read"):
        catalogue.find(f"folder:{tmp_path / 'a.tar.gz'}")
    (tmp_path / "b.zip").write_bytes(zipped({"a/1.png": encoded(1)})[:40])
    with pytest.raises(BadData, match="neither a folder nor"):
        catalogue.find(f"folder:{tmp_path / 'b.zip'}")


def test_a_broken_member_is_left_out(pets: Path, tmp_path: Path) -> None:
    """One wrong checksum costs one picture."""
    with zipfile.ZipFile(tmp_path / "spoiled.zip", "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(pets.rglob("*.png")):
            archive.write(path, path.relative_to(pets))
    data = bytearray((tmp_path / "spoiled.zip").read_bytes())
    data[data.index(b"IDAT") + 6] ^= 0xFF
    (tmp_path / "spoiled.zip").write_bytes(data)
    loaded = load(f"folder:{tmp_path / 'spoiled.zip'}")
    assert len(loaded.train) + len(loaded.test) == 19
    assert any("damaged or encrypted in its archive" in note for note in loaded.data.notes)


def test_links_are_followed(pets: Path, tmp_path: Path) -> None:
    """Of folders and of files; a link to nothing is passed over."""
    root = tmp_path / "linked"
    root.mkdir()
    (root / "cat").symlink_to(pets / "cat")
    painted(root, {"dog": 3})
    (root / "dog/900.png").symlink_to(pets / "dog/001.png")
    (root / "dog/901.png").symlink_to(tmp_path / "nothing.png")
    loaded = load(f"folder:{root}")
    assert len(loaded.train) + len(loaded.test) == 14


def test_a_data_folder_that_cannot_be_written_costs_time_only(
    pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pictures are decoded each time."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "file"))
    assert len(load(f"folder:{pets}").train) == 16


def test_what_was_prepared_is_bounded(tmp_path: Path) -> None:
    """The folders not visited for longest are forgotten first."""
    for number in range(kept.FOLDERS.most_files + 2):
        load(f"folder:{painted(tmp_path / f'set{number}', {'a': 2, 'b': 2 + number})}")
    assert len(kept.FOLDERS.newest_first()) == kept.FOLDERS.most_files


@pytest.mark.slow
def test_all_of_cifar10_is_read_as_jpeg(shared_data: Path) -> None:
    """60,000 pictures, ten classes in CIFAR's own order, channel means as always stated."""
    archive = shared_data / "cifar10/cifar10-jpeg.tar.xz"
    if not archive.exists():
        pytest.skip(f"no CIFAR-10 in {shared_data}")
    loaded = load(f"folder:{archive}")
    assert (len(loaded.train), len(loaded.test)) == (50_000, 10_000)
    assert loaded.data.classes == catalogue.find("cifar10").classes
    assert loaded.train.labels.bincount().tolist() == [5000] * 10
    mean = loaded.train.values.numpy().mean((0, 2, 3)) / 255
    # Stated everywhere for the lossless pictures: 0.4914, 0.4822, 0.4465.
    assert np.allclose(mean, (0.4914, 0.4822, 0.4465), atol=5e-4)
