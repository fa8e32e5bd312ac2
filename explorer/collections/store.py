"""Where collections are kept: `CollectionStore()`, what pages, engine and runs share. No torch.

    <id>/owner             whose it is
    <id>/3.revision        what belongs to it, how it is labelled and split; never changed
    <id>/pictures/<digest> each picture once, encoded anew, without metadata
    <id>/thumbs/96/<digest>

An edit writes another revision, so that what a run learns from, and is judged by later, stays. The
newest twenty are kept, and those of which runs are in the store.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from explorer import config
from explorer.collections import changes, coding, disk, looking
from explorer.collections.records import PREFIX, Collection
from explorer.errors import BadRequest, DiskFull, ExplorerError, MissingData, StoreFailed

if TYPE_CHECKING:
    from explorer.collections.looking import Seen

KEPT_REVISIONS = 20
MOST_COLLECTIONS = 200
"""Of all visitors together; nothing is deleted silently, so beyond it no new one is taken."""
ROOM_BYTES = 200_000_000
"""Free bytes on the disk without which nothing is taken in."""
WHOLE = "whole"
SIDE = 96
SLOW_BYTES = 40_000
"""A file from which a thumbnail is not drawn at once when somebody looks."""
LEAST_SIDE, MOST_SIDE = 16, 512

_KEY = re.compile(r"collection:([0-9a-f]{16})(?:\.([1-9][0-9]{0,8}))?")
_FRESH_SECONDS = 3600.0
"""How long a picture without a revision is left alone: somebody may be adding it right now."""


class CollectionStore:
    """All collections in a folder (default: "collections" in `config.data_folder()`).

    Several processes may share it. `in_use` says which keys runs were trained on.
    """

    def __init__(
        self,
        folder: Path | None = None,
        in_use: Callable[[], AbstractSet[str]] | None = None,
    ) -> None:
        self.folder = config.data_folder() / "collections" if folder is None else folder
        self._in_use = in_use or _keys_of_runs

    def get(self, key: str) -> Collection:
        """Return the revision of a key, "collection:<id>.<revision>"; without one, the newest.

        Raises BadRequest for what is no key, MissingData for what is not kept (any more).
        """
        id, revision = _parsed(key)
        number = revision or max(self._revisions(id), default=0)
        path = self.folder / id / f"{number}.revision"
        try:
            state = path.stat()
            return _read(path, state.st_mtime_ns)
        except (OSError, ValueError):
            raise _gone() from None

    def of_owner(self, owner: str) -> tuple[Collection, ...]:
        """Return the newest revisions of what a visitor handed in, the last edited first."""
        found = []
        for id in self._ids():
            with contextlib.suppress(MissingData, OSError):
                if (self.folder / id / "owner").read_text("utf-8") == owner:
                    found.append(self.get(f"{PREFIX}{id}"))
        return tuple(sorted(found, key=lambda each: (-each.created, each.id)))

    def delete(self, id: str) -> None:
        """Delete a collection with all revisions, pictures and thumbnails, for good.

        A run that has begun goes on with what it has read. Raises MissingData where it is gone
        already, StoreFailed where a file cannot be removed.
        """
        id, _ = _parsed(f"{PREFIX}{id}")
        try:
            shutil.rmtree(self.folder / id)
        except FileNotFoundError:
            raise _gone() from None
        except OSError as error:
            raise StoreFailed(
                f"Not all pictures could be deleted ({error.strerror}); delete {self.folder / id} "
                "by hand."
            ) from None
        _read.cache_clear()

    def picture(self, key: str, item_id: int) -> bytes:
        """Return a picture as a PNG or JPEG file: upright RGB, without metadata.

        Raises as `get` does, and MissingData for a picture that is not in this revision.
        """
        return self._file(*self._place(key, item_id))

    def thumbnail(self, key: str, item_id: int, side: int = SIDE) -> bytes:
        """Return the middle of a picture as a PNG or JPEG, a square of at most `side` pixels.

        Raises as `picture` does, and BadRequest for a side below 16 or above 512.
        """
        if not LEAST_SIDE <= side <= MOST_SIDE:
            raise BadRequest(f"Thumbnails have {LEAST_SIDE} to {MOST_SIDE} pixels, not {side}.")
        id, digest = self._place(key, item_id)
        path = self.folder / id / "thumbs" / str(side) / digest
        with contextlib.suppress(OSError):
            return path.read_bytes()
        drawn = looking.thumbnail(self._file(id, digest), side)
        with contextlib.suppress(OSError):  # then it is drawn again
            disk.write(path, drawn)
        return drawn

    def relabel(self, key: str, items: AbstractSet[int] | Sequence[int], label: int) -> Collection:
        """Move pictures to another class, in a new revision. Raises BadRequest where none can."""
        return self._edited(key, lambda old: changes.relabelled(old, frozenset(items), label))

    def remove(self, key: str, items: AbstractSet[int] | Sequence[int]) -> Collection:
        """Leave pictures out of a new revision. Raises BadRequest where too few would stay."""
        return self._edited(key, lambda old: changes.without(old, frozenset(items)))

    def rename(self, key: str, label: int, name: str) -> Collection:
        """Give a class another name. Raises BadRequest for another class's, BadData for none."""
        return self._edited(key, lambda old: changes.renamed(old, label, name))

    def remove_class(self, key: str, label: int) -> Collection:
        """Leave a class out with its pictures. Raises BadRequest where a single one would stay."""
        return self._edited(key, lambda old: changes.without_class(old, label))

    def split(self, key: str, share: float, seed: int) -> Collection:
        """Split the pictures anew, `share` percent to validate on. Raises BadRequest."""
        return self._edited(key, lambda old: changes.split(old, share, seed))

    def retitle(self, key: str, title: str) -> Collection:
        """Give a collection another title. Raises BadRequest for an empty one."""
        return self._edited(key, lambda old: changes.retitled(old, title))

    def _edited(self, key: str, change: Callable[[Collection], Collection]) -> Collection:
        old = self.get(key)
        with disk.guarded(self.folder):
            return self.put(change(old))

    @contextlib.contextmanager
    def begun(self) -> Iterator[Path]:
        """Make a folder whose `WHOLE` becomes a new collection; gone if it is not `finish`ed.

        Raises DiskFull where there is no room for it, or none is left in the middle.
        """
        with disk.guarded(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._check_room()
            with tempfile.TemporaryDirectory(
                dir=self.folder, prefix=".writing-", ignore_cleanup_errors=True
            ) as place:
                yield Path(place)

    def finish(self, place: Path, collection: Collection) -> Collection:
        """Keep a new collection whose pictures were written to a folder of `begun`."""
        made = replace(collection, id=secrets.token_hex(8), revision=1, created=time.time())
        whole = place / WHOLE
        disk.write(whole / "owner", made.owner.encode())
        disk.write(whole / "1.revision", coding.encoded(made))
        whole.replace(self.folder / made.id)
        return made

    def put(self, changed: Collection) -> Collection:
        """Keep a changed collection as its newest revision.

        Raises MissingData where it was deleted meanwhile, and OSError.
        """
        place = self.folder / changed.id
        if not (place / "owner").exists():  # deleted while pictures were being added
            shutil.rmtree(place, ignore_errors=True)
            raise _gone()
        next_id = self.next_id(changed)
        for number in range(max(self._revisions(changed.id), default=0) + 1, 10**9):
            made = replace(changed, revision=number, created=time.time(), next_id=next_id)
            try:
                disk.write_new(place / f"{number}.revision", coding.encoded(made))
            except FileExistsError:  # another process was faster
                continue
            except FileNotFoundError:
                break
            self._prune(changed.id)
            return made
        raise _gone()

    def next_id(self, collection: Collection) -> int:
        """Return a number that no picture of any revision has or had."""
        newest = self.get(f"{PREFIX}{collection.id}")
        return max(newest.next_id, collection.next_id)

    def _place(self, key: str, item_id: int) -> tuple[str, str]:
        """Id and digest of a picture."""
        collection = self.get(key)
        if (item := collection.item(item_id)) is None:
            raise MissingData(
                "This picture is not in the collection any more; look at the newest revision."
            )
        return collection.id, item.traits.digest

    def _file(self, id: str, digest: str) -> bytes:
        try:
            return (self.folder / id / "pictures" / digest).read_bytes()
        except OSError:
            raise _gone() from None

    def _ids(self) -> tuple[str, ...]:
        with contextlib.suppress(OSError):
            names = [path.name for path in self.folder.iterdir()]
            return tuple(name for name in names if _KEY.fullmatch(f"{PREFIX}{name}"))
        return ()

    def _revisions(self, id: str) -> tuple[int, ...]:
        with contextlib.suppress(OSError):
            return tuple(
                sorted(int(path.stem) for path in (self.folder / id).glob("[1-9]*.revision"))
            )
        return ()

    def _check_room(self) -> None:
        if len(self._ids()) >= MOST_COLLECTIONS:
            raise DiskFull(
                f"{MOST_COLLECTIONS} collections are kept already, as many as there may be; delete "
                "one that is not needed any more."
            )
        if shutil.disk_usage(self.folder).free < ROOM_BYTES:
            raise disk.full(self.folder)

    def _prune(self, id: str) -> None:
        """Remove the oldest revisions, and pictures that are in none any more."""
        revisions = self._revisions(id)
        if len(revisions) <= KEPT_REVISIONS:
            return
        try:
            used = self._in_use()
        except ExplorerError:
            return  # nobody knows, so everything stays
        old = [n for n in revisions[:-KEPT_REVISIONS] if f"{PREFIX}{id}.{n}" not in used]
        place = self.folder / id
        for number in old:
            with contextlib.suppress(OSError):
                (place / f"{number}.revision").unlink()
        with contextlib.suppress(MissingData):
            self._sweep(place, [self.get(f"{PREFIX}{id}.{n}") for n in self._revisions(id)])

    def _sweep(self, place: Path, revisions: Sequence[Collection]) -> None:
        wanted = {item.traits.digest for each in revisions for item in each.items}
        for path in (*place.glob("pictures/*"), *place.glob("thumbs/*/*")):
            with contextlib.suppress(OSError):
                fresh = time.time() - path.stat().st_mtime < _FRESH_SECONDS
                if path.name not in wanted and not fresh:
                    path.unlink()


def keep(place: Path, seen: Seen) -> None:
    """Write a picture into the folder of a collection, and a thumbnail of a large one.

    Raises OSError.
    """
    path = place / "pictures" / seen.traits.digest
    if path.exists():
        os.utime(path)
        return
    disk.write(path, seen.file)
    if len(seen.file) > SLOW_BYTES:
        disk.write(place / "thumbs" / str(SIDE) / path.name, looking.thumbnail(seen.file, SIDE))


def _parsed(key: str) -> tuple[str, int]:
    """Id and revision of a key; 0 stands for the newest."""
    if (found := _KEY.fullmatch(key)) is None:
        raise BadRequest(
            f"{key[:60]!r} names no collection; take one from the list of yours, or hand pictures "
            "in."
        )
    return found[1], int(found[2] or 0)


@lru_cache(maxsize=16)
def _read(path: Path, changed: int) -> Collection:
    """A revision, remembered: it is never written twice. `changed` tells files apart."""
    return coding.decoded(path.read_bytes())


def _keys_of_runs() -> frozenset[str]:
    from explorer.runs.store import RunStore  # noqa: PLC0415 - asked once in twenty edits

    return frozenset(run.recipe.data for run in RunStore().runs())


def _gone() -> MissingData:
    return MissingData(
        "This collection of pictures is not kept any more; hand the pictures in again."
    )
