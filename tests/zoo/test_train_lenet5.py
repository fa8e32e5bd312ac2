"""The script behind the shipped LeNet-5, and the accuracy its page states."""

from __future__ import annotations

import gzip
import json
import re
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from explorer import config
from explorer.zoo import train_lenet5
from explorer.zoo.build import real_network
from explorer.zoo.own_weights import own
from explorer.zoo.state_dicts import load
from explorer.zoo.train_lenet5 import MEAN, STD, accuracy, digits, distorted

PAGE = config.checkout() / "assets" / "weights" / "README.md"


@pytest.fixture(scope="module")
def mnist(shared_data: Path) -> Path:
    """The folder of the real digits."""
    if not (shared_data / "mnist").is_dir():
        pytest.skip(f"no MNIST in {shared_data}")
    return shared_data / "mnist"


def written(folder: Path, pictures: bytes, count: int) -> Path:
    """A folder of packed files in MNIST's own format; each digit is its number modulo ten."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    labels = bytes(index % 10 for index in range(count))
    for part in ("train", "t10k"):
        with gzip.open(raw / f"{part}-images-idx3-ubyte.gz", "wb") as file:
            file.write(struct.pack(">4i", 2051, count, 28, 28) + pictures)
        with gzip.open(raw / f"{part}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(struct.pack(">2i", 2049, count) + labels)
    return folder


@pytest.fixture
def cross() -> Tensor:
    """One picture (1, 1, 32, 32) of a thin cross on black, normalised."""
    picture = torch.zeros(1, 1, 32, 32)
    picture[..., 16, 8:24] = 1
    picture[..., 8:24, 16] = 1
    return (picture - MEAN) / STD


def test_the_shipped_file_is_as_good_as_its_page_says(mnist: Path) -> None:
    """Measured on all 10,000 test digits, from the file, equal to page and metadata."""
    weights = own("lenet5")
    assert weights is not None
    network = real_network("lenet5")
    load(network, load_file(weights.path))
    measured = accuracy(network, *digits(mnist, train=False))
    stated = re.search(r"\*\*([\d.]+) %\*\*", PAGE.read_text("utf-8"))
    assert stated is not None
    assert measured >= 98.8
    assert measured == pytest.approx(float(stated[1]), abs=0.02)
    assert measured == pytest.approx(weights.top1, abs=0.02)


def test_the_stated_mean_and_deviation_are_those_of_the_digits(mnist: Path) -> None:
    """Normalised by them, the padded training digits have mean 0 and deviation 1."""
    pictures, labels = digits(mnist, train=True)
    assert pictures.shape == (60_000, 1, 32, 32)
    assert labels.bincount().tolist() == [
        5923,
        6742,
        5958,
        6131,
        5842,
        5421,
        5918,
        6265,
        5851,
        5949,
    ]  # fmt: skip - as counted in the paper's data
    assert pictures.mean().item() == pytest.approx(0, abs=1e-3)
    assert pictures.std().item() == pytest.approx(1, abs=1e-3)
    told = own("lenet5")
    assert told is not None
    assert (told.mean, told.std) == ((MEAN,), (STD,))


def test_packed_files_are_read_and_left_alone(tmp_path: Path) -> None:
    """White digits come out padded with black, and nothing is unpacked beside them."""
    root = written(tmp_path, b"\xff" * (28 * 28 * 3), 3)
    pictures, labels = digits(root, train=True)
    values = pictures * STD + MEAN
    assert labels.tolist() == [0, 1, 2]
    assert torch.allclose(values[:, :, 2:30, 2:30], torch.ones(3, 1, 28, 28))
    assert values.sum().item() == pytest.approx(3 * 28 * 28, rel=1e-5)
    assert all(path.suffix == ".gz" for path in root.rglob("*") if path.is_file())


def test_distortions_leave_the_ground_black(cross: Tensor) -> None:
    """What comes in from outside is background, not the mean's grey."""
    torch.manual_seed(0)
    many = distorted(cross.expand(200, -1, -1, -1)) * STD + MEAN
    assert many[:, :, 0, 0].abs().max().item() < 1e-5
    assert many.min().item() > -1e-5
    assert many.max().item() <= 1 + 1e-5


def test_without_chance_nothing_is_distorted(
    cross: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turned by nothing, scaled by one and shifted by nothing, a picture is itself."""
    for name in ("TURN", "SHEAR", "SHIFT", "PENS"):
        monkeypatch.setattr(train_lenet5, name, 0.0)
    monkeypatch.setattr(train_lenet5, "SCALES", (1.0, 1.0))
    assert torch.allclose(distorted(cross), cross, atol=1e-4)


def test_pens_thicken_and_thin(cross: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar of 1 x 16 pixels becomes one of 3 x 18, and where every pen is fine, none is left."""
    ink = (cross - cross.min()).sign()
    monkeypatch.setattr(train_lenet5, "PENS", 1.0)
    broad = train_lenet5._redrawn(ink)
    # Two bars of 3 x 18 that share a square of 3 x 3.
    assert broad.sum().item() == 2 * 3 * 18 - 9
    monkeypatch.setattr(train_lenet5, "PENS", 0.0)
    assert torch.equal(train_lenet5._redrawn(ink), ink)
    monkeypatch.setattr(train_lenet5, "PENS", 0.5)
    torch.manual_seed(0)
    sums = {each.sum().item() for each in train_lenet5._redrawn(ink.expand(50, -1, -1, -1))}
    assert sums == {0, 2 * 3 * 18 - 9}


def test_training_is_repeatable_and_learns(tmp_path: Path) -> None:
    """Ten coarse patterns, one for each digit, are learnt; the same seed gives the same."""
    torch.manual_seed(1)
    coarse = torch.randint(0, 2, (10, 4, 4), dtype=torch.uint8) * 255
    patterns = coarse.repeat_interleave(7, dim=1).repeat_interleave(7, dim=2)
    content = patterns.repeat(64, 1, 1).numpy().tobytes()
    pictures, labels = digits(written(tmp_path, content, 640), train=True)
    networks: list[nn.Module] = []
    losses: list[float] = []
    for _ in range(2):
        torch.manual_seed(0)
        networks.append(
            train_lenet5.train(pictures, labels, 12, lambda _, loss: losses.append(loss))
        )
    assert losses[:12] == losses[12:]
    assert losses[11] < losses[0] / 3
    assert accuracy(networks[0], pictures, labels) > 95
    first, second = (network.state_dict() for network in networks)
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_the_metadata_are_what_the_script_writes() -> None:
    """The shipped JSON has not been edited by hand."""
    weights = own("lenet5")
    assert weights is not None
    shipped = json.loads(Path(weights.path).with_suffix(".json").read_text("utf-8"))
    assert shipped == train_lenet5.facts(weights.top1)
