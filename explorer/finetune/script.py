"""`predict.py`: a network's use written out, for a computer without ConvZoo. No torch here.

What it does to a picture is what `explorer.pictures.intake` and `explorer.vision.preprocess` do.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from explorer.pictures.intake import KEPT_PIXELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.vision.records import Preprocessing

LIGHT = 0.5
"""As `explorer.vision.preprocess.LIGHT`, which loads torch."""

_HEAD = Template('''#!/usr/bin/env python3
"""Say what pictures show: python predict.py PICTURE [PICTURE ...] [--top 5] [--json]

$title.
Needs torch $torch or newer and torchvision, nothing else; the files beside it belong to it. Exit
code 1 means that a picture could not be read.
"""

import argparse
import io
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms, ImageOps
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F
from torchvision.transforms.v2 import functional as F2

HERE = Path(__file__).resolve().parent
CLASSES = json.loads((HERE / "classes.json").read_text(encoding="utf-8"))
MEAN = $mean
STD = $std
MOST_PIXELS = $most  # a larger picture is shrunk to this first


def network():
    """Load the network, which gives prepared pictures ($shape) probabilities (N, $classes)."""
    return torch.export.load(HERE / "model.pt2").module()


def opened(path):
    """Open a picture as RGB: upright, of eight bits, over white, without its colour profile."""
    with Image.open(path) as file:
        file.load()
        profile = file.info.get("icc_profile")
        image = upright(file)
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F", "LAB"):
        raise ValueError(f"its colours ({image.mode}) are not read here; save it with eight bits")
    grey = image.mode in ("1", "L", "LA", "La")
    if image.has_transparency_data:
        image = image.convert("LA" if grey else "RGBA")
    elif image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("L" if grey else "RGB")
    if image.width * image.height > MOST_PIXELS:
        scale = math.sqrt(MOST_PIXELS / (image.width * image.height))
        size = max(1, int(image.width * scale)), max(1, int(image.height * scale))
        image = image.resize(size, Image.Resampling.LANCZOS)
    if image.mode == "CMYK":
        return inks(image, profile)
    if image.mode in ("LA", "RGBA"):
        white = Image.new("RGB", image.size, "white")
        white.paste(image.convert(image.mode[:-1]).convert("RGB"), mask=image.getchannel("A"))
        return white
    return image.convert("RGB")


def upright(image):
    """Turn a picture as its EXIF record says; one that cannot be read is passed over."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image.copy()


def inks(image, profile):
    """Turn CMYK into RGB, by its profile where it has one of use."""
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if own.profile.xcolor_space == "CMYK":
            srgb = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, own, srgb, outputMode="RGB")
    except Exception:
        pass  # none, or one that cannot be used
    return image.convert("RGB")
''')

_AS_TENSORS = '''

def resized_as_tensors_are(image, size):
    """Resize as in training, whose rounding is not Pillow's in every pixel."""
    values = np.array(image)
    planes = torch.from_numpy(values[..., None] if values.ndim == 2 else values).permute(2, 0, 1)
    done = F2.resize(planes.contiguous(), size, antialias=True).permute(1, 2, 0)
    return Image.fromarray(done.squeeze(2).numpy() if values.ndim == 2 else done.numpy())
'''

_LIGHT_ON_DARK = '''

def light_on_dark(image):
    """Turn dark on light into light on dark, as the network knows it, by the picture's border."""
    values = np.asarray(image)
    border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    return ImageOps.invert(image) if border.mean() / 255 > {light} else image
'''

_TAIL = '''

def predicted(model, path):
    """Return the probability of each class, in the order of CLASSES."""
    with torch.inference_mode():
        return model(prepared(opened(path)))[0].tolist()


