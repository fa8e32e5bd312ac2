"""Archives of class folders that nobody offers to download: put there by hand. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from explorer import config
from explorer.errors import MissingData

if TYPE_CHECKING:
    from pathlib import Path

PLACED: Mapping[str, str] = {"cifar10-jpeg": "cifar10/cifar10-jpeg.tar.xz"}
"""Where each belongs, below the data folder."""


def path(key: str) -> Path:
    """Return the place of an archive, whether it is there or not."""
    return config.data_folder() / PLACED[key]


def archive(key: str) -> Path:
    """Return an archive that is there. Raises MissingData for one that is not."""
    found = path(key)
    if not found.is_file():
        raise MissingData(
            f"There is no {found}: put an archive of class folders there, or train on cifar10, "
            "the same pictures without loss, which can be downloaded."
        )
    return found
