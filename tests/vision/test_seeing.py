"""Every step from the picture to the tensor, with numbers worked out from the recipe."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.pictures.pixels import pixels
from explorer.vision import loading, preprocess
from explorer.vision.seeing import input_view, see
from tests.pictured import noise, picture

STEPS = ("Picture", "Resized", "Cropped", "Scaled", "Normalised")


def opened(png: bytes) -> np.ndarray:
    """The pixels of an encoded picture."""
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture
def trained(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model with real weights, whose pictures carry no warning."""
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    return "squeezenet1_0"


def test_the_last_step_is_the_tensor_the_network_is_given(trained: str) -> None:
    """Equal to torchvision's own transforms; extremes and means are of each step's numbers."""
    from torchvision import models  # noqa: PLC0415

    given = noise(300, 451)
    seen = see(trained, given)
    transform = models.SqueezeNet1_0_Weights.DEFAULT.transforms()
    expected = transform(Image.fromarray(pixels(given)))
    assert torch.equal(torch.from_numpy(seen.tensor), expected)
    assert tuple(step.title for step in seen.steps) == STEPS
    assert [step.shape for step in seen.steps] == [
        (300, 451, 3), (256, 384, 3), (224, 224, 3), (3, 224, 224), (3, 224, 224),
    ]  # fmt: skip
    assert [step.kind for step in seen.steps] == ["uint8"] * 3 + ["float32"] * 2
    picture_step, last = seen.steps[0], seen.steps[-1]
    assert (picture_step.low, picture_step.high) == (pixels(given).min(), pixels(given).max())
    assert picture_step.mean == pytest.approx(pixels(given).mean())
    assert last.mean == pytest.approx(float(expected.mean()), abs=1e-6)
    for channel, values, name in zip(
        last.channels, expected, ("red", "green", "blue"), strict=True
    ):
        assert channel.name == name
        assert channel.mean == pytest.approx(float(values.mean()), abs=1e-6)
        assert (channel.low, channel.high) == (float(values.min()), float(values.max()))


def test_pictures_of_the_steps_show_their_numbers(trained: str) -> None:
    """The crop is the crop, and a channel is its values between the tensor's extremes."""
    given = noise(300, 260)
    seen = see(trained, given)
    cropped = opened(seen.steps[2].png)
    assert np.array_equal(cropped, preprocess.seen_picture(given, seen.recipe))
    assert np.array_equal(opened(seen.steps[3].png), cropped), "scaled by 255 and back"
    low, high = float(seen.tensor.min()), float(seen.tensor.max())
    expected = np.rint(255 * (seen.tensor[1] - low) / (high - low))
    assert np.abs(opened(seen.steps[4].channels[1].png)[..., 0] - expected).max() <= 1


def test_random_weights_say_so_on_every_picture() -> None:
    """A band of words stands below each picture of every step and channel."""
    plain = {"Picture": 300, "Resized": 256, "Cropped": 224, "Scaled": 224, "Normalised": 224}
    for step in see("mobilenet_v1_025", noise(300, 451), weights="random").steps:
        for png in (step.png, *(channel.png for channel in step.channels)):
            assert opened(png).shape[0] > plain[step.title]


def test_a_digit_on_paper_has_a_step_more() -> None:
    """Grey, brought to the size of the data, and turned to light on dark within its border."""
    paper = np.full((280, 280), 255, np.uint8)
    paper[100:180, 80:120] = 0
    seen = see("lenet5", picture(paper))
    titles = [step.title for step in seen.steps]
    assert titles == ["Picture", "Resized", "Cropped", "Inverted", "Scaled", "Normalised"]
    assert [step.shape for step in seen.steps][1:4] == [(28, 28), (32, 32, 1), (32, 32, 1)]
    cropped, inverted = seen.steps[2], seen.steps[3]
    # Each value v of the digit becomes 255 - v; the border of two pixels is black in both.
    assert cropped.mean + inverted.mean == pytest.approx(255 * 28**2 / 32**2)
    assert inverted.sentence.endswith("the border put around it stays black.")
    assert seen.tensor.shape == (1, 32, 32)
    assert [channel.name for channel in seen.steps[-1].channels] == ["grey"]
    chalk = see("lenet5", picture(255 - paper))
    assert "Inverted" not in [step.title for step in chalk.steps]
    assert np.array_equal(chalk.tensor, seen.tensor)


def test_sentences_say_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sides by their numbers, and a border where the picture stays smaller than the crop."""
    words = {step.title: step.sentence for step in see("mobilenet_v1_025", noise(9, 9)).steps}
    assert words["Resized"].startswith("Scaled so that its shorter side has 256 pixels")
    assert words["Cropped"] == "The middle 224 × 224 pixels."
    loaded = loading.load("mobilenet_v1_025")
    monkeypatch.setattr(loaded, "preprocessing", replace(loaded.preprocessing, resize=100))
    cropped = see("mobilenet_v1_025", noise(9, 9)).steps[2]
    assert cropped.sentence == "The middle 224 × 224 pixels, with a black border."


def test_what_a_small_network_is_given_is_had_without_loading_it() -> None:
    """The very pixels of its steps; a digit on paper is turned light on dark, and that is said."""
    paper = picture(np.full((64, 64, 3), 240, np.uint8))
    found = input_view("lenet5", paper)
    assert found.inverted
    assert found.pixels.shape == (32, 32, 3)
    assert found.pixels[16, 16].tolist() == [15, 15, 15]
    assert not input_view("lenet5", picture(np.full((64, 64, 3), 20, np.uint8))).inverted
    given = noise(60, 90)
    view = input_view("cifar_resnet20_a", given, weights="random")
    assert view.pixels.tolist() == preprocess.seen_picture(given, view.recipe).tolist()
    assert view.title == "ResNet-20 (CIFAR-10, option A)"