def main():
    """Predict every picture that was named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="+", metavar="PICTURE")
    parser.add_argument("--top", type=int, default=5, metavar="K", help="classes (default: 5)")
    parser.add_argument("--json", action="store_true", help="a list with an object per picture")
    chosen = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    model, answers, refused = network(), [], 0
    for path in chosen.pictures:
        try:
            shares = predicted(model, path)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            print(f"{path} cannot be read: {error}", file=sys.stderr)
            refused += 1
            continue
        best = sorted(range(len(shares)), key=lambda each: -shares[each])
        if chosen.json:
            answers.append({"picture": path, "class": CLASSES[best[0]], "probabilities": shares})
            continue
        print(path)
        for each in best[: chosen.top]:
            print(f"  {shares[each]:8.2%}  {CLASSES[each]}")
    if chosen.json:
        print(json.dumps(answers, indent=2))
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
'''


def predict_py(title: str, classes: int, recipe: Preprocessing, torch_version: str) -> str:
    """Write the script for a network of so many classes; `title` says in words which one it is."""
    harmless = "".join(each for each in title if each.isprintable() and each not in '"\\')
    pieces = [
        _HEAD.substitute(
            title=harmless.rstrip("."),
            torch=torch_version.partition("+")[0],
            mean=list(recipe.mean),
            std=list(recipe.std),
            most=f"{KEPT_PIXELS:_}",
            shape=f"N, {_shape(recipe)}",
            classes=classes,
        )
    ]
    if recipe.through is not None:
        pieces.append(_AS_TENSORS)
    if recipe.invert_light:
        pieces.append(_LIGHT_ON_DARK.format(light=LIGHT))
    pieces += ["\n\n", "\n".join(_prepared(recipe)), "\n", _TAIL]
    return "".join(pieces)


def steps(recipe: Preprocessing) -> tuple[str, ...]:
    """What is done to a picture before the network sees it, in words, one step each."""
    return tuple(words for words, _ in _steps(recipe))


def _shape(recipe: Preprocessing) -> str:
    return f"{len(recipe.mean)}, {recipe.crop[0]}, {recipe.crop[1]}"


def _prepared(recipe: Preprocessing) -> Iterator[str]:
    yield "def prepared(image):"
    yield f'    """Make an RGB picture the network\'s input (1, {_shape(recipe)}), float32."""'
    for words, code in _steps(recipe):
        yield f"    # {words}"
        yield from (f"    {line}" for line in code)
    yield "    return F.normalize(values, mean=MEAN, std=STD)[None]"


def _steps(recipe: Preprocessing) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each step in words and as code, in the order of `explorer.vision.preprocess`."""
    channels = len(recipe.mean)
    if recipe.grey or channels == 1:
        again = ('image = image.convert("RGB")',) if channels == 3 else ()
        then = ", and the grey repeated as red, green and blue" if again else ""
        yield f"Made grey (ITU-R 601){then}.", ('image = image.convert("L")', *again)
    yield from _resizing(recipe)
    tall, wide = recipe.crop
    if recipe.invert_light:
        yield "Turned to its negative where its border is light.", ("image = light_on_dark(image)",)
    yield (
        f"The middle {tall} x {wide} pixels; what is smaller gets a black border.",
        (f"image = F.center_crop(image, [{tall}, {wide}])",),
    )
    numbers = "values = np.array(image)"
    if channels == 1:
        numbers = "values = np.array(image)[..., None]"
    yield (
        "Scaled to 0..1, then the mean subtracted and divided by the standard deviation.",
        (
            numbers,
            "values = torch.from_numpy(values).permute(2, 0, 1).contiguous()",
            "values = F.convert_image_dtype(values, torch.float)",
        ),
    )


def _resizing(recipe: Preprocessing) -> Iterator[tuple[str, tuple[str, ...]]]:
    tall, wide = recipe.crop
    size = [tall, wide] if recipe.resize is None else [recipe.resize]
    words = (
        f"Brought to {tall} x {wide} pixels"
        if recipe.resize is None
        else f"The shorter side brought to {recipe.resize} pixels"
    )
    how = f"InterpolationMode.{recipe.interpolation.upper()}"
    if recipe.through is not None:
        yield (
            f"The shorter side brought to {recipe.through} pixels, as in the data "
            f"({recipe.interpolation}, antialiased).",
            (f"image = F.resize(image, [{recipe.through}], {how}, antialias=True)",),
        )
        yield (
            f"{words} (bilinear, antialiased).",
            (f"image = resized_as_tensors_are(image, {size})",),
        )
        return
    yield (
        f"{words} ({recipe.interpolation}, antialiased).",
        (f"image = F.resize(image, {size}, {how}, antialias=True)",),
    )
