"""Where collections are kept, edited and forgotten."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from explorer.collections import disk, store
from explorer.collections.intake import accept_zip
from explorer.collections.store import CollectionStore
from explorer.errors import BadData, BadRequest, DiskFull, ExplorerError, MissingData, StoreFailed
from tests.collections.painted import files, zipped

if TYPE_CHECKING:
    from explorer.collections.records import Collection


@pytest.fixture
def made() -> Collection:
    """Twelve pictures in three classes."""
    return accept_zip(zipped(files({"a": 6, "b": 4, "c": 4})), "x.zip", "me")


def ids(collection: Collection, label: int) -> list[int]:
    """Numbers of a class's pictures."""
    return [item.id for item in collection.items if item.label == label]


def test_every_edit_is_a_revision_of_its_own(made: Collection) -> None:
    """What a run learned from reads as it did."""
    kept = CollectionStore()
    moved = kept.relabel(made.key, ids(made, 0)[:2], 1)
    fewer = kept.remove(moved.key, ids(moved, 1)[:1])
    named = kept.rename(fewer.key, 2, "고래 🐳")
    assert [each.revision for each in (made, moved, fewer, named)] == [1, 2, 3, 4]
    assert [each.counts() for each in (made, moved, fewer)] == [(6, 4, 4), (4, 6, 4), (4, 5, 4)]
    assert named.classes == ("a", "b", "고래 🐳")
    for each in (made, moved, fewer, named):
        assert CollectionStore().get(each.key) == each
    assert kept.get(f"collection:{made.id}") == named
    assert kept.of_owner("me") == (named,)
    assert kept.of_owner("they") == ()


def test_an_edit_goes_on_from_the_revision_it_names(made: Collection) -> None:
    """That is how one is taken back."""
    kept = CollectionStore()
    kept.remove_class(made.key, 1)
    again = kept.rename(made.key, 0, "A")
    assert (again.revision, again.classes, again.counts()) == (3, ("A", "b", "c"), (6, 4, 4))


def test_a_class_goes_with_its_pictures(made: Collection) -> None:
    """The others move up."""
    left = CollectionStore().remove_class(made.key, 1)
    assert (left.classes, left.counts()) == (("a", "c"), (6, 4))
    assert ids(left, 1) == ids(made, 2)


def test_parts_stay_where_they_can(made: Collection) -> None:
    """So that a result can be compared; what a class lacks comes from what it has."""
    kept = CollectionStore()
    parts = {item.id: item.part for item in made.items}
    held = [item.id for item in made.items if item.part == "validation" and item.label == 0]
    left = kept.remove(made.key, held)
    changed = [item for item in left.items if item.part != parts[item.id]]
    assert [item.label for item in changed] == [0]
    assert left.counts("validation") == made.counts("validation") == (1, 1, 1)


def test_splitting_anew(made: Collection) -> None:
    """Another share, by a seed; the same one gives the same."""
    kept = CollectionStore()
    half = kept.split(made.key, 50, 7)
    assert (half.counts("validation"), half.share, half.seed) == ((3, 2, 2), 50, 7)
    assert kept.split(made.key, 50, 7).items == half.items
    own = accept_zip(zipped(files({"train/a": 5, "train/b": 5, "val/a": 5, "val/b": 1})), "x.zip")
    assert own.counts("validation") == (5, 1)
    anew = kept.split(own.key, 20, 0)
    assert (anew.own_split, anew.counts("validation")) == (False, (2, 1))


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda s, c: s.relabel(c.key, ids(c, 1), 0), "No picture of the class “b” would be left"),
        (lambda s, c: s.relabel(c.key, ids(c, 1)[:1], 3), "no class of the number 3"),
        (lambda s, c: s.relabel(c.key, [999], 0), "not in the collection any more"),
        (lambda s, c: s.relabel(c.key, [], 0), "No picture is chosen"),
        (lambda s, c: s.remove(c.key, ids(c, 0)[:5]), "9 pictures would be left, and 10 are"),
        (lambda s, c: s.remove_class(c.key, -1), "no class of the number -1"),
        (lambda s, c: s.rename(c.key, 0, " b "), "a class “b” already"),
        (lambda s, c: s.split(c.key, 80, 0), "Between 5 and 50 percent"),
        (lambda s, c: s.retitle(c.key, " "), "has a title"),
        (lambda s, c: s.thumbnail(c.key, 1, 9999), "16 to 512 pixels"),
    ],
)
def test_edits_that_cannot_be_are_said(
    edit: Callable[[CollectionStore, Collection], object], said: str, made: Collection
) -> None:
    """In a sentence, and nothing changes."""
    with pytest.raises(BadRequest, match=said):
        edit(CollectionStore(), made)
    assert CollectionStore().of_owner("me") == (made,)


def test_a_class_name_must_be_seen(made: Collection) -> None:
    """As when it is handed in."""
    with pytest.raises(BadData, match="needs a name"):
        CollectionStore().rename(made.key, 0, "\n")


def test_the_last_two_classes_stay(made: Collection) -> None:
    """A classifier of one class knows nothing."""
    two = CollectionStore().remove_class(made.key, 1)
    with pytest.raises(BadRequest, match="two classes apart at least"):
        CollectionStore().remove_class(two.key, 0)


@pytest.mark.parametrize(
    "key", ["", "digits", "collection:", "collection:../../etc.1", "collection:0123456789abcdef.0"]
)
def test_what_is_no_key_is_said(key: str) -> None:
    """No path is made of it."""
    with pytest.raises(BadRequest, match="names no collection"):
        CollectionStore().get(key)


