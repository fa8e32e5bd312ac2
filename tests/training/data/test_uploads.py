"""A zip that somebody hands in, in good faith or not."""

from __future__ import annotations

import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from explorer.engine import library
from explorer.errors import BadData, Cancelled, DiskFull, MissingData
from explorer.pictures import archives
from explorer.training.data import catalogue, kept, uploads
from explorer.training.data.loading import load
from explorer.training.data.uploads import accept
from tests.training.data.picture_folders import encoded, files, zipped


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty data folder."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


PETS = zipped(files({"pets/cat": 10, "pets/dog": 5}))


def test_a_zip_becomes_a_data_set(data_folder: Path) -> None:
    """Found by its key from then on, with the pictures it had."""
    data = accept(PETS, "../../my pets.zip", "me")
    assert data == catalogue.find(data.key) == catalogue.shown(data.key)
    assert (data.title, data.classes, data.shape) == ("my pets", ("cat", "dog"), (3, 10, 12))
    assert (data.train, data.test, data.kind) == (12, 3, "yours")
    loaded = load(data.key)
    every = np.concatenate([loaded.train.values, loaded.test.values])[:, 0, 0, 0]
    assert sorted(every.tolist()) == sorted([*range(10), *range(5)])
    assert [path.parent for path in data_folder.rglob("*.safetensors")] == [
        data_folder / "datasets"
    ]


def test_own_parts_are_kept_apart() -> None:
    """What lies in "test" is never learned from."""
    data = accept(zipped(files({"train/a": 4, "train/b": 4, "test/a": 1, "test/b": 1})), "x.zip")
    loaded = load(data.key)
    assert loaded.test.values[:, 0, 0, 0].tolist() == [0, 0]
    assert (len(loaded.train), len(loaded.test)) == (8, 2)
    assert data.notes[0] == "Its own test folder is the test set."


def test_the_same_zip_is_the_same_set_of_one_visitor() -> None:
    """Another visitor's is another one: lists are not shared."""
    mine, again = accept(PETS, "a.zip", "me"), accept(PETS, "b.zip", "me")
    theirs = accept(PETS, "a.zip", "they")
    assert mine == again
    assert mine.key != theirs.key
    assert [each.key for each in kept.of_owner("me")] == [mine.key]
    assert [each.key for each in kept.of_owner("they")] == [theirs.key]
    assert kept.of_owner("") == ()
    assert catalogue.of_owner("me") == (mine,)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no ZIP archive; a data set is a folder for each class"),
        (b"\x1f\x8b tar", "no ZIP archive"),
        (PETS[:200], "damaged"),
        (zipped({"a.txt": b"words"}), "no pictures in here"),
        (zipped(files({"cat": 3})), "not in two classes"),
        (zipped({"a/1.png": b"?", "a/2.png": b"?", "b/1.png": b"?", "b/2.png": b"?"}), "None of"),
    ],
)
def test_what_is_no_data_set_is_a_sentence(data: bytes, sentence: str, data_folder: Path) -> None:
    """And nothing is kept of it."""
    with pytest.raises(BadData, match=sentence):
        accept(data, "x.zip")
    assert not list(data_folder.rglob("*.safetensors"))


def test_a_bomb_is_not_inflated() -> None:
    """A gigabyte of zeros in a picture's name costs what one picture may cost."""
    bomb = files({"a": 4, "b": 4}) | {"a/bomb.png": b"\0" * 200_000_000}
    packed = zipped(bomb)
    assert len(packed) < 300_000
    began = time.monotonic()
    data = accept(packed, "x.zip")
    assert time.monotonic() - began < 20
    assert data.train + data.test == 8
    assert "1 files of the archive were left out; bomb.png: This file" in data.notes[-1]


def test_too_many_bytes_together_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A set cut off in the middle would lack its last classes, so nothing of it is kept."""
    monkeypatch.setattr(archives, "MOST_ARCHIVE_BYTES", 700)
    monkeypatch.setattr(archives, "FREE_BYTES", 100)
    many = zipped(files({"a": 9, "b": 9}))
    with pytest.raises(BadData, match="MB"):
        accept(many, "x.zip")


def test_too_many_files_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to do instead."""
    monkeypatch.setattr(uploads, "MOST_FILES", 10)
    with pytest.raises(BadData, match="more than 10 files; hand in fewer, or train from the comm"):
        accept(PETS, "x.zip")


