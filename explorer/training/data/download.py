"""Fetch the archives of torchvision's data sets to where its classes look. No torch here.

They are unpacked when the set is loaded, by torchvision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.progress import Progress, silent
from explorer.training.data import catalogue
from explorer.training.data.archives import ARCHIVES
from explorer.zoo import transfer

if TYPE_CHECKING:
    from explorer.training.data.records import DataSet

SPARE = 1 << 20
"""Bytes an archive may be longer than when it was last looked at."""


def download(key: str, progress: Progress = silent) -> DataSet:
    """Fetch what is missing of a data set, and return it; one that is here needs nothing.

    Only the addresses that torchvision publishes are ever asked. Raises BadRequest for an unknown
    key, DownloadFailed with the reason; Cancelled keeps what has come for next time.
    """
    data = catalogue.find(key)
    missing = [archive for archive in ARCHIVES.get(key, ()) if not archive.is_here]
    total, done = sum(archive.bytes for archive in missing), 0
    for archive in missing:
        wanted = transfer.Wanted(
            url=archive.url,
            target=archive.path,
            digest=archive.md5,
            most=archive.bytes + SPARE,
            checksum="MD5",
            setting="CONVZOO_DATA",
        )
        transfer.fetch(wanted, _share(progress, done / total, archive.bytes / total))
        done += archive.bytes
    return data


def _share(progress: Progress, begun: float, share: float) -> Progress:
    """Progress of one file as part of the whole."""
    return lambda fraction, sentence: progress(begun + share * fraction, sentence)
