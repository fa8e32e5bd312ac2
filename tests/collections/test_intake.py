"""What somebody hands in, in good faith or not, becomes a collection or one sentence."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from explorer.collections import disk, intake, looking, records, sources
from explorer.collections.intake import accept_files, accept_folder, accept_table, accept_zip, add
from explorer.collections.store import CollectionStore
from explorer.engine import library
from explorer.errors import BadData, BadRequest, Cancelled, DiskFull, MissingData
from explorer.pictures import archives
from tests.collections.painted import encoded, files, image, painted, zipped

if TYPE_CHECKING:
    from explorer.collections.records import Collection

PETS = files({"pets/cat": 10, "pets/dog": 5})


def refused(collection: Collection) -> dict[str, str]:
    """Reasons by the names of files."""
    return {each.name: each.reason for each in collection.refused}


def left_behind(data_folder: Path) -> list[str]:
    """Names of what stands in the store's folder."""
    folder = data_folder / "collections"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_a_zip_becomes_a_collection() -> None:
    """Counted, split by a fifth of each class, and found by its key from then on."""
    made = accept_zip(zipped(PETS), "../../my pets.zip", "me")
    assert made == CollectionStore().get(made.key)
    assert (made.title, made.owner, made.classes, made.revision) == (
        "my pets", "me", ("cat", "dog"), 1,
    )  # fmt: skip
    assert (made.counts(), made.counts("train"), made.counts("validation")) == (
        (10, 5), (8, 4), (2, 1),
    )  # fmt: skip
    assert (made.own_split, made.refused, made.warnings) == (False, (), ())
    assert {(each.width, each.height) for each in made.items} == {(40, 40)}
    assert len({each.id for each in made.items}) == 15


def test_the_pixels_are_kept() -> None:
    """A small picture is the same, pixel by pixel."""
    made = accept_zip(zipped(PETS), "x.zip")
    item = next(each for each in made.items if (each.name, each.label) == ("003.png", 0))
    with Image.open(io.BytesIO(CollectionStore().picture(made.key, item.id))) as kept:
        assert kept.format == "PNG"
        np.testing.assert_array_equal(np.asarray(kept), np.asarray(image(3)))