def test_twenty_thousand_files_fit_in_the_directory() -> None:
    """Of names of fifty letters: 4 MB hold more."""
    name = "n" * 50
    entry = 46 + len(name) + 24  # a header of 46 bytes, and times as Info-ZIP writes them
    assert uploads.MOST_FILES * entry < uploads.DIRECTORY_BYTES


def test_links_and_locked_files_are_left_out_and_said() -> None:
    """As everywhere at the gate."""
    contents = files({"a": 4, "b": 4})
    data = zipped(contents)
    path = Path(kept.config.data_folder().parent) / "x.zip"
    path.write_bytes(data)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("a/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    found = accept(path.read_bytes(), "x.zip")
    assert found.train + found.test == 8
    assert "link.png: This is a link to another file" in found.notes[-1]


def test_names_are_never_paths(data_folder: Path, tmp_path: Path) -> None:
    """Wherever they point to, only the kept file is written."""
    before = set(tmp_path.rglob("*"))
    contents = {f"../../a/{n}.png": encoded(n) for n in range(3)}
    contents |= {f"/etc/b/{n}.png": encoded(n) for n in range(3)}
    contents |= {f"c/{n}.png": encoded(n) for n in range(3)}
    contents |= {f"d/{n}.png": encoded(n) for n in range(3)}
    found = accept(zipped(contents), "x.zip")
    assert {"c", "d"} <= set(found.classes)
    new = {path for path in set(tmp_path.rglob("*")) - before if path.is_file()}
    assert new == {kept.path(found.key.removeprefix("yours:"))}


def test_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """By number; using one makes it young again; a set that went is a sentence."""
    shelf = kept.Shelf("datasets", 2, kept.MOST_BYTES)
    monkeypatch.setattr(kept, "UPLOADS", shelf)
    keys = []
    for number in range(3):
        keys.append(accept(zipped(files({"a": 2, "b": 2 + number})), f"{number}.zip").key)
        time.sleep(0.02)
        if number == 1:
            load(keys[0])
            time.sleep(0.02)
    assert catalogue.on_disk(keys[0])
    assert not catalogue.on_disk(keys[1])
    with pytest.raises(MissingData, match="not kept any more"):
        load(keys[1])


def test_bytes_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new one stays in any case."""
    first = accept(PETS, "a.zip")
    size = kept.path(first.key.removeprefix("yours:")).stat().st_size
    monkeypatch.setattr(kept, "UPLOADS", kept.Shelf("datasets", 9, size + 100))
    second = accept(zipped(files({"a": 9, "b": 9})), "b.zip")
    assert not catalogue.on_disk(first.key)
    assert catalogue.on_disk(second.key)


def test_a_full_disk_is_a_sentence(monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> None:
    """And nothing half written stays."""

    def full(arrays: object, path: Path, metadata: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "save_file", full)
    with pytest.raises(DiskFull, match=r"The disk with .*datasets is full; make room"):
        accept(PETS, "a.zip")
    assert not [path for path in data_folder.rglob("*") if path.is_file()]


def test_a_folder_that_cannot_be_written_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It names CONVZOO_DATA."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "file"))
    with pytest.raises(BadData, match=r"could not be kept in .* let CONVZOO_DATA name"):
        accept(PETS, "a.zip")


def test_it_can_be_cancelled() -> None:
    """And says how far it is, always forwards."""
    told: list[float] = []

    def progress(fraction: float, sentence: str) -> None:
        told.append(fraction)
        if fraction > 0.5:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        accept(zipped(files({"a": 120, "b": 120})), "x.zip", "", progress)
    assert told == sorted(told)


def test_the_lane_of_pictures_loads_no_torch() -> None:
    """Nor does the one for downloads: both answer at once, in bounded memory."""
    for name, lane in (("data.accept", "pictures"), ("data.download", "downloads")):
        assert library.CALLS[name].lane == lane
    targets = [library.CALLS[name].target for name in ("data.accept", "data.download")]
    code = (
        "import sys; from explorer.engine.library import function_of\n"
        f"for target in {targets}: function_of(target)\n"
        "print('torch' in sys.modules, 'sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
