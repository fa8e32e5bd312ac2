"""A picture becomes the tensor that torchvision's own transforms make of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import models, transforms
from torchvision.transforms._presets import ImageClassification

from explorer.errors import BadRequest
from explorer.pictures.pixels import pixels
from explorer.training.shapes import fitted
from explorer.vision import preprocess
from explorer.vision.records import Box, Preprocessing
from explorer.zoo import catalogue
from tests.pictured import beyond_the_gate, noise, picture

CLASSIFIERS = [
    card.name
    for card in catalogue.cards()
    if card.task == "classification" and card.source == "torchvision"
]
SHAPES = ((300, 451), (451, 300), (225, 225), (64, 1000), (901, 90), (20, 31))
PLAIN = Preprocessing(256, (224, 224), "bilinear", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "by hand")


def recipes() -> dict[str, ImageClassification]:
    """Every different recipe of torchvision's classifiers, called by its own description."""
    found = {}
    for name in CLASSIFIERS:
        for member in models.get_model_weights(name):
            made = member.transforms()
            assert isinstance(made, ImageClassification)
            found[" ".join(repr(made).split())] = made
    return found


RECIPES = recipes()


def test_there_are_eighty_classifiers_and_many_recipes() -> None:
    """torchvision registers 80; an empty list would make the next test pass."""
    assert len(CLASSIFIERS) == 80
    assert len(RECIPES) > 15


@pytest.mark.parametrize("recipe", RECIPES)
def test_tensors_equal_torchvisions(recipe: str) -> None:
    """Bit for bit, on photographs' proportions and on strips, larger and smaller than the crop."""
    transform = RECIPES[recipe]
    ours = preprocess.published(transform, "torchvision")
    for number, (height, width) in enumerate(SHAPES):
        given = noise(height, width, number)
        expected = transform(Image.fromarray(pixels(given)))[None]
        assert torch.equal(preprocess.input_tensor(given, ours), expected), (height, width)


def black_with_a_white(height: int, width: int, row: int, column: int) -> np.ndarray:
    """A black picture with one white pixel."""
    values = np.zeros((height, width, 3), np.uint8)
    values[row, column] = 255
    return values


@pytest.mark.parametrize(("height", "width"), [(256, 384), (384, 256), (257, 256), (256, 259)])
def test_the_window_is_where_the_marked_pixel_is_seen(height: int, width: int) -> None:
    """Its corner pixels are the tensor's corners; the pixels just outside are not in it."""
    recipe = Preprocessing(256, (224, 224), "bilinear", (0.0,) * 3, (1.0,) * 3, "by hand")
    box = recipe.window(height, width)
    top, left, bottom, right = (int(each) for each in (box.top, box.left, box.bottom, box.right))
    assert (bottom - top, right - left) == (224, 224), "nothing is scaled here"
    for row, column, at in ((top, left, (0, 0)), (bottom - 1, right - 1, (223, 223))):
        seen = preprocess.input_tensor(
            picture(black_with_a_white(height, width, row, column)), recipe
        )[0, 0]
        assert seen[at] == 1
        assert seen.sum() == 1
    for row, column in ((top - 1, left), (top, left - 1), (bottom, left), (top, right)):
        marked = picture(black_with_a_white(height, width, row, column))
        assert preprocess.input_tensor(marked, recipe).sum() == 0


def test_the_window_of_a_scaled_picture() -> None:
    """Twice as large as the resize step makes it: 32 of 512 rows are cut off at either end."""
    assert PLAIN.window(512, 768) == Box(32, 160, 480, 608)


def test_a_picture_smaller_than_the_crop_gets_a_border() -> None:
    """Its only pixel lies in the middle of a black square, and the window reaches beyond it."""
    recipe = Preprocessing(1, (5, 5), "bilinear", (0.0,) * 3, (1.0,) * 3, "by hand")
    white = picture(np.full((1, 1, 3), 255, np.uint8))
    seen = preprocess.input_tensor(white, recipe)[0, 0]
    assert torch.nonzero(seen).tolist() == [[2, 2]]
    assert recipe.window(1, 1) == Box(-2, -2, 3, 3)


def test_too_narrow_a_picture_is_refused() -> None:
    """Scaled so that its short side has 256 pixels, the long one would have 281,600."""
    with pytest.raises(BadRequest, match=r"1100 × 1 pixels.*closer to a square\.$"):
        preprocess.input_tensor(beyond_the_gate(1, 1100), PLAIN)


@pytest.mark.parametrize(("height", "width"), [(300, 451), (451, 300), (90, 700)])
def test_ten_crops_equal_torchvisions(height: int, width: int) -> None:
    """The same ten views in the same order as its TenCrop."""
    made = models.ResNet18_Weights.DEFAULT.transforms()
    given = noise(height, width)
    resized = transforms.Resize(256)(Image.fromarray(pixels(given)))
    expected = torch.stack(
        [
            transforms.Normalize(made.mean, made.std)(transforms.ToTensor()(each))
            for each in transforms.TenCrop(224)(resized)
        ]
    )
    found = preprocess.ten_crops(given, preprocess.published(made, "torchvision"))
    assert torch.equal(found, expected)