def test_pictures_are_upright_small_and_bare() -> None:
    """A photograph with EXIF is turned, shrunk to half a megapixel, and says nothing more."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = 6, "Nikon", "D90"  # orientation, make, model
    photograph = encoded(image(99, (1200, 900)), "JPEG", exif=exif)
    made = accept_zip(zipped({**PETS, "pets/cat/photo.jpg": photograph}), "x.zip")
    item = next(each for each in made.items if each.name == "photo.jpg")
    assert (item.width, item.height) == (900, 1200)
    assert (item.traits.camera, item.traits.format) == ("Nikon D90", "JPEG")
    with Image.open(io.BytesIO(CollectionStore().picture(made.key, item.id))) as kept:
        assert kept.width * kept.height <= looking.KEPT_PIXELS
        assert kept.height > kept.width
        assert (kept.format, kept.mode, len(kept.getexif())) == ("JPEG", "RGB", 0)
        assert b"Nikon" not in CollectionStore().picture(made.key, item.id)


def test_own_parts_are_kept() -> None:
    """Folders for training and validation stay as they are, at whatever share."""
    made = accept_zip(zipped(files({"train/a": 6, "train/b": 4, "val/a": 1, "val/b": 3})), "x.zip")
    assert made.own_split
    assert (made.counts("train"), made.counts("validation")) == ((6, 4), (1, 3))


def test_near_duplicates_of_own_parts_are_told() -> None:
    """They are not moved, but the result would flatter."""
    contents = files({"train/a": 6, "train/b": 6, "val/a": 2, "val/b": 2})
    contents["val/a/000.png"] = encoded(image(0).resize((80, 80)))
    made = accept_zip(zipped(contents), "x.zip")
    assert made.counts("validation") == (2, 2)
    assert any(
        each.startswith("1 picture is for validation with a near-duplicate among")
        for each in made.warnings
    )


def test_near_duplicates_are_on_one_side() -> None:
    """Every picture comes twice, once saved again: no pair is parted."""
    contents = files({"a": 10, "b": 10})
    copies = {f"{n[:-4]} copy.jpg": painted(k, kind="JPEG") for k, n in enumerate(contents)}
    made = accept_zip(zipped({**contents, **copies}), "x.zip")
    pairs: dict[int, set[str]] = {}
    for item in made.items:
        pairs.setdefault(item.twins, set()).add(item.part)
    assert sorted(pairs) == list(range(20))
    assert all(len(parts) == 1 for parts in pairs.values())
    assert made.counts("validation") == (4, 4)


def test_bad_files_never_stop_good_ones() -> None:
    """They are skipped and listed, each with its own reason; junk is not mentioned."""
    whole = painted(77, (64, 64), "JPEG")
    bad = {
        "pets/cat/broken.jpg": whole[: len(whole) // 2],
        "pets/cat/notes.txt": b"not a picture",
        "pets/cat/empty.png": b"",
        "pets/dog/more.zip": zipped(PETS),
        "../../evil.jpg": whole,
        "pets/.hidden/x.jpg": whole,
        "pets/loose.jpg": whole,
        "__MACOSX/pets/cat/._000.png": b"resource",
        "pets/cat/.DS_Store": b"finder",
    }
    made = accept_zip(zipped({**PETS, **bad}), "x.zip")
    assert len(made.items) == 15
    reasons = refused(made)
    assert set(reasons) == {name for name in bad if "MACOSX" not in name and "DS_" not in name}
    assert "ends too early" in reasons["pets/cat/broken.jpg"]
    assert "no picture the app can read" in reasons["pets/cat/notes.txt"]
    assert "empty" in reasons["pets/cat/empty.png"]
    assert "archive inside an archive" in reasons["pets/dog/more.zip"]
    assert all(each.count(". ") == 0 and each.endswith(".") for each in reasons.values())


def test_a_class_of_bad_files_is_left_out() -> None:
    """And said."""
    contents = {**PETS, "pets/ant/1.jpg": b"no", "pets/ant/2.jpg": b"no"}
    made = accept_zip(zipped(contents), "x.zip")
    assert made.classes == ("cat", "dog")
    assert made.counts() == (10, 5)
    assert "None of this class's files can be read" in refused(made)["ant"]


def test_korean_and_emoji() -> None:
    """Names of classes and files in any script, also from an archive that lost its encoding."""
    made = accept_zip(zipped(files({"고양이": 6, "🐶 강아지": 6})), "동물.zip")
    assert (made.title, made.classes) == ("동물", ("고양이", "🐶 강아지"))
    lost = {name.encode().decode("cp437"): data for name, data in files({"개": 6, "소": 6}).items()}
    assert accept_zip(zipped(lost), "x.zip").classes == ("개", "소")


def test_the_same_picture_in_two_classes_is_told() -> None:
    """It stays in both, for only a person knows which is right, and on one side of the split."""
    made = accept_zip(zipped({**PETS, "pets/dog/same.png": PETS["pets/cat/004.png"]}), "x.zip")
    assert made.counts() == (10, 6)
    both = [each for each in made.items if each.twins >= 0]
    assert {each.label for each in both} == {0, 1}
    assert len({each.part for each in both}) == 1
    assert made.warnings[0].startswith(
        "1 picture is in two classes at once, such as 004.png (“cat”) and same.png (“dog”)"
    )


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ({}, "no picture in here that can be read; a collection is a folder"),
        (files({"cat": 12}), "of one class, “cat”, and a classifier tells two apart"),
        (files({"pets/cat": 12}), "of one class, “cat”"),
        ({f"{n}.png": painted(n) for n in range(12)}, "no picture in here"),
        (files({"cat": 4, "dog": 5}), "only 9 pictures that can be read, and 10 are needed"),
        ({"cat/1.jpg": b"x", "dog/1.jpg": b"x"}, "no picture in here that can be read"),
        ({**files({"cat": 12}), "dog/1.jpg": b"x"}, "of one class, “cat”"),
    ],
)
def test_what_is_no_collection_is_said(
    contents: dict[str, bytes], said: str, data_folder: Path
) -> None:
    """In one sentence, and nothing of it stays."""
    with pytest.raises(BadData, match=said) as error:
        accept_zip(zipped(contents), "x.zip")
    assert "\n" not in str(error.value)
    assert left_behind(data_folder) == []


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 damaged", painted(0)])
def test_what_is_no_zip_is_said(data: bytes) -> None:
    """Whatever the bytes."""
    with pytest.raises(BadData, match="ZIP archive"):
        accept_zip(data, "x.zip")


def test_a_bomb_is_not_inflated() -> None:
    """A file that grows a thousandfold is refused by itself, the pictures are taken."""
    made = accept_zip(zipped({**PETS, "pets/cat/bomb.png": bytes(30_000_000)}), "x.zip")
    assert len(made.items) == 15
    assert "compressed more than 100 times" in refused(made)["pets/cat/bomb.png"]


def test_many_bytes_are_said(monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> None:
    """An archive beyond the cap is refused as a whole: half a class would be worse than none."""
    monkeypatch.setattr(archives, "MOST_ARCHIVE_BYTES", 20_000)
    rough = {f"{c}/{n}.png": os.urandom(3_000) for c in "ab" for n in range(6)}
    with pytest.raises(BadData, match="MB"):
        accept_zip(zipped(rough), "x.zip")
    assert left_behind(data_folder) == []


def test_huge_pictures_are_refused_by_their_header() -> None:
    """Before anything of them is decoded."""
    huge = encoded(Image.new("1", (20_000, 20_000)))
    made = accept_zip(zipped({**PETS, "pets/cat/huge.png": huge}), "x.zip")
    assert "far more than 24 megapixels" in refused(made)["pets/cat/huge.png"]


def test_too_many_pictures_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any is decoded."""
    monkeypatch.setattr(intake, "MOST_PICTURES", 12)
    monkeypatch.setattr(intake, "see", None)
    with pytest.raises(BadData, match="There would be 15 pictures, and at most 12 are taken"):
        accept_zip(zipped(PETS), "x.zip")


