"""What the gate for pictures lets through, and what it says of the rest. No torch here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as every part of the project sees it: RGB, eight bits, nothing else.

    `png` holds the pixels without loss and without metadata; `explorer.pictures.pixels` opens it.
    `digest` is the SHA-256 of height, width (each eight bytes, little-endian) and the RGB bytes,
    so equal pixels have equal digests whatever file they came in. `format` is the file's own by
    content ("JPEG"), and each of `notes` is one sentence on what the gate did to it.
    """

    name: str
    height: int
    width: int
    png: bytes
    digest: str
    format: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is no picture for us: its name, and one sentence why."""

    name: str
    reason: str
