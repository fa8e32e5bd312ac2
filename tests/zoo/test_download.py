"""From a card to a file in torchvision's folder."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.engine import library
from explorer.errors import BadRequest, DownloadFailed, MissingWeights, UnknownModel
from explorer.zoo import catalogue, transfer, weights
from explorer.zoo.download import download
from tests.zoo.file_server import Served, serving

BODY = b"numbers" * 20_000
DIGEST = hashlib.sha256(BODY).hexdigest()[:8]


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty TORCH_HOME's folder of checkpoints."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(transfer, "PAUSES", (0.0,))
    return tmp_path / "hub" / "checkpoints"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Served]:
    """A server that SqueezeNet 1.0's card points to."""
    with serving(Served(BODY)) as served:
        card = catalogue.find("squeezenet1_0")
        url = f"{served.url.rpartition('/')[0]}/squeezenet1_0-{DIGEST}.pth"
        here = dataclasses.replace(card.weights[0], url=url, megabytes=len(BODY) / 2**20)
        card = dataclasses.replace(card, weights=(here,))
        monkeypatch.setattr(catalogue, "_by_name", lambda: {card.name: card})
        yield served


def test_a_download_ends_as_weights_on_disk(server: Served, folder: Path) -> None:
    """The answer is what `choose` finds from then on, and a second call asks nobody."""
    done = download("squeezenet1_0", "IMAGENET1K_V1")
    assert done.on_disk
    assert Path(done.path).read_bytes() == BODY
    assert Path(done.path).parent == folder
    assert weights.choose(catalogue.find("squeezenet1_0")) == done
    assert download("squeezenet1_0", "IMAGENET1K_V1") == done
    assert len(server.asked) == 1


def test_a_wrong_checksum_leaves_nothing(server: Served, folder: Path) -> None:
    """The file's own name says what its SHA-256 begins with."""
    server.body = BODY[:-1] + b"!"
    with pytest.raises(DownloadFailed, match=f"not {DIGEST}"):
        download("squeezenet1_0", "IMAGENET1K_V1")
    assert list(folder.iterdir()) == []
    with pytest.raises(MissingWeights):
        weights.choose(catalogue.find("squeezenet1_0"), "IMAGENET1K_V1")


def test_a_file_much_larger_than_published_is_refused(server: Served) -> None:
    """A megabyte is left for rounding."""
    server.body = BODY * 20
    with pytest.raises(DownloadFailed, match="larger than that file"):
        download("squeezenet1_0", "IMAGENET1K_V1")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("lenet5", "convzoo"),
        ("resnet50", "random"),
        ("resnet50", "http://127.0.0.1/evil.pth"),
        ("resnet50", "../../etc/passwd"),
    ],
)
def test_only_what_a_card_publishes_is_fetched(name: str, key: str) -> None:
    """Neither names nor keys are addresses."""
    with pytest.raises(BadRequest):
        download(name, key)


@pytest.mark.usefixtures("folder")
def test_unknown_models_are_not_fetched() -> None:
    """Nor models that are found by importing something."""
    for name in ("resnet51", "os:system", "timm:resnet18"):
        with pytest.raises(UnknownModel):
            download(name, "IMAGENET1K_V1")


def test_the_lane_of_downloads_loads_no_torch() -> None:
    """Every target of it, imported by a fresh interpreter as its worker does."""
    assert library.CALLS["zoo.download"].lane in library.WITHOUT_TORCH
    code = (
        "import sys; from explorer.engine import library\n"
        "for call in library.CALLS.values():\n"
        "    if call.lane == 'downloads': library.function_of(call.target)\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
