"""From an accepted picture to the tensor a network sees, exactly as its weights' authors do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F
from torchvision.transforms.v2 import functional as F2

from explorer.errors import BadRequest
from explorer.pictures.pixels import pixels
from explorer.training.shapes import bordered
from explorer.vision.records import Preprocessing

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.pictures.records import Picture
    from explorer.training.shapes import Shape
    from explorer.zoo.cards import ModelCard

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CIFAR_MEAN, CIFAR_STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
LIGHT = 0.5
"""A border lighter than this on average is paper, on which a digit is dark."""
LARGEST = 64 << 20
"""Pixels after resizing; only a picture hundreds of times longer than wide has more."""


def published(transforms: Any, source: str) -> Preprocessing:
    """Say as data what torchvision's `ImageClassification` transforms do."""
    crop = transforms.crop_size
    return Preprocessing(
        resize=transforms.resize_size[0],
        crop=(crop[0], crop[-1]),
        interpolation=transforms.interpolation.value,
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        source=source,
    )


def customary(card: ModelCard) -> Preprocessing:
    """Say what is customary for a model without weights of its own: ImageNet's or CIFAR's way."""
    crop, channels = card.input_size, card.input_shape[0]
    if channels == 1:
        return Preprocessing(None, crop, "bilinear", (0.5,), (0.5,), "customary for digits", True)
    if crop[0] <= 64:
        return Preprocessing(
            crop[0], crop, "bilinear", CIFAR_MEAN, CIFAR_STD, "customary for CIFAR-10"
        )
    # An eighth is cut off at the border, as in AlexNet's 256 to 224.
    resize = round(min(crop) * 8 / 7)
    return Preprocessing(
        resize, crop, "bilinear", IMAGENET_MEAN, IMAGENET_STD, "customary for ImageNet"
    )


def as_trained(
    pictures: Shape,
    shape: Shape,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    *,
    source: str,
    invert_light: bool,
) -> Preprocessing:
    """Say how pictures (C, H, W) of a data set became a network's input of this shape in training.

    A picture is brought to the size of the data first, its proportions kept, since the network
    saw no other detail: its shorter side to theirs, of which the middle is cut out.
    """
    border = bordered(pictures, shape) and pictures[1:] != shape[1:]
    side = min(pictures[1:])
    return Preprocessing(
        resize=side if border else min(shape[1:]),
        crop=shape[1:],
        interpolation="bilinear",
        mean=mean,
        std=std,
        source=source,
        invert_light=invert_light,
        through=None if border or pictures[1:] == shape[1:] else side,
        grey=pictures[0] == 1,
    )


def input_tensor(picture: Picture, recipe: Preprocessing) -> Tensor:
    """Return the network's input, (1, C, H, W) in float32 on the CPU."""
    return _normalised(np.asarray(_cropped(_resized(picture, recipe), recipe)), recipe)


def cropped(image: Image.Image, recipe: Preprocessing) -> np.ndarray:
    """Return the part of an RGB image that the network sees, before normalising: (C, H, W) uint8.

    Raises BadRequest for one that is hundreds of times longer than wide.
    """
    values = np.asarray(_cropped(_resized_image(image, recipe), recipe))
    return values[None] if values.ndim == 2 else values.transpose(2, 0, 1)


def seen_picture(picture: Picture, recipe: Preprocessing) -> np.ndarray:
    """Return the part of the picture that the network sees, (H, W, 3) uint8, before normalising."""
    values = np.asarray(_cropped(_resized(picture, recipe), recipe))
    return values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)


def resized_picture(picture: Picture, recipe: Preprocessing) -> np.ndarray:
    """Return the whole picture after the resize step, (H, W, 3) or grey (H, W), uint8."""
    return np.asarray(_resized(picture, recipe))


def denormalised(tensor: Tensor, recipe: Preprocessing) -> np.ndarray:
    """Turn an input (1, C, H, W) back into a picture, (H, W, 3) uint8; values are clipped."""
    mean, std = (torch.tensor(each, device=tensor.device) for each in (recipe.mean, recipe.std))
    values = (tensor[0] * std[:, None, None] + mean[:, None, None]).clamp(0, 1) * 255
    picture = values.round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
    return picture if picture.shape[2] == 3 else np.repeat(picture, 3, axis=2)


def ten_crops(picture: Picture, recipe: Preprocessing) -> Tensor:
    """Return the four corners, the middle, and their mirror images, (10, C, H, W).

    As in Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional
    Neural Networks" (2012), section 4.1; the corners are those of the resized picture.
    """
    resized = _inverted(_resized(picture, recipe), recipe)
    if resized.height < recipe.crop[0] or resized.width < recipe.crop[1]:
        resized = F.center_crop(
            resized, [max(resized.height, recipe.crop[0]), max(resized.width, recipe.crop[1])]
        )
    crops = F.ten_crop(resized, list(recipe.crop))
    return torch.cat([_normalised(np.asarray(each), recipe) for each in crops])


def _resized(picture: Picture, recipe: Preprocessing) -> Image.Image:
    return _resized_image(Image.fromarray(pixels(picture)), recipe)


def _resized_image(image: Image.Image, recipe: Preprocessing) -> Image.Image:
    tall, wide = recipe.resized(image.height, image.width)
    if tall * wide > LARGEST:
        raise BadRequest(
            f"The picture is {image.width} × {image.height} pixels, too narrow to be brought "
            "to the network's size; cut out a part that is closer to a square."
        )
    if recipe.grey or len(recipe.mean) == 1:
        image = image.convert("L")
    if recipe.grey and len(recipe.mean) == 3:
        image = image.convert("RGB")
    size = list(recipe.crop) if recipe.resize is None else [recipe.resize]
    if recipe.through is not None:
        return _as_tensors_are(_brought(image, [recipe.through], recipe), size)
    return _brought(image, size, recipe)


def _brought(image: Image.Image, size: list[int], recipe: Preprocessing) -> Image.Image:
    resized: Image.Image = F.resize(
        image, size, interpolation=InterpolationMode(recipe.interpolation), antialias=True
    )
    return resized


def _as_tensors_are(image: Image.Image, size: list[int]) -> Image.Image:
    """Resize as training does, whose rounding is not Pillow's in every pixel."""
    values = np.array(image)
    planes = torch.from_numpy(values[..., None] if values.ndim == 2 else values).permute(2, 0, 1)
    resized = F2.resize(planes.contiguous(), size, antialias=True).permute(1, 2, 0)
    return Image.fromarray(resized.squeeze(2).numpy() if values.ndim == 2 else resized.numpy())


def _cropped(image: Image.Image, recipe: Preprocessing) -> Image.Image:
    # Inverted first: what the crop may add around the picture is black in any case.
    cropped: Image.Image = F.center_crop(_inverted(image, recipe), list(recipe.crop))
    return cropped


def _inverted(image: Image.Image, recipe: Preprocessing) -> Image.Image:
    """Turn dark on light into light on dark, where the recipe wants it."""
    if not recipe.invert_light:
        return image
    values = np.asarray(image)
    border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    return ImageOps.invert(image) if border.mean() / 255 > LIGHT else image


def _normalised(values: np.ndarray, recipe: Preprocessing) -> Tensor:
    if values.ndim == 2:
        values = values[..., None]
    tensor = torch.from_numpy(np.array(values)).permute(2, 0, 1).contiguous()
    scaled = F.convert_image_dtype(tensor, torch.float)
    normalised: Tensor = F.normalize(scaled, mean=list(recipe.mean), std=list(recipe.std))
    return normalised[None]
