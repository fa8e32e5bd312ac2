"""torchvision's data sets, unpacked and read by its own classes. Loads torch and torchvision.

`config.data_folder()` is the root they look in.
"""

from __future__ import annotations

import contextlib
import gzip
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torchvision import datasets
from torchvision.datasets.utils import check_integrity, extract_archive

from explorer import config
from explorer.errors import BadData, MissingData
from explorer.training.data.archives import ARCHIVES
from explorer.training.data.aside import aside

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.training.data.archives import Archive
    from explorer.training.data.records import DataSet

_IDX = tuple(
    f"{part}-{what}"
    for part in ("train", "t10k")
    for what in ("images-idx3-ubyte", "labels-idx1-ubyte")
)


class _OwnPart:
    """Has a part's own files checked alone: torchvision sums up both parts' for each of them."""

    root: str
    base_folder: str
    train: bool
    train_list: list[list[str]]
    test_list: list[list[str]]

    def _check_integrity(self) -> bool:
        folder = Path(self.root) / self.base_folder
        files = self.train_list if self.train else self.test_list
        return all(check_integrity(folder / name, md5) for name, md5 in files)


class _CIFAR10(_OwnPart, datasets.CIFAR10):  # type: ignore[misc] # torchvision has no types
    pass


class _CIFAR100(_OwnPart, datasets.CIFAR100):  # type: ignore[misc] # likewise
    pass


class _STL10(datasets.STL10):  # type: ignore[misc] # likewise
    """Without its unlabelled pictures, whose checksum alone takes ten seconds."""

    def _check_integrity(self) -> bool:
        folder = Path(self.root) / self.base_folder
        files = [*self.train_list[:2], *self.test_list]
        return all(check_integrity(folder / name, md5) for name, md5 in files)


def read(data: DataSet, *, train: bool) -> tuple[Tensor, Tensor]:
    """Return the pictures (N, C, H, W), uint8, and classes (N,), int64, of one part.

    Raises MissingData where nothing of it is on this computer, BadData for damaged files.
    """
    if data.key in ("mnist", "fashionmnist"):
        return _idx_pictures(data, train=train)
    _unpack(data)
    try:
        if data.key == "stl10":
            stl10 = _STL10(config.data_folder(), split="train" if train else "test")
            return _tensors(stl10.data, stl10.labels)
        kind = _CIFAR10 if data.key == "cifar10" else _CIFAR100
        found = kind(config.data_folder(), train=train)
    except (RuntimeError, OSError, ValueError) as error:
        raise _damaged(data) from error
    return _tensors(found.data.transpose(0, 3, 1, 2), found.targets)


def _tensors(pictures: Any, labels: Any) -> tuple[Tensor, Tensor]:
    return (
        torch.from_numpy(np.ascontiguousarray(pictures)),
        torch.from_numpy(np.asarray(labels, np.int64)),
    )


def _idx_pictures(data: DataSet, *, train: bool) -> tuple[Tensor, Tensor]:
    kind = datasets.MNIST if data.key == "mnist" else datasets.FashionMNIST
    if not all(archive.is_here for archive in ARCHIVES[data.key]):
        raise _missing(data)
    try:
        with unpacked(config.data_folder(), kind.__name__) as root:
            found = kind(root, train=train)
    except (RuntimeError, OSError, EOFError, ValueError, AssertionError) as error:
        raise _damaged(data) from error
    return found.data.unsqueeze(1), found.targets.long()


@contextlib.contextmanager
def unpacked(root: Path, name: str) -> Iterator[Path]:
    """Give the root of a set in MNIST's format with its four files unpacked.

    `name` is the class in torchvision, "MNIST". Files that are only there gzipped are unpacked
    elsewhere, for as long as it takes: the folder may be read-only.
    """
    raw = root / name / "raw"
    packed = [raw / f"{file}.gz" for file in _IDX]
    if all((raw / file).exists() for file in _IDX) or not all(each.exists() for each in packed):
        yield root
        return
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / name / "raw"
        target.mkdir(parents=True)
        for each in packed:
            with gzip.open(each) as source, (target / each.stem).open("wb") as copy:
                shutil.copyfileobj(source, copy)
        yield Path(place)


def _unpack(data: DataSet) -> None:
    """Have torchvision unpack an archive that has come, unless its files are there."""
    (archive,) = ARCHIVES[data.key]
    if archive.is_unpacked:
        return
    if not archive.path.is_file():
        raise _missing(data)
    if not check_integrity(archive.path, archive.md5):
        raise _damaged(data)
    _extract(archive, data)


def _extract(archive: Archive, data: DataSet) -> None:
    """Unpack aside, then move whole files into place: who looks meanwhile sees none half done."""
    folder = config.data_folder()
    try:
        with aside(folder, "unpacking") as place:
            extract_archive(archive.path, place)
            for name in archive.holds:
                (folder / name).parent.mkdir(exist_ok=True)
                (place / name).replace(folder / name)
    except OSError as error:
        raise BadData(
            f"{data.title} could not be unpacked in {folder} ({error.strerror or error}); make "
            "room there, or let CONVZOO_DATA name another folder."
        ) from None


def _missing(data: DataSet) -> MissingData:
    return MissingData(
        f"{data.title} is not on this computer; download it in the Training lab "
        f"({data.megabytes:,.0f} MB), or let CONVZOO_DATA name the folder that holds it."
    )


def _damaged(data: DataSet) -> BadData:
    places = ", ".join(sorted({archive.path.name for archive in ARCHIVES[data.key]}))
    return BadData(
        f"The files of {data.title} in {config.data_folder()} are damaged; remove them "
        f"({places}, and what was unpacked of it) and download it again."
    )
