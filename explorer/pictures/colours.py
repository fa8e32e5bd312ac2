"""Whatever a file stores its colours as, made into RGB of eight bits. No torch here.

16 bits        the upper eight are kept
32-bit numbers between 0 and 1 times 255, between 0 and 255 as they are, else stretched from the
               least to the greatest value; what is no number is black
transparency   over white
ICC profiles   converted to sRGB (perceptual intent); one that cannot be used is ignored
CMYK           without a profile: red = 255 - min(255, cyan + black), and so on
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms

if TYPE_CHECKING:
    import numpy.typing as npt

BACKGROUND = "white"
LARGEST_PROFILE = 4_000_000
"""Bytes of an ICC profile: printers' are 2 MB, the rest far smaller."""

_GREYS = ("1", "L", "LA", "La")
_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
"""The colour space a profile must be made for, by Pillow's mode."""


def plain(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """Return a decoded picture as L, LA, RGB, RGBA, CMYK or LAB, and what was done to it.

    All of them have eight bits and can be scaled.
    """
    if image.mode.startswith("I;16"):
        return _sixteen(image), ("It has sixteen bits per pixel, of which the upper eight stay.",)
    if image.mode in ("I", "F"):
        return _numbers(image)
    if image.mode in ("L", "RGB", "CMYK", "LAB") and not image.has_transparency_data:
        return image, ()
    if image.has_transparency_data:
        return image.convert("LA" if image.mode in _GREYS else "RGBA"), ()
    return image.convert("L" if image.mode in _GREYS else "RGB"), ()


def rgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, tuple[str, ...]]:
    """Return what `plain` gave as RGB, in sRGB's colours and opaque, and what was done."""
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colours = image.convert(image.mode[:-1]) if alpha else image
    colours, notes = _managed(colours, profile)
    if alpha is None or alpha.getextrema()[0] == 255:
        return colours, notes
    behind = Image.new("RGB", image.size, BACKGROUND)
    behind.paste(colours, mask=alpha)
    return behind, (*notes, f"Where it is transparent, {BACKGROUND} shows through.")


def _sixteen(image: Image.Image) -> Image.Image:
    values: npt.NDArray[Any] = np.asarray(image)
    grey = Image.fromarray((values >> 8).astype(np.uint8))
    clear = image.info.get("transparency")
    if isinstance(clear, int):  # one grey of a PNG that stands for "nothing here"
        grey = grey.convert("RGBA")
        grey.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)))
    return grey


def _numbers(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    values = np.array(image, dtype=np.float32)
    known = np.isfinite(values)
    notes = () if known.all() else ("What is no number in it is shown black.",)
    low, high = (float(each) for each in _range(values[known]))
    if low >= 0 and high <= 1 and image.mode == "F":
        low, high, how = 0.0, 1.0, "Its numbers between 0 and 1 were multiplied by 255."
    elif low >= 0 and high <= 255:
        low, high, how = 0.0, 255.0, "Its 32-bit numbers between 0 and 255 stay as they are."
    else:
        how = f"Its numbers from {low:.6g} to {high:.6g} were stretched to 0 to 255."
    # In 64 bits where the range is beyond what 32 hold.
    scale = 255.0 / (high - low) if high > low else 0.0
    grey = np.where(known, (values.astype(np.float64) - low) * scale, 0.0)
    return Image.fromarray(np.rint(grey.clip(0, 255)).astype(np.uint8)), (how, *notes)


def _range(known: npt.NDArray[np.float32]) -> tuple[np.float32, np.float32]:
    return (known.min(), known.max()) if known.size else (np.float32(0), np.float32(0))


def _managed(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, tuple[str, ...]]:
    """The picture's colours in sRGB."""
    srgb = ImageCms.createProfile("sRGB")
    if image.mode == "LAB":
        # No profile is needed: the numbers say the colour by themselves.
        return _converted(image, ImageCms.createProfile("LAB"), srgb), (
            "Its Lab colours were converted to sRGB.",
        )
    if profile:
        try:
            return _by_profile(image, profile, srgb)
        except Exception:  # whatever LittleCMS and Pillow raise for a profile that is none
            note = "Its colour profile cannot be used, so its numbers were taken as they are."
            return image.convert("RGB"), (note,)
    if image.mode == "CMYK":
        return image.convert("RGB"), (
            "Its inks (CMYK) have no colour profile and were converted by the plain formula.",
        )
    return image.convert("RGB"), ()


def _by_profile(
    image: Image.Image, profile: bytes, srgb: Any
) -> tuple[Image.Image, tuple[str, ...]]:
    """Convert from an embedded profile. Raises whatever LittleCMS does, and ValueError."""
    if len(profile) > LARGEST_PROFILE:
        raise ValueError(len(profile))
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    space = opened.profile.xcolor_space
    if space == "RGB " and image.mode == "L":  # grey saved with the profile of a colour picture
        image = image.convert("RGB")
    if _SPACES[image.mode] != space:
        raise ValueError(space)
    name = "".join(filter(str.isprintable, ImageCms.getProfileDescription(opened))).strip()[:60]
    if name.lower().startswith("srgb") and image.mode == "RGB":
        return image, ()
    named = f" ({name})" if name else ""
    return _converted(image, opened, srgb), (f"Its colour profile{named} was converted to sRGB.",)


def _converted(image: Image.Image, source: Any, target: Any) -> Image.Image:
    done = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    if done is None:
        raise ValueError(image.mode)
    return done