def test_links_in_a_zip_are_not_followed(tmp_path: Path) -> None:
    """A link to a file of this computer is refused by name."""
    file = io.BytesIO(zipped(PETS))
    link = zipfile.ZipInfo("pets/cat/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert (
        "a link to another file"
        in refused(accept_zip(file.getvalue(), "x.zip"))["pets/cat/link.png"]
    )


def test_cancelling_leaves_nothing(data_folder: Path) -> None:
    """Not even a part of the pictures."""

    def until_eleven(fraction: float, sentence: str) -> None:
        assert 0 <= fraction <= 1
        if "picture 11 " in sentence:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        accept_zip(zipped(PETS), "x.zip", "", until_eleven)
    assert left_behind(data_folder) == []


def test_a_full_disk_is_said_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    """In the middle of the pictures."""
    written = []

    def fails(path: Path, data: bytes) -> None:
        written.append(path)
        if len(written) > 9:
            raise OSError(28, "No space left on device")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    monkeypatch.setattr(disk, "write", fails)
    with pytest.raises(DiskFull, match="is full; make room"):
        accept_zip(zipped(PETS), "x.zip")
    assert left_behind(data_folder) == []


def test_typed_classes_with_files_and_a_zip() -> None:
    """Several files a class, camera shots, and an archive whose folders do not matter."""
    shots = [("mug", f"camera {n}.jpg", painted(n, kind="JPEG")) for n in range(6)]
    packed = zipped(files({"any/where": 5}, start=50))
    made = accept_files([*shots, (" cup\n", "cups.zip", packed), ("mug", "no.jpg", b"no")], "Desk")
    assert (made.title, made.classes, made.counts()) == ("Desk", ("cup", "mug"), (5, 6))
    assert set(refused(made)) == {"no.jpg"}
    with pytest.raises(BadData, match="needs a name"):
        accept_files([(" ", "x.png", painted(1))], "x")


