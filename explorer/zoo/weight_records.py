"""What can be said of a network's weights without loading them. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

WeightsKind: TypeAlias = Literal["published", "own", "yours", "trained", "random"]

RANDOM = "random"
"""The key of untrained weights."""
OWN = "convzoo"
"""The key of weights this project trained itself."""
FILE = "file:"
"""What the key of a checkpoint begins with that somebody handed in; its digest follows."""


@dataclass(frozen=True, slots=True)
class WeightsChoice:
    """One set of weights a model can be used with.

    `key` is torchvision's name of the set ("IMAGENET1K_V1"), "convzoo", "file:<digest>",
    "last-<mark>" or "best-<mark>" of a run that was trained here, or "random". `path` is the file
    if it is on disk and empty if not; `folder` and `file` say where it is looked for. `megabytes`
    are of 2^20 bytes, `top1` is the accuracy in percent on `dataset` as its authors measured it,
    None where nobody did. `digest` is what the file's SHA-256 begins with, empty where that is not
    known. `licence` and `note` are sentences.
    """

    key: str
    title: str
    kind: WeightsKind
    on_disk: bool
    path: str = ""
    file: str = ""
    folder: str = ""
    url: str = ""
    megabytes: float | None = None
    top1: float | None = None
    dataset: str = ""
    licence: str = ""
    note: str = ""
    digest: str = ""
