"""The one gate for pictures: untrusted bytes in, RGB of eight bits and nothing else out.

Whatever is wrong with a file is decided here, before anyone sees a pixel. No torch here.
"""

from __future__ import annotations

import contextlib
import io
import math
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps
from PIL.ExifTags import Base
from PIL.JpegImagePlugin import JpegImageFile

from explorer.errors import BadPicture
from explorer.pictures import colours, headers
from explorer.pictures.pixels import digest
from explorer.pictures.records import Picture

MOST_BYTES = 25_000_000
MOST_PIXELS = 24_000_000
"""Checked against the header, before anything is decoded."""
KEPT_PIXELS = 4_000_000
"""A larger picture is shrunk to this: no network of the zoo reads more."""
MOST_ELONGATED = 100
"""A network scales the short side to some 256 pixels; the long one grows with it."""

T = TypeVar("T")

_GREY = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "F")
_LONGEST_NAME = 80
_EXTENSIONS = {
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif", "mpo"), "JPEG"),
    **dict.fromkeys(("png", "apng"), "PNG"),
    **dict.fromkeys(("tif", "tiff"), "TIFF"),
    **dict.fromkeys(("bmp", "dib"), "BMP"),
    **dict.fromkeys(("avif", "avifs"), "AVIF"),
    "webp": "WEBP",
    "gif": "GIF",
}
_lock = threading.Lock()


def accept(data: bytes, name: str, kept_pixels: int = KEPT_PIXELS) -> Picture:
    """Decode the bytes of a file into a picture: upright, RGB, over white, without metadata.

    Of an animation the first frame is taken; more than `kept_pixels` are shrunk to that. Raises
    `BadPicture`, whose one sentence names the reason, and nothing else.
    """
    shown = shown_name(name)
    return _guarded(data, lambda kind: _picture(data, kind, shown, kept_pixels))


def rgb(data: bytes, kept_pixels: int = KEPT_PIXELS) -> npt.NDArray[np.uint8]:
    """Decode as `accept` does, but return only the pixels (H, W, 3): for data sets of thousands."""
    return _guarded(data, lambda kind: np.asarray(_decoded(data, kind, kept_pixels)[0]))


def header(data: bytes) -> tuple[int, int, bool]:
    """Return height and width as they are stored, and whether in shades of grey alone.

    Nothing is decoded. Raises `BadPicture`, and nothing else.
    """

    def read(kind: str) -> tuple[int, int, bool]:
        image = _opened(data, kind)
        return image.height, image.width, image.mode in _GREY

    return _guarded(data, read)


def camera(data: bytes) -> str:
    """Return make and model of the camera that EXIF names, "" where it names none.

    Raises nothing: the record is as untrusted as the pixels, and less needed.
    """

    def read(kind: str) -> str:
        exif = _opened(data, kind).getexif()
        named = (str(exif.get(tag, "")) for tag in (Base.Make, Base.Model))
        return " ".join("".join(filter(str.isprintable, " ".join(named))).split())[:_LONGEST_NAME]

    try:
        return _guarded(data, read)
    except BadPicture:
        return ""


