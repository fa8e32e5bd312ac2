"""Files for the gate, made here with Pillow or by hand."""

from __future__ import annotations

import io
import struct
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
LOSSLESS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "WEBP": {"lossless": True, "exact": True},
    "BMP": {},
    "TIFF": {},
}


def scene(height: int = 24, width: int = 40) -> npt.NDArray[np.uint8]:
    """A small picture that looks different from every side: (H, W, 3)."""
    y, x = np.mgrid[0:height, 0:width]
    array = np.stack([x * 255 // width, y * 255 // height, (x + 2 * y) % 256], axis=-1)
    array[: height // 3, : width // 4] = (250, 20, 30)
    return array.astype(np.uint8)


def saved(image: Image.Image | npt.NDArray[Any], kind: str, **options: Any) -> bytes:
    """The bytes of a file of this kind."""
    file = io.BytesIO()
    # A copy: Pillow leaves the settings of one format's encoder with the picture.
    picture = image.copy() if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(file, kind, **options)
    return file.getvalue()


def several(image: Image.Image) -> dict[str, Any]:
    """Options that make a file of three frames or pages."""
    return {"save_all": True, "append_images": [image.rotate(90), image.rotate(180)]}


@cache
def seeds() -> dict[str, list[bytes]]:
    """Small valid files of every format, in all the ways a decoder reads them."""
    rgb = Image.fromarray(scene())
    alpha = rgb.copy()
    alpha.putalpha(Image.linear_gradient("L").resize(rgb.size))
    grey16 = Image.fromarray((scene()[..., 0].astype(np.uint16) << 8) + 7)
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    return {
        "JPEG": [
            saved(rgb, "JPEG", exif=exif, icc_profile=icc),
            saved(rgb, "JPEG", progressive=True),
            saved(rgb.convert("CMYK"), "JPEG"),
            saved(rgb, "MPO", **several(rgb)),
        ],
        "PNG": [
            saved(rgb, "PNG", exif=exif, icc_profile=icc),
            saved(rgb.quantize(16), "PNG", transparency=3),
            saved(grey16, "PNG"),
            saved(alpha, "PNG", **several(alpha)),
        ],
        "WEBP": [
            saved(alpha, "WEBP", exif=exif, icc_profile=icc),
            saved(rgb, "WEBP", lossless=True),
            saved(rgb, "WEBP", **several(rgb)),
        ],
        "BMP": [saved(rgb, "BMP"), saved(rgb.quantize(16), "BMP"), saved(alpha, "BMP")],
        "GIF": [
            saved(rgb.quantize(64), "GIF", comment=b"hello"),
            saved(rgb, "GIF", **several(rgb)),
        ],
        "TIFF": [
            saved(rgb, "TIFF", exif=exif, icc_profile=icc),
            saved(rgb, "TIFF", compression="tiff_lzw"),
            saved(rgb, "TIFF", compression="jpeg"),
            saved(grey16, "TIFF", compression="tiff_adobe_deflate"),
            saved(rgb.convert("1"), "TIFF", compression="group4"),
            saved(rgb, "TIFF", **several(rgb)),
        ],
        "AVIF": [
            saved(rgb, "AVIF", exif=exif, icc_profile=icc),
            saved(rgb, "AVIF", **several(rgb)),
        ],
    }


def mutated(seed: bytes, rng: np.random.Generator, other: bytes) -> bytes:
    """A seed with a few things done to it that a disk, a network or an enemy does."""
    data = bytearray(seed)
    for _ in range(rng.integers(1, 5)):
        at = int(rng.integers(0, max(1, len(data))))
        if rng.random() < 0.4:  # headers are where it hurts
            at = int(rng.integers(0, min(len(data), 200) or 1))
        length = int(rng.integers(1, 64))
        action = rng.integers(0, 8)
        if action == 0 and data:
            data[at % len(data)] ^= 1 << int(rng.integers(0, 8))
        elif action == 1:
            data[at : at + length] = rng.bytes(length)
        elif action == 2:
            data[at : at + length] = bytes([0 if rng.random() < 0.5 else 255]) * length
        elif action == 3:
            del data[at:]
        elif action == 4:
            del data[at : at + length]
        elif action == 5:
            data[at:at] = data[at : at + length] * int(rng.integers(1, 20))
        elif action == 6:
            order = "<" if rng.random() < 0.5 else ">"
            value = int(rng.choice([0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 20]))
            data[at : at + 4] = struct.pack(order + "I", value)
        else:
            data[at : at + length] = other[at : at + length]
    return bytes(data)


def tiff(tags: dict[int, tuple[int, int, int]], tail: bytes = b"") -> bytes:
    """A little-endian TIFF of one directory: tag -> (type, count, value), then `tail`."""
    entries = b"".join(
        struct.pack("<HHII", tag, kind, count, value)
        for tag, (kind, count, value) in sorted(tags.items())
    )
    head = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    return head + entries + b"\0\0\0\0" + tail
