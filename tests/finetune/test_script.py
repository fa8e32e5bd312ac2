"""`predict.py` prepares a picture as ConvZoo does, to the bit."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.finetune import script
from explorer.pictures import intake
from explorer.vision import preprocess
from explorer.vision.records import Preprocessing

RGB = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225), "source": "a test"}
GREY = {"mean": (0.3,), "std": (0.32,), "source": "a test"}
WAYS = {
    "ImageNet": Preprocessing(256, (224, 224), "bilinear", **RGB),
    "bicubic": Preprocessing(72, (64, 64), "bicubic", **RGB),
    "whole": Preprocessing(None, (32, 48), "bilinear", **RGB),
    "border": Preprocessing(28, (32, 32), "bilinear", **GREY, invert_light=True, grey=True),
    "through": Preprocessing(32, (32, 32), "bilinear", **GREY, invert_light=True, through=8),
    "grey in three": Preprocessing(40, (40, 40), "bilinear", **RGB, grey=True, through=20),
    "small colours": Preprocessing(64, (64, 64), "nearest", **RGB, through=32),
}


def namespace(recipe: Preprocessing, folder: Path, title: str = "A test") -> dict[str, Any]:
    """What the script defines, without running it."""
    path = folder / "predict.py"
    path.write_text(script.predict_py(title, 2, recipe, "2.15.0+cpu"), encoding="utf-8")
    (folder / "classes.json").write_text('["a", "b"]')
    defined: dict[str, Any] = {"__name__": "predict", "__file__": str(path)}
    exec(compile(path.read_text("utf-8"), str(path), "exec"), defined)
    return defined


def files() -> dict[str, bytes]:
    """Pictures as files of many kinds."""
    rng = np.random.default_rng(0)
    smooth = rng.integers(0, 256, (9, 12, 4), dtype=np.uint8)
    image = Image.fromarray(smooth).resize((160, 120), Image.Resampling.BICUBIC)
    turned = Image.Exif()
    turned[274] = 6
    deep = Image.fromarray(rng.integers(0, 65536, (50, 70), dtype=np.uint16))
    clear = image.convert("RGB").quantize(8)
    made: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
        "turned": (image.convert("RGB"), "JPEG", {"exif": turned}),
        "transparent": (image, "PNG", {}),
        "grey with alpha": (image.convert("LA"), "PNG", {}),
        "palette": (clear, "PNG", {"transparency": 3}),
        "moving": (clear, "GIF", {}),
        "sixteen bits": (deep, "PNG", {}),
        "inks": (image.convert("RGB").convert("CMYK"), "JPEG", {}),
        "one bit": (image.convert("1"), "PNG", {}),
        "webp": (image.convert("RGB"), "WEBP", {}),
        "long": (image.convert("RGB").resize((300, 20)), "PNG", {}),
        "large": (image.convert("RGB").resize((2400, 1800)), "JPEG", {}),
    }
    found = {}
    for name, (picture, kind, options) in made.items():
        file = io.BytesIO()
        picture.save(file, kind, **options)
        found[name] = file.getvalue()
    return found


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    """The files, made once."""
    return files()


@pytest.mark.parametrize("way", WAYS)
def test_the_input_is_the_same_to_the_bit(
    way: str, pictures: dict[str, bytes], tmp_path: Path
) -> None:
    """Of every kind of file, turned, transparent, deep or large, by every kind of preparation."""
    defined = namespace(WAYS[way], tmp_path)
    for name, data in pictures.items():
        path = tmp_path / "picture"
        path.write_bytes(data)
        expected = preprocess.input_tensor(intake.accept(data, name), WAYS[way])
        found = defined["prepared"](defined["opened"](path))
        assert torch.equal(found, expected), name


def test_every_setting_of_a_preparation_is_written_out() -> None:
    """A new field of the record needs a step in the script."""
    assert {field.name for field in dataclasses.fields(Preprocessing)} == {
        "resize", "crop", "interpolation", "mean", "std", "source", "invert_light", "through",
        "grey",
    }  # fmt: skip


def test_the_border_that_is_light_is_the_library_s() -> None:
    """The number stands twice, since the library's loads torch."""
    assert script.LIGHT == preprocess.LIGHT


@pytest.mark.parametrize(
    "name", ['"""\nraise SystemExit(3)\n"""', "a\\", "$title {x} %s 고양이 🐈"]
)
def test_a_name_is_nothing_but_a_name(name: str, tmp_path: Path) -> None:
    """Whatever a run is called, it stays within the docstring."""
    defined = namespace(WAYS["ImageNet"], tmp_path, name)
    assert defined["CLASSES"] == ["a", "b"]
    assert script.predict_py(name, 2, WAYS["ImageNet"], "2.15.0").count('"""') % 2 == 0


def test_steps_say_what_is_done() -> None:
    """In words, in order, with the numbers."""
    assert script.steps(WAYS["ImageNet"]) == (
        "The shorter side brought to 256 pixels (bilinear, antialiased).",
        "The middle 224 x 224 pixels; what is smaller gets a black border.",
        "Scaled to 0..1, then the mean subtracted and divided by the standard deviation.",
    )
