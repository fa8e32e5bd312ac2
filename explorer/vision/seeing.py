"""The exact tensor a network is given, and how it comes from the picture, step by step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer import units
from explorer.pictures.pixels import pixels
from explorer.vision import preprocess
from explorer.vision.loading import load, preprocessing
from explorer.vision.marked import marked
from explorer.vision.prediction_records import Channel, InputView, Seen, Step, written
from explorer.vision.records import Box, Preprocessing
from explorer.vision.stamp import png, stamped
from explorer.zoo import build
from explorer.zoo import weights as zoo_weights

if TYPE_CHECKING:
    from explorer.pictures.records import Picture

WIDTH = 640
"""Pixels across of the pictures of the first steps."""
SMALL = 320
"""Pixels across below which each pixel is drawn as a square of several."""

Array = npt.NDArray[np.float32]
Rgb = npt.NDArray[np.uint8]


def see(name: str, picture: Picture, *, weights: str | None = None) -> Seen:
    """Say what becomes of a picture on its way to the network, and return the tensor itself.

    Raises what `load` raises, BadRequest for a picture too narrow to be scaled.
    """
    loaded = load(name, weights)
    recipe, words = loaded.preprocessing, loaded.use.warning
    tensor: Array = preprocess.input_tensor(picture, recipe)[0].numpy()
    window = recipe.window(picture.height, picture.width)
    return Seen(
        use=loaded.use,
        recipe=recipe,
        window=window,
        steps=(
            _original(picture, window, words),
            _resized(picture, recipe, words),
            *_cropped(picture, recipe, words),
            _scaled(picture, recipe, words),
            _normalised(tensor, recipe, words),
        ),
        tensor=tensor,
    )


def input_view(name: str, picture: Picture, *, weights: str | None = None) -> InputView:
    """Return the pixels a network is given of a picture; the network itself is not loaded.

    Raises UnknownModel, MissingWeights, BadRequest for a picture too narrow to be scaled.
    """
    card = build.card(name)
    recipe = preprocessing(card, zoo_weights.choose(card, weights))
    as_it_is = preprocess.seen_picture(picture, replace(recipe, invert_light=False))
    given = preprocess.seen_picture(picture, recipe)
    return InputView(
        title=card.title,
        recipe=recipe,
        window=recipe.window(picture.height, picture.width),
        pixels=given,
        inverted=not np.array_equal(as_it_is, given),
    )


def _original(picture: Picture, window: Box, words: str) -> Step:
    return _of_pixels(
        "Picture",
        "As it was let in: red, green and blue, eight bits each. What the network will not see of "
        "it is dimmed.",
        pixels(picture),
        marked(pixels(picture), window, WIDTH, words),
    )


def _resized(picture: Picture, recipe: Preprocessing, words: str) -> Step:
    values = preprocess.resized_picture(picture, recipe)
    tall, wide = values.shape[:2]
    down, across = tall / picture.height, wide / picture.width
    box = recipe.window(picture.height, picture.width)
    here = Box(box.top * down, box.left * across, box.bottom * down, box.right * across)
    to = (
        f"to {units.shape(recipe.crop)}, whatever its proportions"
        if recipe.resize is None
        else f"so that its shorter side has {recipe.resize} pixels"
    )
    grey = "Made grey, then scaled" if values.ndim == 2 or recipe.grey else "Scaled"
    if recipe.through is not None:
        grey += f" to {recipe.through} pixels, as small as the network ever saw pictures, and then"
    sentence = f"{grey} {to}; {recipe.interpolation} interpolation, antialiased."
    return _of_pixels("Resized", sentence, values, marked(_rgb(values), here, WIDTH, words))


def _cropped(picture: Picture, recipe: Preprocessing, words: str) -> tuple[Step, ...]:
    as_it_is = preprocess.seen_picture(picture, replace(recipe, invert_light=False))
    turned = preprocess.seen_picture(picture, recipe)
    channels = len(recipe.mean)
    tall, wide = recipe.resized(picture.height, picture.width)
    border = tall < recipe.crop[0] or wide < recipe.crop[1]
    size = units.shape(recipe.crop)
    sentence = f"The middle {size} pixels" + (", with a black border." if border else ".")
    if (tall, wide) == recipe.crop:
        sentence = f"The middle {size} pixels, which is all of it."
    cropped = _of_pixels(
        "Cropped", sentence, as_it_is[..., :channels], stamped(_large(as_it_is), words)
    )
    if np.array_equal(as_it_is, turned):
        return (cropped,)
    inverted = _of_pixels(
        "Inverted",
        "Its border is light, so it is dark on light, and the network learned light on dark: "
        f"each value v becomes 255 − v{'; the border put around it stays black' * border}.",
        turned[..., :channels],
        stamped(_large(turned), words),
    )
    return cropped, inverted


def _scaled(picture: Picture, recipe: Preprocessing, words: str) -> Step:
    seen = preprocess.seen_picture(picture, recipe)[..., : len(recipe.mean)]
    values = np.moveaxis(seen, -1, 0).astype(np.float32) / np.float32(255)
    return _of_numbers(
        "Scaled",
        "Each value is divided by 255, and the channels come first. The pictures run from 0 "
        "(black) to 1 (white).",
        values,
        (0.0, 1.0),
        words,
    )


def _normalised(values: Array, recipe: Preprocessing, words: str) -> Step:
    means, stds = (", ".join(f"{each:g}" for each in side) for side in (recipe.mean, recipe.std))
    low, high = float(values.min()), float(values.max())
    return _of_numbers(
        "Normalised",
        f"From each channel its mean ({means}) is taken away, and the rest divided by its "
        f"standard deviation ({stds}). This is the tensor the network is given. The pictures run "
        f"from {written(low)} (black) to {written(high)} (white).",
        values,
        (low, high),
        words,
    )


def _of_pixels(title: str, sentence: str, values: Rgb, drawn: Rgb) -> Step:
    return Step(
        title=title,
        sentence=sentence,
        shape=values.shape,
        kind="uint8",
        low=float(values.min()),
        mean=float(values.mean()),
        high=float(values.max()),
        png=png(drawn),
    )


def _of_numbers(
    title: str, sentence: str, values: Array, span: tuple[float, float], words: str
) -> Step:
    """A step on numbers (C, H, W), drawn from black to white over the span."""
    grey = _stretched(values, span)
    names = ("red", "green", "blue") if len(values) == 3 else ("grey",)
    return Step(
        title=title,
        sentence=sentence,
        shape=values.shape,
        kind="float32",
        low=float(values.min()),
        mean=float(values.mean()),
        high=float(values.max()),
        png=png(stamped(_large(_rgb(np.moveaxis(grey, 0, -1).squeeze())), words)),
        channels=tuple(
            Channel(
                name,
                float(channel.min()),
                float(channel.mean()),
                float(channel.max()),
                png(stamped(_large(_rgb(drawn)), words)),
            )
            for name, channel, drawn in zip(names, values, grey, strict=True)
        ),
    )


def _stretched(values: Array, span: tuple[float, float]) -> Rgb:
    low, high = span
    scaled = (values - low) / ((high - low) or 1.0)
    drawn: Rgb = np.rint(255 * scaled.clip(0, 1)).astype(np.uint8)
    return drawn


def _rgb(values: Rgb) -> Rgb:
    return values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)


def _large(picture: Rgb) -> Rgb:
    """A small picture with each pixel as a square, so that it stays what it is, and has room."""
    times = max(1, SMALL // picture.shape[1])
    return picture.repeat(times, axis=0).repeat(times, axis=1)
