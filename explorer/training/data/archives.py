"""Where torchvision's data sets come from, as its own classes say. No torch here.

A test holds every line against torchvision: the address, the checksum and the names of files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from explorer import config


@dataclass(frozen=True, slots=True)
class Archive:
    """A file to download: its MD5, and its size in bytes as its publisher serves it.

    `folder` is where it belongs, below the data folder; `holds` the files that come out of it,
    below the data folder too.
    """

    url: str
    md5: str
    bytes: int
    holds: tuple[str, ...]
    folder: str = ""

    @property
    def path(self) -> Path:
        """Where it belongs on this computer."""
        return config.data_folder() / self.folder / self.url.rpartition("/")[2]

    @property
    def is_unpacked(self) -> bool:
        """Whether all files that come out of it are there."""
        return all((config.data_folder() / name).is_file() for name in self.holds)

    @property
    def is_here(self) -> bool:
        """Whether it is on this computer, packed or unpacked."""
        return self.is_unpacked or self.path.is_file()


def _idx(name: str, address: str, files: Mapping[str, tuple[str, int]]) -> tuple[Archive, ...]:
    """The four files of a data set in MNIST's format."""
    return tuple(
        Archive(f"{address}{file}.gz", md5, size, (f"{name}/raw/{file}",), f"{name}/raw")
        for file, (md5, size) in files.items()
    )


def _cifar(number: int, md5: str, size: int, files: tuple[str, ...], folder: str) -> Archive:
    address = f"https://www.cs.toronto.edu/~kriz/cifar-{number}-python.tar.gz"
    return Archive(address, md5, size, tuple(f"{folder}/{file}" for file in files))


ARCHIVES: Mapping[str, tuple[Archive, ...]] = {
    "mnist": _idx(
        "MNIST",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        {
            "train-images-idx3-ubyte": ("f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422),
            "train-labels-idx1-ubyte": ("d53e105ee54ea40749a09fcbcd1e9432", 28_881),
            "t10k-images-idx3-ubyte": ("9fb629c4189551a2d022fa330f9573f3", 1_648_877),
            "t10k-labels-idx1-ubyte": ("ec29112dd5afa0611ce80d1b7f02629c", 4_542),
        },
    ),
    "fashionmnist": _idx(
        "FashionMNIST",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        {
            "train-images-idx3-ubyte": ("8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
            "train-labels-idx1-ubyte": ("25c81989df183df01b3e8a0aad5dffbe", 29_515),
            "t10k-images-idx3-ubyte": ("bef4ecab320f06d8554ea6380940ec79", 4_422_102),
            "t10k-labels-idx1-ubyte": ("bb300cfdad3c16e7a12a480ee83cd310", 5_148),
        },
    ),
    "cifar10": (
        _cifar(
            10,
            "c58f30108f718f92721af3b95e74349a",
            170_498_071,
            (*(f"data_batch_{part}" for part in range(1, 6)), "test_batch", "batches.meta"),
            "cifar-10-batches-py",
        ),
    ),
    "cifar100": (
        _cifar(
            100,
            "eb9058c3a382ffc7106e4002c42a8d85",
            169_001_437,
            ("train", "test", "meta"),
            "cifar-100-python",
        ),
    ),
    "stl10": (
        Archive(
            "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
            "91f7769df0f17e558f3565bffb0c7dfb",
            2_640_397_119,
            tuple(f"stl10_binary/{part}_{what}.bin" for part in ("train", "test") for what in "Xy"),
        ),
    ),
}
