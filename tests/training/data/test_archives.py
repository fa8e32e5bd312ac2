"""What is fetched, held against what torchvision's own classes say."""

from __future__ import annotations

from pathlib import Path

import pytest
from torchvision import datasets

from explorer.training.data.archives import ARCHIVES

IDX = {"mnist": datasets.MNIST, "fashionmnist": datasets.FashionMNIST}
TAR = {"cifar10": datasets.CIFAR10, "cifar100": datasets.CIFAR100, "stl10": datasets.STL10}


@pytest.mark.parametrize("key", IDX)
def test_the_four_files_are_torchvisions(key: str) -> None:
    """Address by its first mirror, MD5, and where it looks for what was unpacked."""
    kind = IDX[key]
    assert [(each.url, each.md5) for each in ARCHIVES[key]] == [
        (f"{kind.mirrors[0]}{file}", md5) for file, md5 in kind.resources
    ]
    for archive, (file, _) in zip(ARCHIVES[key], kind.resources, strict=True):
        assert archive.holds == (f"{kind.__name__}/raw/{file.removesuffix('.gz')}",)
        assert archive.folder == f"{kind.__name__}/raw"


@pytest.mark.parametrize("key", TAR)
def test_an_archive_is_torchvisions(key: str) -> None:
    """Address, MD5, and every file it checks, apart from STL-10's pictures without labels."""
    kind = TAR[key]
    (archive,) = ARCHIVES[key]
    assert (archive.url, archive.path.name, archive.md5) == (kind.url, kind.filename, kind.tgz_md5)
    wanted = [name for name, _ in (*kind.train_list, *kind.test_list)]
    wanted += [kind.meta["filename"]] if key != "stl10" else []
    wanted = [name for name in wanted if not name.startswith("unlabeled")]
    assert set(archive.holds) == {f"{kind.base_folder}/{name}" for name in wanted}


def test_the_data_folder_is_the_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in torchvision's own examples, where root is "data"."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path))
    assert ARCHIVES["mnist"][0].path == tmp_path / "MNIST/raw/train-images-idx3-ubyte.gz"
    assert ARCHIVES["cifar10"][0].path == tmp_path / "cifar-10-python.tar.gz"
