"""Whatever a file stores its colours as, made into RGB of eight bits. No torch here.

16 bits        the upper eight are kept
32-bit numbers between 0 and 1 times 255, between 0 and 255 as they are, else stretched from the
               least to the greatest value; what is no number is black
transparency   over white
ICC profiles   set aside for RGB and grey: networks were trained on numbers as they are stored,
               and torchvision reads them so; inks are converted by theirs (perceptual intent)
CMYK           without a profile: red = 255 - min(255, cyan + black), and so on
"""

from __future__ import annotations

import contextlib
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
    """The picture's colours as RGB."""
    if image.mode == "LAB":
        # No profile is needed: the numbers say the colour by themselves.
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return _converted(image, lab, srgb), ("Its Lab colours were converted to sRGB.",)
    if image.mode == "CMYK":
        return _inks(image, profile)
    return image.convert("RGB"), _set_aside(profile)


def _inks(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, tuple[str, ...]]:
    """Inks as RGB, by their profile where there is one that can be used."""
    with contextlib.suppress(Exception):  # whatever LittleCMS and Pillow raise for one that cannot
        opened = _opened(profile)
        if opened.profile.xcolor_space == "CMYK":
            converted = _converted(image, opened, ImageCms.createProfile("sRGB"))
            return converted, (
                f"Its inks{_named(opened)} were converted to sRGB by their profile.",
            )
    return image.convert("RGB"), (
        "Its inks (CMYK) have no colour profile of use and were converted by the plain formula.",
    )


def _set_aside(profile: bytes | None) -> tuple[str, ...]:
    """What is said of a profile that says more than sRGB."""
    if not profile:
        return ()
    name = ""
    with contextlib.suppress(Exception):
        name = _named(_opened(profile))
    if name.lower().startswith(" (srgb"):
        return ()
    return (f"Its colour profile{name} was set aside: networks see the numbers as stored.",)


def _opened(profile: bytes | None) -> ImageCms.ImageCmsProfile:
    """Open an embedded profile. Raises whatever LittleCMS does, and ValueError."""
    if profile is None or len(profile) > LARGEST_PROFILE:
        raise ValueError("no profile, or one larger than any")
    return ImageCms.ImageCmsProfile(io.BytesIO(profile))


def _named(profile: ImageCms.ImageCmsProfile) -> str:
    """Its name in brackets; a stranger's text, so short and printable."""
    description = ImageCms.getProfileDescription(profile)
    name = "".join(filter(str.isprintable, description)).strip()[:60]
    return f" ({name})" if name else ""


def _converted(image: Image.Image, source: Any, target: Any) -> Image.Image:
    done = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    if done is None:
        raise ValueError(image.mode)
    return done