def test_deleting_is_for_good(made: Collection, data_folder: Path) -> None:
    """Pictures, thumbnails and all revisions."""
    kept = CollectionStore()
    kept.thumbnail(made.key, 1, 48)
    named = kept.rename(made.key, 0, "A")
    assert sum(path.is_file() for path in data_folder.rglob("*")) == 14 + 1 + 2 + 1
    kept.delete(made.id)
    assert [path for path in data_folder.rglob("*") if path.is_file()] == []
    for ask in (
        lambda: kept.get(made.key),
        lambda: kept.picture(named.key, 1),
        lambda: kept.thumbnail(made.key, 1),
        lambda: kept.rename(named.key, 0, "B"),
        lambda: kept.delete(made.id),
    ):
        with pytest.raises(MissingData, match="not kept any more"):
            ask()
    assert kept.of_owner("me") == ()


def test_what_is_deleted_in_the_middle_of_an_edit_stays_deleted(made: Collection) -> None:
    """Somebody else may delete while pictures are being added."""
    kept = CollectionStore()
    kept.delete(made.id)
    (kept.folder / made.id / "pictures").mkdir(parents=True)
    with pytest.raises(MissingData):
        kept.put(made)
    assert not (kept.folder / made.id).exists()


def test_thumbnails(made: Collection) -> None:
    """A square; small pictures grow by whole numbers, large ones shrink."""
    kept = CollectionStore()
    sizes = []
    for side in (16, 96, 200):
        with Image.open(io.BytesIO(kept.thumbnail(made.key, 3, side))) as drawn:
            sizes.append(drawn.size)
    assert sizes == [(16, 16), (80, 80), (200, 200)]
    with pytest.raises(MissingData, match="not in the collection any more"):
        kept.picture(made.key, 999)


def test_old_revisions_go_unless_a_run_learned_from_them(
    made: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the pictures that are in none of them any more."""
    monkeypatch.setattr(store, "KEPT_REVISIONS", 2)
    monkeypatch.setattr(store, "_FRESH_SECONDS", -1.0)
    kept = CollectionStore(in_use=lambda: {f"collection:{made.id}.2"})
    gone, stays = ids(made, 0)[:2]
    second = kept.remove(made.key, [gone])
    third = kept.remove(second.key, [stays])
    fourth = kept.rename(third.key, 0, "A")
    fifth = kept.rename(fourth.key, 0, "B")
    assert [kept.get(each.key) for each in (second, fourth, fifth)] == [second, fourth, fifth]
    for each in (made, third):
        with pytest.raises(MissingData):
            kept.get(each.key)
    pictures = {path.name for path in (kept.folder / made.id / "pictures").iterdir()}
    assert pictures == {item.traits.digest for item in second.items}


def test_nothing_goes_while_nobody_knows_the_runs(
    made: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store of runs that cannot be read is no reason to forget."""
    monkeypatch.setattr(store, "KEPT_REVISIONS", 1)

    def unknown() -> frozenset[str]:
        raise StoreFailed("it cannot be read")

    kept = CollectionStore(in_use=unknown)
    kept.rename(made.key, 0, "A")
    assert kept.get(made.key) == made


def test_the_store_of_runs_is_asked(made: Collection) -> None:
    """By itself, without a run in it."""
    assert store._keys_of_runs() == frozenset()


def test_two_edits_at_once_are_both_kept(made: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower one gets the next number."""
    kept, real = CollectionStore(), disk.write_new
    raced: list[Collection] = []

    def slow(path: Path, data: bytes) -> None:
        if not raced:
            raced.append(made)
            raced.append(CollectionStore().rename(made.key, 0, "first"))
        real(path, data)

    monkeypatch.setattr(disk, "write_new", slow)
    second = kept.rename(made.key, 0, "second")
    assert (raced[1].revision, second.revision) == (2, 3)
    assert kept.get(raced[1].key).classes[0] == "first"


def test_bounds_are_said(
    made: Collection, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    """How many there may be, and how much room there must be."""
    monkeypatch.setattr(store, "MOST_COLLECTIONS", 1)
    with pytest.raises(DiskFull, match="delete one that is not needed"):
        accept_zip(zipped(files({"a": 6, "b": 6})), "x.zip")
    monkeypatch.setattr(store, "MOST_COLLECTIONS", 9)
    monkeypatch.setattr(store, "ROOM_BYTES", 10**18)
    with pytest.raises(DiskFull, match="is full; make room"):
        accept_zip(zipped(files({"a": 6, "b": 6})), "x.zip")
    assert [path.name for path in (data_folder / "collections").iterdir()] == [made.id]


def test_a_disk_that_fills_in_an_edit_loses_nothing(
    made: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The revision before it stays the newest."""

    def full(descriptor: int, mode: str) -> None:
        os.close(descriptor)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk.os, "fdopen", full)
    with pytest.raises(DiskFull):
        CollectionStore().rename(made.key, 0, "A")
    monkeypatch.undo()


def test_a_damaged_revision_is_said(made: Collection) -> None:
    """As one that is gone: there is nothing to be done about it."""
    kept = CollectionStore()
    (kept.folder / made.id / "1.revision").write_bytes(b"no")
    with pytest.raises(ExplorerError, match="hand the pictures in again"):
        kept.get(made.key)
    assert kept.of_owner("me") == ()


def test_reading_needs_neither_torch_nor_scipy() -> None:
    """The page server reads collections in a moment."""
    code = (
        "import sys, explorer.collections.store as s; s.CollectionStore().of_owner('');"
        "assert not {'torch', 'scipy', 'imagehash', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
