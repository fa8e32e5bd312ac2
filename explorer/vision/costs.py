"""What a saliency map costs before it is made: passes, memory, and how many pictures at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import TYPE_CHECKING

from explorer import device
from explorer.vision.perturbations import positions
from explorer.vision.superpixels import parts

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from explorer.anatomy.records import Layer
    from explorer.vision.attribution_methods import KnobValue, Method
    from explorer.vision.taps import Taps

FLOAT = 4
MOST_AT_ONCE = 64
PROCESSOR_BYTES, PROCESSOR_FORWARD_BYTES = 800 << 20, 128 << 20
"""With gradients and without: in larger batches a picture takes longer, for the caches' sake."""
GPU_BYTES = 4 << 30
SHARE = 0.5
"""Of the memory that is free; the rest is for others, and for what an estimate overlooks."""

ONE_PASS = {"gradient", "input_x_gradient"}
"""The methods for which one pass says the class and the gradient."""
WITHOUT_GRADIENTS = {"occlusion", "feature_ablation", "lime", "kernel_shap", "scorecam", "eigencam"}

Settings = Mapping[str, "KnobValue"]

# Passes beside the first, which says the class and serves the plain gradient.
_PASSES: dict[str, Callable[[Settings, Tensor, int], int]] = {
    "gradient": lambda settings, x, channels: 0,
    "input_x_gradient": lambda settings, x, channels: 0,
    "smoothgrad": lambda settings, x, channels: int(settings["samples"]),
    "integrated_gradients": lambda settings, x, channels: int(settings["steps"]) + 1,
    "gradient_shap": lambda settings, x, channels: int(settings["samples"]),
    "deeplift": lambda settings, x, channels: 4,
    "guided_backprop": lambda settings, x, channels: 3,
    "deconvolution": lambda settings, x, channels: 3,
    "guided_gradcam": lambda settings, x, channels: 4,
    "occlusion": lambda settings, x, channels: (
        positions(x, float(settings["window"]), float(settings["stride"])) + 1
    ),
    "feature_ablation": lambda settings, x, channels: _parts(settings, x) + 1,
    "lime": lambda settings, x, channels: int(settings["samples"]),
    "kernel_shap": lambda settings, x, channels: int(settings["samples"]),
    "scorecam": lambda settings, x, channels: 1 + min(int(settings["maps"]), channels),
    "layer_conductance": lambda settings, x, channels: int(settings["steps"]) + 2,
}


def passes(method: Method, settings: Settings, x: Tensor, channels: int) -> int:
    """Count the pictures a method sends through the network for an input (1, C, H, W).

    `channels` are the maps of the layer it looks into. A few more or less are possible.
    """
    counted = _PASSES.get(method.key)
    return 1 + (1 if counted is None else counted(settings, x, channels))


def bytes_each(method: Method, taps: Taps) -> int:
    """Memory one picture takes on its way: what is kept for the gradient, or passes by."""
    if method.key in WITHOUT_GRADIENTS:
        # An output, its input, and a shortcut or a rearranged copy are alive at once.
        return 4 * max(_output_bytes(layer) for layer in taps.layers)
    kept = sum(_output_bytes(layer) for layer in taps.layers)
    return kept + 4 * max(_output_bytes(layer) for layer in taps.layers)


def chunk(method: Method, taps: Taps, where: torch.device) -> int:
    """Say how many pictures go through the network at once: quick, and certain to fit."""
    forward = method.key in WITHOUT_GRADIENTS
    processor = PROCESSOR_FORWARD_BYTES if forward else PROCESSOR_BYTES
    quick = processor if where.type == "cpu" else GPU_BYTES
    fitting = min(quick, int(SHARE * device.free_bytes(where)))
    return max(1, min(MOST_AT_ONCE, fitting // max(1, bytes_each(method, taps))))


def _parts(settings: Settings, x: Tensor) -> int:
    return int(parts(x, str(settings["parts"]), int(settings["count"])).max()) + 1


def _output_bytes(layer: Layer) -> int:
    # Views and in-place results take nothing of their own.
    return FLOAT * prod(layer.output) if layer.ran and layer.activation_bytes else 0