def _guarded(data: bytes, read: Callable[[str], T]) -> T:
    """Have a file of a known kind read; whatever goes wrong becomes `BadPicture`."""
    kind = None
    try:
        _check_size(len(data))
        headers.check(data)
        kind = headers.kind(data)
        if kind is None:
            raise BadPicture(headers.unknown(data))
        with _quiet():
            return read(kind)
    except BadPicture:
        raise
    except MemoryError:
        raise BadPicture(
            "Decoding this file takes more memory than a picture may; save it anew, smaller."
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPicture(
            f"This picture declares far more than {MOST_PIXELS / 1e6:.0f} megapixels; make it "
            "smaller and try again."
        ) from None
    except Exception as error:  # a decoder's way of saying no is any exception at all
        raise BadPicture(_damaged(kind, error)) from error


def shown_name(name: str) -> str:
    """Return the last part of a file's name, printable and short: it is never used as a path."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(each for each in last if each.isprintable()).strip() or "picture"
    return clean if len(clean) <= _LONGEST_NAME else f"{clean[: _LONGEST_NAME - 10]}…{clean[-9:]}"


def _check_size(size: int) -> None:
    if size == 0:
        raise BadPicture("This file is empty; choose another one.")
    if size > MOST_BYTES:
        raise BadPicture(
            f"This file has {size / 1e6:.1f} MB; a picture may have at most "
            f"{MOST_BYTES / 1e6:.0f} MB, so save it smaller and try again."
        )


def _check_pixels(width: int, height: int) -> None:
    """Refuse by the size that a header declares."""
    if width < 1 or height < 1:
        raise BadPicture("This picture has no pixels; choose another one.")
    if width * height > MOST_PIXELS:
        raise BadPicture(
            f"This picture has {width:,} x {height:,} pixels; at most "
            f"{MOST_PIXELS / 1e6:.0f} megapixels are read, so make it smaller and try again."
        )
    if max(width, height) > MOST_ELONGATED * min(width, height):
        raise BadPicture(
            f"This picture has {width:,} x {height:,} pixels; one side may be at most "
            f"{MOST_ELONGATED} times the other, so cut out a part of it and try again."
        )


def _picture(data: bytes, kind: str, name: str, kept_pixels: int) -> Picture:
    final, notes = _decoded(data, kind, kept_pixels)
    return Picture(
        name=name,
        height=final.height,
        width=final.width,
        png=_png(final),
        digest=digest(np.asarray(final)),
        format=headers.title(kind),
        notes=(*_disguise(name, kind), *notes),
    )


def _decoded(data: bytes, kind: str, kept_pixels: int) -> tuple[Image.Image, tuple[str, ...]]:
    """Return the picture as RGB of eight bits, and what was done to make it so."""
    image = _opened(data, kind)
    deep = kind in ("PNG", "TIFF") and _is_deep(image)  # a BMP's ";16" are bits per pixel
    before = _orientation(image) if kind == "TIFF" else 1  # its decoder turns it by itself
    image.load()
    upright, turned = _upright(image, before)
    flat, scaled = colours.plain(upright)
    if deep and not scaled:
        scaled = ("It has sixteen bits per channel, of which the upper eight stay.",)
    small, shrunk = _shrunk(flat, kept_pixels)
    final, coloured = colours.rgb(small, image.info.get("icc_profile"))
    return final, (*_first(image), *turned, *scaled, *coloured, *shrunk)


def _opened(data: bytes, kind: str) -> Image.Image:
    """Open a file whose declared size is within the limits; nothing is decoded yet."""
    if (canvas := headers.canvas(data)) is not None:
        _check_pixels(*canvas)
    if kind == "JPEG":
        # Not by Image.open: that one would follow a phone's second picture (MPO).
        image: Image.Image = JpegImageFile(io.BytesIO(data))
    else:
        image = Image.open(io.BytesIO(data), formats=(kind,))
    _check_pixels(*image.size)
    if kind == "TIFF":
        _check_tiles(image)
    return image


def _check_tiles(image: Image.Image) -> None:
    """Refuse a TIFF whose tiles are far larger than itself: they are decoded whole."""
    tags = getattr(image, "tag_v2", {})
    width, height = tags.get(Base.TileWidth, 1), tags.get(Base.TileLength, 1)
    if not (isinstance(width, int) and isinstance(height, int)):
        raise BadPicture("This TIFF does not say how large its tiles are; save it anew.")
    if width * height > MOST_PIXELS:
        raise BadPicture(
            f"This TIFF has tiles of {width:,} x {height:,} pixels, which would take too much "
            "memory to read; save it anew and try again."
        )


def _is_deep(image: Image.Image) -> bool:
    """Whether a picture not yet loaded is stored with sixteen bits per channel."""
    return any(";16" in str(tile.args) for tile in getattr(image, "tile", ()))


def _orientation(image: Image.Image) -> int | None:
    """EXIF's orientation, 1 to 8; None where the record cannot be read."""
    try:
        value = image.getexif().get(Base.Orientation, 1)
        return value if isinstance(value, int) and 1 <= value <= 8 else 1
    except Exception:  # the record is as untrusted as the pixels, and less needed
        return None


def _upright(image: Image.Image, before: int | None) -> tuple[Image.Image, tuple[str, ...]]:
    """Turn a loaded picture as EXIF says; `before` is what it said before it was loaded."""
    after = _orientation(image)
    if before is None or after is None:
        return image, ("Its EXIF record cannot be read, so it stands as it was stored.",)
    if after != 1:
        # A record with this one entry: what else is wrong in a file's own must not matter.
        image = image.copy()
        image.info.pop("exif", None)
        image.info.pop("xmp", None)
        exif = image.getexif()
        exif.clear()
        exif[Base.Orientation] = after
        image = ImageOps.exif_transpose(image)
    return image, (
        "It was turned upright as its EXIF record says.",
    ) if before != 1 or after != 1 else ()


def _shrunk(image: Image.Image, most: int) -> tuple[Image.Image, tuple[str, ...]]:
    """Scale a picture down to at most so many pixels, antialiased."""
    width, height = image.size
    if width * height <= most:
        return image, ()
    scale = math.sqrt(most / (width * height))
    size = max(1, int(width * scale)), max(1, int(height * scale))
    note = f"It was shrunk from {width:,} x {height:,} to {size[0]:,} x {size[1]:,} pixels."
    return image.resize(size, Image.Resampling.LANCZOS), (note,)


def _png(image: Image.Image) -> bytes:
    """The pixels alone; fast rather than small, for they only travel within this computer."""
    file = io.BytesIO()
    bare = Image.frombytes("RGB", image.size, image.tobytes())
    bare.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _disguise(name: str, kind: str) -> tuple[str, ...]:
    claimed = _EXTENSIONS.get(PurePosixPath(name).suffix[1:].lower())
    if claimed in (None, kind):
        return ()
    return (f"Its name says {headers.title(claimed)}, but it is a {headers.title(kind)} file.",)


def _first(image: Image.Image) -> tuple[str, ...]:
    with contextlib.suppress(Exception):  # looking past the first frame may meet damage
        if getattr(image, "is_animated", False):
            part = "page" if image.format == "TIFF" else "frame"
            return (f"It holds more than one {part}; the first was taken.",)
    return ()


def _damaged(kind: str | None, error: Exception) -> str:
    what = headers.title(kind) if kind else "file"
    said = (str(error).splitlines() or [""])[0].strip(". ")
    if "truncated" in said.lower():
        return f"This {what} ends too early: a part of it is missing, so fetch or save it again."
    said = "" if "<" in said or not said else f" ({''.join(filter(str.isprintable, said))[:100]})"
    return f"This {what} is damaged and cannot be decoded{said}; save it anew and try again."


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let no warning out, and none about a bomb pass; the filters are the whole process's."""
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield
