"""From a key to archives in the data folder, against a server on the loopback."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import struct
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import torch

from explorer.errors import BadRequest, Cancelled, DownloadFailed
from explorer.training.data import archives, catalogue
from explorer.training.data import download as downloads
from explorer.training.data.download import download
from explorer.training.data.loading import load
from explorer.zoo import transfer


def idx_files() -> dict[str, bytes]:
    """MNIST's four files, of three pictures and one."""
    files = {}
    for part, count in (("train", 3), ("t10k", 1)):
        pixels = bytes(range(count)) * (28 * 28)
        files[f"{part}-images-idx3-ubyte"] = struct.pack(">4i", 2051, count, 28, 28) + pixels
        files[f"{part}-labels-idx1-ubyte"] = struct.pack(">2i", 2049, count) + bytes(range(count))
    return {name: gzip.compress(data) for name, data in files.items()}


FILES = idx_files()


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty data folder."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(transfer, "PAUSES", (0.0,))
    return tmp_path / "data"


class Server:
    """Serves the four files; `asked` are the paths of the requests so far."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.files = dict(FILES)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                body = outer.files[self.path.rpartition("/")[2].removesuffix(".gz")]
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Answer no more."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that MNIST's addresses point to, with the checksums of its own files."""
    served = Server()
    host = f"http://127.0.0.1:{served.server.server_port}/mnist/"
    here = tuple(
        dataclasses.replace(
            each,
            url=f"{host}{name}.gz",
            md5=hashlib.md5(FILES[name], usedforsecurity=False).hexdigest(),
            bytes=len(FILES[name]),
        )
        for each, name in zip(archives.ARCHIVES["mnist"], FILES, strict=True)
    )
    known = {**archives.ARCHIVES, "mnist": here}
    monkeypatch.setattr(downloads, "ARCHIVES", known)
    monkeypatch.setattr(catalogue, "ARCHIVES", known)
    yield served
    served.close()


def test_a_download_can_be_loaded(server: Server, folder: Path) -> None:
    """Four files with their names, progress from 0 to 1, and torchvision reads them."""
    told: list[float] = []
    assert not catalogue.on_disk("mnist")
    data = download("mnist", lambda fraction, sentence: told.append(fraction))
    assert data.key == "mnist"
    assert catalogue.on_disk("mnist")
    assert sorted(path.name for path in (folder / "MNIST/raw").iterdir()) == sorted(
        f"{name}.gz" for name in FILES
    )
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    loaded = load("mnist")
    assert loaded.train.labels.tolist() == [0, 1, 2]
    assert torch.equal(loaded.test.values, torch.zeros(1, 1, 28, 28, dtype=torch.uint8))


def test_what_is_here_is_not_asked_for(server: Server, folder: Path) -> None:
    """A second download, and one of which a file is missing."""
    download("mnist")
    assert len(server.asked) == 4
    download("mnist")
    assert len(server.asked) == 4
    (folder / "MNIST/raw/t10k-labels-idx1-ubyte.gz").unlink()
    download("mnist")
    assert server.asked[4:] == ["/mnist/t10k-labels-idx1-ubyte.gz"]


def test_a_wrong_checksum_leaves_nothing(server: Server, folder: Path) -> None:
    """The MD5 is torchvision's; the message names the file."""
    server.files["train-labels-idx1-ubyte"] = b"something else"
    with pytest.raises(DownloadFailed, match=r"train-labels-idx1-ubyte\.gz .* MD5 begins with"):
        download("mnist")
    assert [path.name for path in (folder / "MNIST/raw").iterdir()] == [
        "train-images-idx3-ubyte.gz"
    ]
    assert not catalogue.on_disk("mnist")


def test_a_cancelled_download_is_no_data_set(server: Server) -> None:
    """The files that came stay."""

    def progress(fraction: float, sentence: str) -> None:
        if len(server.asked) == 3:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        download("mnist", progress)
    assert not catalogue.on_disk("mnist")
    download("mnist")
    assert catalogue.on_disk("mnist")
    assert len(server.asked) <= 5


def test_without_a_network_it_is_one_sentence(server: Server) -> None:
    """The host, and how to do without it."""
    server.server.server_close()
    server.server.shutdown()
    with pytest.raises(DownloadFailed) as caught:
        download("mnist")
    said = str(caught.value)
    assert said.startswith("127.0.0.1 cannot be reached (Connection refused): check the network, ")
    assert "put it as train-images-idx3-ubyte.gz into the folder" in said


def test_a_folder_that_cannot_be_written_names_the_variable(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """CONVZOO_DATA, not TORCH_HOME."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "file"))
    with pytest.raises(DownloadFailed, match="let CONVZOO_DATA name another folder"):
        download("mnist")


@pytest.mark.usefixtures("folder")
def test_only_data_sets_are_downloaded() -> None:
    """Keys are no addresses; what is always here needs nothing."""
    for key in ("http://127.0.0.1/evil", "imagenet", "../mnist"):
        with pytest.raises(BadRequest):
            download(key)
    assert download("digits").key == "digits"
