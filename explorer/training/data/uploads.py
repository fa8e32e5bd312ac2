"""A zip of class folders that somebody hands in becomes a data set of their own. No torch here.

The zip is opened as untrusted as any picture: bytes are counted as they are inflated, names are
never paths, and each file goes through the gate.
"""

from __future__ import annotations

import hashlib

from explorer.errors import BadData, DiskFull
from explorer.pictures import archives
from explorer.pictures.intake import shown_name
from explorer.pictures.records import Refused
from explorer.progress import Progress, silent
from explorer.training.data import kept
from explorer.training.data.assembling import assemble, shape_of
from explorer.training.data.class_folders import SHAPE, arrange
from explorer.training.data.records import DataSet

MOST_FILES = 20_000
MOST_BYTES = 256 << 20
"""All its pictures together at the common size; beyond it the size is made smaller."""
DIRECTORY_BYTES = 4_000_000


def accept(data: bytes, name: str, owner: str = "", progress: Progress = silent) -> DataSet:
    """Check a zip of class folders, bring its pictures to one size, and keep them.

    The answer's key is "yours:" and a digest of owner and zip. Raises BadData with the reason in
    one sentence, DiskFull, and lets Cancelled through.
    """
    digest = hashlib.sha256(owner.encode() + b"\0" + data).hexdigest()[:16]
    key = f"{kept.YOURS}{digest}"
    known = kept.told(kept.path(digest), key)
    if known is not None:
        return known[0]
    title = shown_name(name).removesuffix(".zip")
    files, refused = _files(data, progress)
    arranged = arrange(list(files))
    shape = shape_of(arranged, files.__getitem__, MOST_BYTES)
    found = assemble(arranged, files.__getitem__, shape, lambda f, s: progress(0.2 + 0.8 * f, s))
    made = DataSet(
        key=key,
        title=title,
        idea=kept.IDEA,
        classes=arranged.classes,
        shape=shape,
        train=len(found.train),
        test=len(found.test),
        kind="yours",
        notes=(*found.notes, *refused),
    )
    try:
        kept.put(kept.UPLOADS, digest, found, made, owner)
    except DiskFull:
        raise
    except OSError as error:
        raise BadData(
            f"{title} could not be kept in {kept.UPLOADS.folder} ({error.strerror or error}); let "
            "CONVZOO_DATA name a folder that can be written to."
        ) from None
    return kept.find(digest)


def _files(data: bytes, progress: Progress) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The files of a zip by their names, and a sentence on those the zip would not give."""
    if not archives.is_zip(data):
        raise BadData(f"This is no ZIP archive; {SHAPE}, and all of that in one ZIP.")
    files: dict[str, bytes] = {}
    refused: list[Refused] = []
    expected = archives.declared(data, MOST_FILES)
    for each in archives.entries("", data, archives.Budget(), DIRECTORY_BYTES):
        if isinstance(each, Refused):
            if not each.name:  # of the archive itself
                raise BadData(each.reason)
            refused.append(each)
            continue
        files[each[0]] = each[1]
        if len(files) > MOST_FILES:
            raise BadData(
                f"This archive holds more than {MOST_FILES:,} files; hand in fewer, or train from "
                "the command line on the folder itself."
            )
        if len(files) % 100 == 0:
            progress(0.2 * min(1.0, len(files) / expected), f"Opening file {len(files):,}")
    if not refused:
        return files, ()
    first = refused[0]
    return files, (
        f"{len(refused):,} files of the archive were left out; {shown_name(first.name)}: "
        f"{first.reason}",
    )
