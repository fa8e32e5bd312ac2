"""What torchvision publishes about its models and weights, as plain data. Loads torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torchvision import models

from explorer.zoo import torchvision_models
from explorer.zoo.cards import Source, Task, Weights

if TYPE_CHECKING:
    from torchvision.models import WeightsEnum

_TASKS: dict[str, Task] = {
    "segmentation": "segmentation",
    "detection": "detection",
    "video": "video",
    "quantization": "quantised",
    "optical_flow": "optical flow",
}

_FRAMES = 16
"""The clip length at which torchvision counts the operations of its video models."""

_SIDE = 512
"""The size at which it counts models whose weights prescribe none."""

_DETECTOR_SIDES = {
    "fasterrcnn_mobilenet_v3_large_320_fpn": 320,
    "ssd300_vgg16": 300,
    "ssdlite320_mobilenet_v3_large": 320,
}
"""To which size detectors bring every picture themselves; 800 where not listed."""

_FLOATING = (
    "The published weights are for an int8 network; it is built here in floating point, as it is "
    "before its conversion, with the same layers and shapes."
)


@dataclass(frozen=True, slots=True)
class Facts:
    """The part of a card that is the same for everyone who uses the library."""

    source: Source
    task: Task
    input_shape: tuple[int, ...]
    inputs: int
    weights: tuple[Weights, ...]
    differs: tuple[str, ...]


def facts(name: str) -> Facts:
    """Collect what torchvision says of one of its registered models."""
    task = _task(name)
    members = models.get_model_weights(name)
    return Facts(
        source="torchvision",
        task=task,
        input_shape=_input_shape(name, task),
        inputs=2 if task == "optical flow" else 1,
        weights=tuple(_weights(each, default=each is members.DEFAULT) for each in members),
        differs=(_FLOATING,) if task == "quantised" else (),
    )


def _task(name: str) -> Task:
    package = models.get_model_builder(name).__module__.split(".")[-2]
    return _TASKS.get(package, "classification")


def _input_shape(name: str, task: Task) -> tuple[int, ...]:
    size = _evaluation_size(torchvision_models.default_weights(name))
    if task == "detection":
        side = _DETECTOR_SIDES.get(name, 800)
        size = (side, side)
    height, width = size or (_SIDE, _SIDE)
    return (3, _FRAMES, height, width) if task == "video" else (3, height, width)


def _evaluation_size(weights: WeightsEnum) -> tuple[int, int] | None:
    """Height and width a weights' own transforms produce, if they prescribe any."""
    transforms = weights.transforms()
    side = getattr(transforms, "crop_size", None) or getattr(transforms, "resize_size", None)
    if not side:
        return None
    height, width = side if len(side) == 2 else (side[0], side[0])
    return int(height), int(width)


def _weights(member: WeightsEnum, *, default: bool) -> Weights:
    meta: dict[str, Any] = member.meta
    return Weights(
        name=member.name,
        dataset=", ".join(meta["_metrics"]),
        input_size=_evaluation_size(member),
        params=meta["num_params"],
        macs=meta["_ops"] * 1e9,
        megabytes=meta["_file_size"],
        metrics=tuple(
            (f"{dataset} {metric}", value)
            for dataset, metrics in meta["_metrics"].items()
            for metric, value in metrics.items()
            # VGG-16's weights for its features alone carry NaN: nobody measured them.
            if math.isfinite(value)
        ),
        url=member.url,
        default=default,
    )
