"""What a file's own structure gives away before any decoder opens it. No torch here.

Pillow checks the size a header declares, but not how much work a header can ask for: a JPEG of a
few kilobytes may want ten thousand passes over its pixels, a TIFF millions of strips.
"""

from __future__ import annotations

import re
import struct

from explorer.errors import BadPicture

ACCEPTED = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
"""Pillow's names of the formats the gate reads."""
WORDS = "JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF"
"""The same, for a sentence."""
TITLES = {"WEBP": "WebP"}
"""Where a format is written otherwise than Pillow calls it."""

MOST_JPEG_SEGMENTS = 1000
MOST_JPEG_SCANS = 100
"""Progressive files have about ten; libtiff too stops at a hundred."""
LONGEST_JPEG_GAP = 65_536
MOST_PNG_CHUNKS = 100_000
MOST_TIFF_VALUES = 65_536
"""Numbers in one entry of a TIFF directory: strips, tiles, colours."""

_SIGNATURES: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), kind)
    for pattern, kind in (
        (rb"\xff\xd8\xff", "JPEG"),
        (rb"\x89PNG\r\n\x1a\n", "PNG"),
        (rb"GIF8[79]a", "GIF"),
        (rb"RIFF....WEBP", "WEBP"),
        (rb"(II\x2a\x00|MM\x00\x2a|II\x2b\x00|MM\x00\x2b)", "TIFF"),
        (rb"....ftyp(avif|avis|(mif1|msf1).{0,40}avif)", "AVIF"),
        (rb"BM", "BMP"),
    )
)
_TIFF_BYTES = (1, 2, 6, 7)
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_ALONE = (0xD8, 0x01)

_OTHERS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), words)
    for pattern, words in (
        (rb"PK(\x03\x04|\x05\x06)", "a ZIP archive, which is opened where several are asked for"),
        (rb"....ftyp(heic|heix|hevc|heim|mif1|msf1)", "HEIC, which a phone can save as JPEG"),
        (rb"....ftyp|\x1aE\xdf\xa3", "a video"),
        (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", "JPEG XL"),
        (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", "JPEG 2000"),
        (rb"8BPS", "a Photoshop document"),
        (rb"\x00\x00\x01\x00", "an icon"),
        (rb"%PDF", "a PDF"),
        (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg", "an SVG drawing"),
        (rb"\s*(<!--.*?-->\s*)?<(!DOCTYPE )?html", "an HTML page"),
        (rb"\s*<\?xml", "XML"),
        (rb"\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ", "an archive"),
    )
)


def title(kind: str) -> str:
    """Return how one of `ACCEPTED` is written for a reader."""
    return TITLES.get(kind, kind)


def kind(data: bytes) -> str | None:
    """Return which of `ACCEPTED` a file begins as, whatever its name says; None for no one."""
    start = data[:64]
    return next((known for pattern, known in _SIGNATURES if pattern.match(start)), None)


def unknown(data: bytes) -> str:
    """Return one sentence on why bytes that no decoder knows are refused."""
    start = data[:1024].removeprefix(b"\xef\xbb\xbf")
    for pattern, words in _OTHERS:
        if pattern.match(start):
            return f"This file is no picture the app can read but {words}; choose {WORDS}."
    return f"This file is no picture the app can read; choose {WORDS}."


def check(data: bytes) -> None:
    """Refuse files whose headers ask for more work than any picture needs.

    Raises `BadPicture`. What is broken in other ways is left to the decoder.
    """
    known = kind(data)
    if known == "JPEG":
        _check_jpeg(data)
    elif known == "PNG":
        _check_png(data)
    elif known == "TIFF":
        _check_tiff(data)


def canvas(data: bytes) -> tuple[int, int] | None:
    """Return width and height of an extended WebP file, whose decoder allocates when it is opened.

    None for every other file: their sizes are known before anything is allocated.
    """
    if not (data.startswith(b"RIFF") and data[8:16] == b"WEBPVP8X" and len(data) >= 30):
        return None
    width, height = (int.from_bytes(data[start : start + 3], "little") for start in (24, 27))
    return width + 1, height + 1


def _check_jpeg(data: bytes) -> None:
    """Follow the segments to the end of the first image: a phone's file may hold more of them."""
    position, segments, scans = 2, 0, 0
    while True:
        found = _JPEG_MARKER.search(data, position)
        gap = (found.start() if found else len(data)) - position
        if scans == 0 and gap > LONGEST_JPEG_GAP:
            raise BadPicture("This file begins as a JPEG, but goes on otherwise; choose another.")
        if found is None:
            return
        marker, position = data[found.end() - 1], found.end()
        if marker == _END_OF_IMAGE:
            return
        segments += 1
        scans += marker == _START_OF_SCAN
        if segments > MOST_JPEG_SEGMENTS or scans > MOST_JPEG_SCANS:
            raise BadPicture(
                "This JPEG is made of more pieces than a photograph has, which would take too "
                "long to read; save it anew and try again."
            )
        if marker not in _ALONE:
            position += max(2, int.from_bytes(data[position : position + 2], "big"))


def _check_png(data: bytes) -> None:
    position, chunks = 8, 0
    while position < len(data):
        position += 12 + int.from_bytes(data[position : position + 4], "big")
        chunks += 1
        if chunks > MOST_PNG_CHUNKS:
            raise BadPicture(
                "This PNG is cut into more pieces than a picture has, which would take too long "
                "to read; save it anew and try again."
            )


def _check_tiff(data: bytes) -> None:
    """Look at the first directory as Pillow will (which takes byte three for BigTIFF's mark)."""
    order = "<" if data.startswith(b"II") else ">"
    big = data[2:3] == b"\x2b"
    try:
        (first,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
        (entries,) = struct.unpack_from(order + ("Q" if big else "H"), data, first)
    except (struct.error, OverflowError):
        return
    entry = struct.Struct(order + ("HHQ8x" if big else "HHI4x"))
    start = first + (8 if big else 2)
    whole = min(entries, max(0, len(data) - start) // entry.size)
    for _, type_, count in entry.iter_unpack(data[start : start + whole * entry.size]):
        if type_ not in _TIFF_BYTES and count > MOST_TIFF_VALUES:
            raise BadPicture(
                f"This TIFF is cut into {count:,} pieces, which would take too long to read; "
                "save it anew in larger strips and try again."
            )