def test_many_loose_bytes_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap holds for files that are no archive, too."""
    monkeypatch.setattr(sources, "MOST_BYTES", 5_000)
    with pytest.raises(BadData, match="Together these files have more than"):
        accept_files([("a", "x", bytes(3_000)), ("b", "y", bytes(3_000))], "x")


def test_a_table_names_the_classes() -> None:
    """Pictures in one heap, labels in a CSV; what does not match is listed on both sides."""
    heap = zipped({f"all/{n}.png": painted(n) for n in range(13)})
    rows = [f"{n}.png,{'odd' if n % 2 else 'even'}" for n in range(12)]
    made = accept_table("\n".join(["file,label", *rows, "99.png,odd"]).encode(), heap, "Numbers")
    assert (made.classes, made.counts()) == (("even", "odd"), (6, 6))
    assert {(each.label == 1) == bool(int(each.name[:-4]) % 2) for each in made.items} == {True}
    assert "no such file" in refused(made)["99.png"]
    assert "No row of the table" in refused(made)["all/12.png"]


def test_a_zip_may_hold_its_table() -> None:
    """Where there are no folders to tell the classes."""
    rows = "\n".join(f"{n},{'ab'[n % 2]},{'val' if n < 4 else 'train'}" for n in range(12))
    table = f"id;label;split\n{rows}".replace(",", ";").encode()
    contents = {**{f"{n}.png": painted(n) for n in range(12)}, "labels.csv": table}
    made = accept_zip(zipped(contents), "x.zip")
    assert (made.classes, made.own_split, made.counts("validation")) == (("a", "b"), True, (2, 2))


def test_folders_of_this_computer(tmp_path: Path) -> None:
    """Read where they stand, with another to validate on; links in a circle end."""
    for name, data in {**files({"in/cat": 6, "in/dog": 6}), **files({"out/cat": 2}, 90)}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "in/cat/again").symlink_to(tmp_path / "in")
    os.mkfifo(tmp_path / "in/dog/pipe.png")
    alone = accept_folder(tmp_path / "in")
    assert (alone.title, alone.counts(), alone.counts("validation")) == ("in", (6, 6), (1, 1))
    both = accept_folder(tmp_path / "in", tmp_path / "out")
    assert (both.counts("train"), both.counts("validation")) == ((6, 6), (2, 0))
    assert any("Of “dog” there is no picture to validate on" in each for each in both.warnings)
    (tmp_path / "x.zip").write_bytes(zipped(PETS))
    assert accept_folder(tmp_path / "x.zip").counts() == (10, 5)
    with pytest.raises(BadData, match="cannot be read"):
        accept_folder(tmp_path / "nothing")


def test_adding_keeps_who_was_where() -> None:
    """Old pictures keep number and part, new ones are split, the old revision stays."""
    old = accept_zip(zipped(PETS), "x.zip", "me")
    more = [(f"{n}.png", painted(200 + n)) for n in range(10)]
    new = add(old.key, "dog", [*more, ("bad.jpg", b"bad")])
    assert (new.revision, new.counts(), new.counts("validation")) == (2, (10, 15), (2, 3))
    assert new.items[:15] == old.items
    assert set(refused(new)) == {"bad.jpg"}
    third = add(new.key, "새 🐦", more[:1])
    assert third.classes == ("cat", "dog", "새 🐦")
    assert CollectionStore().get(old.key) == old


def test_adding_says_what_cannot_be() -> None:
    """No picture among the files, too many, a collection that is gone."""
    old = accept_zip(zipped(PETS), "x.zip", "me")
    with pytest.raises(BadData, match="no picture in here that can be read"):
        add(old.key, "cat", [("x", b"x")])
    CollectionStore().delete(old.id)
    with pytest.raises(MissingData):
        add(old.key, "cat", [("x.png", painted(1))])


def test_numbers_are_never_used_twice() -> None:
    """Not even where a picture was removed and an old revision is gone on from."""
    old = accept_zip(zipped(PETS), "x.zip")
    store = CollectionStore()
    added = add(old.key, "cat", [("new.png", painted(300))])
    undone = add(old.key, "cat", [("other.png", painted(301))])
    assert added.items[-1].id != undone.items[-1].id
    last = store.remove(undone.key, [undone.items[-1].id])
    again = add(last.key, "cat", [("third.png", painted(302))])
    assert again.items[-1].id not in {added.items[-1].id, undone.items[-1].id}


def test_cifar_as_a_small_upload(shared_data: Path) -> None:
    """Two classes of sixty: nothing refused, nothing to warn of, a fifth held out."""
    contents: dict[str, bytes] = {}
    wanted = {"airplane": 60, "bird": 60}
    with tarfile.open(shared_data / "cifar10/cifar10-jpeg.tar.xz") as archive:
        for member in archive:
            _, *name = member.name.split("/")
            if member.isfile() and wanted.get(name[0], 0):
                stream = archive.extractfile(member)
                assert stream is not None
                contents["/".join(name)] = stream.read()
                wanted[name[0]] -= 1
            if not any(wanted.values()):
                break
    made = accept_zip(zipped(contents), "cifar.zip")
    assert (made.classes, made.counts(), made.counts("validation")) == (
        ("airplane", "bird"), (60, 60), (12, 12),
    )  # fmt: skip
    assert (made.refused, made.warnings) == ((), ())


def test_the_engine_does_it_where_untrusted_files_are_decoded() -> None:
    """In bounded memory, without torch."""
    names = [name for name in library.CALLS if name.startswith("collections.")]
    assert len(names) == 4
    for name in names:
        assert library.CALLS[name].lane == "pictures"
        assert callable(library.function_of(library.CALLS[name].target))


def test_the_caps_are_the_documented_ones() -> None:
    """Ten to five thousand pictures."""
    assert (records.FEWEST_PICTURES, records.MOST_PICTURES) == (10, 5_000)
    made = accept_zip(zipped(files({"a": 5, "b": 5})), "x.zip")
    with pytest.raises(BadRequest, match="10 are needed at least"):
        CollectionStore().remove(made.key, [made.items[0].id])
