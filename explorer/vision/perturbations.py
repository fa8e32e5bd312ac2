"""Saliency from hiding parts of the picture: captum's methods on patches and superpixels."""

from __future__ import annotations

import torch
from captum.attr import FeatureAblation, KernelShap, Lime, Occlusion
from torch import Tensor

from explorer.vision.question import Answer, Question, seeded
from explorer.vision.superpixels import parts
from explorer.vision.surrogate import WeightedRidge

PENALTY = 1.0
"""Of LIME's ridge regression, as in its authors' own implementation."""


def patch(question: Question) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the side of the sliding patch and how far it moves, in pixels (down, across)."""
    return sides(question.x, question.number("window"), question.number("stride"))


def sides(x: Tensor, window: float, stride: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """Turn percents of a side into pixels; a patch never jumps over a pixel."""
    size = [max(1, round(side * window / 100)) for side in x.shape[-2:]]
    steps = [
        min(max(1, round(side * stride / 100)), patch)
        for side, patch in zip(x.shape[-2:], size, strict=True)
    ]
    return (size[0], size[1]), (steps[0], steps[1])


def positions(x: Tensor, window: float, stride: float) -> int:
    """Count the places of the sliding patch; the last in a row may move less than the others."""
    size, steps = sides(x, window, stride)
    count = 1
    for side, patch_side, step in zip(x.shape[-2:], size, steps, strict=True):
        count *= -(-(side - patch_side) // step) + 1
    return count


def occlusion(question: Question) -> Answer:
    """Return by how much the score falls where the patch hides the picture, averaged."""
    size, steps = patch(question)
    channels = question.x.shape[1]
    with torch.no_grad():
        values = Occlusion(question.scores).attribute(
            question.x.detach(),
            (channels, *size),
            (channels, *steps),
            question.baseline(question.settings["baseline"]),
            question.target,
            perturbations_per_eval=question.chunk,
        )
    # Captum gives every channel the fall of the whole patch.
    return Answer(values[:, :1])


def feature_ablation(question: Question) -> Answer:
    """Return by how much the score falls when a part is hidden, shared among its pixels."""
    mask = _parts(question)
    with torch.no_grad():
        values = FeatureAblation(question.scores).attribute(
            question.x.detach(),
            question.baseline(question.settings["baseline"]),
            question.target,
            feature_mask=mask,
            perturbations_per_eval=question.chunk,
        )
    return Answer(values[:, :1], notes=(_counted(mask),))


def lime(question: Question) -> Answer:
    """Return the coefficients of a ridge regression on which parts are shown."""
    method = Lime(question.scores, interpretable_model=WeightedRidge(PENALTY))
    return _sampled(question, method)


def kernel_shap(question: Question) -> Answer:
    """Return estimated Shapley values of the parts."""
    method = KernelShap(question.scores)
    method.interpretable_model = WeightedRidge()
    return _sampled(question, method)


def _sampled(question: Question, method: Lime | KernelShap) -> Answer:
    mask = _parts(question)
    with torch.no_grad(), seeded(question.number("seed"), question.x.device):
        values = method.attribute(
            question.x.detach(),
            question.baseline(question.settings["baseline"]),
            question.target,
            feature_mask=mask,
            n_samples=int(question.number("samples")),
            perturbations_per_eval=question.chunk,
        )
    return Answer(values[:, :1], notes=(_counted(mask),))


def _parts(question: Question) -> Tensor:
    return parts(question.x, str(question.settings["parts"]), int(question.number("count")))


def _counted(mask: Tensor) -> str:
    return f"The picture was cut into {int(mask.max()) + 1} parts, each of one value."
