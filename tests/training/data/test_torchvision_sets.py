"""torchvision's own sets: the real MNIST, and archives made here in CIFAR's and STL's formats."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torchvision import datasets

from explorer.errors import BadData, MissingData
from explorer.training.data import archives, catalogue, torchvision_sets
from explorer.training.data.archives import Archive
from explorer.training.data.loading import load


@pytest.fixture
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("CONVZOO_DATA", str(folder))
    return folder


@pytest.fixture
def mnist(data_folder: Path, shared_data: Path) -> Path:
    """The real digits as they come, gzipped, in a folder of their own."""
    raw = shared_data / "mnist/MNIST/raw"
    if not raw.is_dir():
        pytest.skip(f"no MNIST in {shared_data}")
    shutil.copytree(raw, data_folder / "MNIST/raw")
    return data_folder / "MNIST/raw"


def test_mnist_is_what_its_paper_says(mnist: Path) -> None:
    """60,000 and 10,000 digits, counted by class as everywhere, first labels 5 0 4 1 9."""
    loaded = load("mnist")
    assert loaded.train.values.shape == (60_000, 1, 28, 28)
    assert loaded.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert loaded.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert loaded.test.labels.bincount().tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    assert float(loaded.train.values.float().mean() / 255) == pytest.approx(0.1307, abs=5e-5)
    assert sorted(path.suffix for path in mnist.iterdir()) == [".gz"] * 4


def test_unpacked_files_are_read_where_they_are(mnist: Path) -> None:
    """As torchvision leaves them after a download of its own."""
    packed = load("mnist")
    with torchvision_sets.unpacked(mnist.parents[1], "MNIST") as root:
        for file in (root / "MNIST/raw").iterdir():
            shutil.copy(file, mnist)
    for file in mnist.glob("*.gz"):
        file.unlink()
    assert catalogue.on_disk("mnist")
    assert torch.equal(load("mnist").test.values, packed.test.values)


def test_a_cut_off_file_is_a_sentence(mnist: Path) -> None:
    """It says which files to remove."""
    file = mnist / "t10k-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(BadData, match=r"MNIST in .* are damaged; remove them \(t10k-images"):
        load("mnist")


@pytest.mark.parametrize("key", ["mnist", "fashionmnist", "cifar10", "cifar100", "stl10"])
def test_what_is_not_here_is_a_sentence(data_folder: Path, key: str) -> None:
    """Nobody goes to the network by loading."""
    with pytest.raises(MissingData, match="download it in the Training lab"):
        load(key)


def packed(files: Mapping[str, bytes]) -> bytes:
    """A .tar.gz of files."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def md5(data: bytes) -> str:
    """As torchvision writes it."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def cifar10_files(pictures: np.ndarray) -> dict[str, bytes]:
    """Six batches of two pictures each, as the CIFAR-10 page describes them, and the names."""
    names = [*(f"data_batch_{part}" for part in range(1, 6)), "test_batch"]
    files = {
        name: pickle.dumps({"data": pictures[2 * n : 2 * n + 2], "labels": [n, n + 1]})
        for n, name in enumerate(names)
    }
    return files | {"batches.meta": pickle.dumps({"label_names": list("abcdefghij")})}


@pytest.fixture
def cifar10(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """A CIFAR-10 of twelve random pictures, as an archive with right checksums."""
    pictures = np.random.default_rng(0).integers(0, 256, (12, 3072), np.uint8)
    files = cifar10_files(pictures)
    body = packed({f"cifar-10-batches-py/{name}": data for name, data in files.items()})
    (data_folder / "cifar-10-python.tar.gz").write_bytes(body)
    use(monkeypatch, "cifar10", datasets.CIFAR10, files, md5(body))
    return pictures


def use(
    patch: pytest.MonkeyPatch, key: str, kind: Any, files: Mapping[str, bytes], digest: str
) -> None:
    """Have torchvision and us expect other checksums."""
    for name in ("train_list", "test_list"):
        listed = [[file, md5(files.get(file, b""))] for file, _ in getattr(kind, name)]
        patch.setattr(kind, name, listed)
    if key != "stl10":
        meta = {**kind.meta, "md5": md5(files[kind.meta["filename"]])}
        patch.setattr(kind, "meta", meta)
    (known,) = archives.ARCHIVES[key]
    here = Archive(known.url, digest, known.bytes, known.holds)
    patch.setattr(torchvision_sets, "ARCHIVES", {**archives.ARCHIVES, key: (here,)})


def test_an_archive_is_unpacked_and_read_by_torchvision(
    cifar10: np.ndarray, data_folder: Path
) -> None:
    """Red, green and blue planes of 32 x 32, rows first; labels in their order; once unpacked."""
    loaded = load("cifar10")
    assert np.array_equal(loaded.train.values.numpy(), cifar10[:10].reshape(10, 3, 32, 32))
    assert np.array_equal(loaded.test.values.numpy(), cifar10[10:].reshape(2, 3, 32, 32))
    assert loaded.train.labels.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert loaded.train.values.is_contiguous()
    (data_folder / "cifar-10-python.tar.gz").unlink()
    assert torch.equal(load("cifar10").test.values, loaded.test.values)
    assert [path.name for path in data_folder.iterdir()] == ["cifar-10-batches-py"]


def test_a_damaged_archive_is_not_unpacked(cifar10: np.ndarray, data_folder: Path) -> None:
    """Its checksum is looked at first."""
    file = data_folder / "cifar-10-python.tar.gz"
    file.write_bytes(file.read_bytes() + b"!")
    with pytest.raises(BadData, match=r"damaged; remove them \(cifar-10-python\.tar\.gz"):
        load("cifar10")
    assert [path.name for path in data_folder.iterdir()] == ["cifar-10-python.tar.gz"]


def test_a_changed_batch_is_not_unpickled(cifar10: np.ndarray, data_folder: Path) -> None:
    """A pickle may run anything, so one with another checksum is never opened."""
    load("cifar10")
    trap = data_folder / "sprung"
    (data_folder / "cifar-10-batches-py/test_batch").write_bytes(pickle.dumps(Trap(str(trap))))
    with pytest.raises(BadData, match="damaged"):
        load("cifar10")
    assert not trap.exists()


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (self.path,)


def test_an_archive_that_cannot_be_unpacked_is_a_sentence(
    cifar10: np.ndarray, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says where, and what to do."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torchvision_sets, "extract_archive", full)
    with pytest.raises(BadData, match=r"unpacked in .*data \(No space left .* CONVZOO_DATA"):
        load("cifar10")


def test_stl10_is_read_without_its_unlabelled_pictures(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns first, labels from 1 to 10, as its page says; the rest is not even unpacked."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (3, 3, 96, 96), np.uint8)
    files = {
        "train_X.bin": pictures[:2].transpose(0, 1, 3, 2).tobytes(),
        "train_y.bin": bytes([1, 10]),
        "test_X.bin": pictures[2:].transpose(0, 1, 3, 2).tobytes(),
        "test_y.bin": bytes([4]),
        "unlabeled_X.bin": b"\0" * 100,
    }
    body = packed({f"stl10_binary/{name}": data for name, data in files.items()})
    (data_folder / "stl10_binary.tar.gz").write_bytes(body)
    del files["unlabeled_X.bin"]
    use(monkeypatch, "stl10", datasets.STL10, files, md5(body))
    loaded = load("stl10")
    assert np.array_equal(loaded.train.values.numpy(), pictures[:2])
    assert np.array_equal(loaded.test.values.numpy(), pictures[2:])
    assert (loaded.train.labels.tolist(), loaded.test.labels.tolist()) == ([0, 9], [3])
    assert not (data_folder / "stl10_binary/unlabeled_X.bin").exists()
