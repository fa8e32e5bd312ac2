"""Ten views of one picture and their average, beside the single view in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from explorer.errors import BadRequest
from explorer.progress import Progress, silent
from explorer.vision import preprocess, stamp
from explorer.vision.loading import load
from explorer.vision.predict import forward_seconds, probabilities_of, timed
from explorer.vision.prediction_records import Average, Probabilities, TenCrops, View, ranked
from explorer.vision.records import Box, Preprocessing

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.pictures.records import Picture
    from explorer.vision.loaded import LoadedModel

PLACES = ("top left", "top right", "bottom left", "bottom right", "middle")
MIRRORED = ("top right", "top left", "bottom right", "bottom left", "middle")
"""Where in the picture itself the views of its mirror image lie, in torchvision's order."""


def ten_crops(
    name: str,
    picture: Picture,
    *,
    weights: str | None = None,
    top: int = 5,
    progress: Progress = silent,
) -> TenCrops:
    """Classify the corners, the middle and their mirror images, and average the probabilities.

    As in Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional
    Neural Networks" (2012), section 4.1. Raises what `load` raises, and BadRequest where the
    preparation leaves nothing to cut off, so that all views would be the same.
    """
    loaded = load(name, weights)
    size = loaded.preprocessing.resized(picture.height, picture.width)
    if all(side <= cut for side, cut in zip(size, loaded.preprocessing.crop, strict=True)):
        raise BadRequest(
            f"{loaded.card.title} sees this picture whole, so there are no corners to compare; "
            "choose a picture that is no square, or another network."
        )
    progress(0.0, "The single view")
    single = timed(loaded, picture, top)
    progress(0.2, "Ten views")
    batch = preprocess.ten_crops(picture, loaded.preprocessing)
    with loaded.borrowed() as network, torch.inference_mode():
        logits = network(batch.to(loaded.device)).float().cpu()
        progress(0.5, "Timing them")
        seconds, passes = forward_seconds(network, batch.to(loaded.device))
    probabilities = probabilities_of(logits)
    mean = probabilities.mean(0)
    views = _views(loaded, picture, batch, probabilities)
    return TenCrops(
        use=loaded.use,
        single=single.prediction,
        views=views,
        average=Average(
            tuple(view.title for view in views), ranked(mean, loaded.classes, top), mean
        ),
        single_seconds=single.seconds,
        ten_seconds=seconds,
        passes=min(passes, single.passes),
    )


def windows(recipe: Preprocessing, height: int, width: int) -> tuple[Box, ...]:
    """Where the ten views lie in a picture of this size, in torchvision's order."""
    size = recipe.resized(height, width)
    # A side that is shorter than the crop gets a border on both ends first.
    padded = [max(side, crop) for side, crop in zip(size, recipe.crop, strict=True)]
    border = [(long - side) // 2 for long, side in zip(padded, size, strict=True)]
    bottom, right = (long - crop for long, crop in zip(padded, recipe.crop, strict=True))
    middle = round(bottom / 2), round(right / 2)
    corners = [(0, 0), (0, right), (bottom, 0), (bottom, right), middle]
    mirrored = [(top, right - left) for top, left in corners]
    down, across = height / size[0], width / size[1]
    return tuple(
        Box(
            (top - border[0]) * down,
            (left - border[1]) * across,
            (top - border[0] + recipe.crop[0]) * down,
            (left - border[1] + recipe.crop[1]) * across,
        )
        for top, left in corners + mirrored
    )


def _views(
    loaded: LoadedModel, picture: Picture, batch: Tensor, probabilities: Probabilities
) -> tuple[View, ...]:
    recipe = loaded.preprocessing
    titles = (*PLACES, *(f"{place}, mirrored" for place in MIRRORED))
    return tuple(
        View(
            title=title,
            window=window,
            mirrored=position >= len(PLACES),
            png=stamp.png(
                stamp.stamped(
                    preprocess.denormalised(batch[position : position + 1], recipe),
                    loaded.use.warning,
                )
            ),
            best=ranked(probabilities[position], loaded.classes, 1)[0],
            probabilities=probabilities[position],
        )
        for position, (title, window) in enumerate(
            zip(titles, windows(recipe, picture.height, picture.width), strict=True)
        )
    )