def test_ten_crops_of_a_picture_that_stays_smaller_than_the_crop() -> None:
    """All sides are filled up first, so that there are ten views and none fails."""
    recipe = Preprocessing(4, (6, 6), "bilinear", (0.0,) * 3, (1.0,) * 3, "by hand")
    found = preprocess.ten_crops(noise(4, 9), recipe)
    assert found.shape == (10, 3, 6, 6)


def test_dark_on_light_is_turned_for_a_network_of_light_digits() -> None:
    """Black ink on paper gives the same tensor as chalk on a blackboard."""
    recipe = Preprocessing(None, (4, 4), "bilinear", (0.5,), (0.5,), "by hand", invert_light=True)
    chalk = np.zeros((4, 4), np.uint8)
    chalk[1:3, 1:3] = 255
    on_black = preprocess.input_tensor(picture(chalk), recipe)
    on_paper = preprocess.input_tensor(picture(255 - chalk), recipe)
    assert on_black.shape == (1, 1, 4, 4)
    assert torch.equal(on_black, on_paper)
    assert on_black[0, 0, 0, 0] == -1, "(0 - 0.5) / 0.5"
    assert on_black[0, 0, 1, 1] == 1


def test_colours_become_grey_by_their_brightness() -> None:
    """ITU-R 601: 0.299 red + 0.587 green + 0.114 blue, as Pillow's mode L."""
    recipe = Preprocessing(None, (1, 1), "bilinear", (0.0,), (1.0,), "by hand")
    orange = picture(np.array([[[200, 100, 50]]], np.uint8))
    expected = (0.299 * 200 + 0.587 * 100 + 0.114 * 50) / 255
    assert preprocess.input_tensor(orange, recipe).item() == pytest.approx(expected, abs=0.5 / 255)


def test_a_normalised_tensor_turns_back_into_what_was_seen() -> None:
    """Undoing mean and deviation gives the cropped bytes again."""
    recipe = preprocess.published(models.ResNet18_Weights.DEFAULT.transforms(), "torchvision")
    given = noise(300, 280)
    back = preprocess.denormalised(preprocess.input_tensor(given, recipe), recipe)
    assert np.array_equal(back, preprocess.seen_picture(given, recipe))


@pytest.mark.parametrize(
    ("name", "resize", "crop", "channels"),
    [
        ("mobilenet_v1", 256, (224, 224), 3),
        ("plain20", 32, (32, 32), 3),
        ("lenet5_partial", None, (32, 32), 1),
    ],
)
def test_models_without_weights_get_what_is_customary(
    name: str, resize: int | None, crop: tuple[int, int], channels: int
) -> None:
    """ImageNet's 256 to 224, CIFAR's 32 whole, and digits stretched."""
    recipe = preprocess.customary(catalogue.find(name))
    assert (recipe.resize, recipe.crop, len(recipe.mean)) == (resize, crop, channels)


def test_own_pictures_are_brought_to_the_size_of_the_data() -> None:
    """Their proportions kept, the middle cut out, as torchvision's own transforms do it."""
    recipe = preprocess.as_trained(
        (3, 32, 32), (3, 32, 32), (0.0,) * 3, (1.0,) * 3, source="", invert_light=False
    )
    given = noise(60, 90, 3)
    steps = transforms.Compose(
        [transforms.Resize(32), transforms.CenterCrop(32), transforms.ToTensor()]
    )
    expected = steps(Image.fromarray(pixels(given)))[None]
    assert torch.equal(preprocess.input_tensor(given, recipe), expected)
    assert recipe.window(60, 90) == Box(0, 15, 60, 75)


def test_a_smaller_network_sees_no_more_than_the_data_had() -> None:
    """24 pixels are made from 32, as in training: not straight from the photograph."""
    recipe = preprocess.as_trained(
        (3, 32, 32), (3, 24, 24), (0.0,) * 3, (1.0,) * 3, source="", invert_light=False
    )
    assert (recipe.through, recipe.resize, recipe.crop) == (32, 24, (24, 24))
    given = noise(64, 64, 5)
    data = transforms.Resize(32)(Image.fromarray(pixels(given)))
    planes = torch.from_numpy(np.array(data)).permute(2, 0, 1)
    expected = fitted(planes[None], (3, 24, 24)) / 255
    assert torch.allclose(preprocess.input_tensor(given, recipe), expected, atol=1e-6)


def test_digits_get_their_border_as_in_training() -> None:
    """28 x 28 stand in 32 x 32 on black, as in LeCun et al. (1998), and are not resized."""
    recipe = preprocess.as_trained(
        (1, 28, 28), (1, 32, 32), (0.0,), (1.0,), source="", invert_light=True
    )
    assert (recipe.resize, recipe.crop, recipe.through) == (28, (32, 32), None)
    given = picture(np.full((28, 28, 3), 100, np.uint8))
    seen = preprocess.seen_picture(given, recipe)[..., 0]
    assert (seen[2:30, 2:30] == 100).all()
    assert seen.sum() == 100 * 28 * 28
