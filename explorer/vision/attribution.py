"""Saliency: which pixels of a picture speak for a class, by any of the methods there are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer import device, units
from explorer.errors import Cancelled, ExplorerError
from explorer.progress import Progress, silent
from explorer.vision import (
    attribution_methods,
    cam_layer,
    cams,
    costs,
    gradients,
    perturbations,
    preprocess,
)
from explorer.vision.attribution_records import (
    Attribution,
    CamLayers,
    Cell,
    Estimate,
    Failed,
    KnobValue,
    Map,
    Method,
)
from explorer.vision.loading import load
from explorer.vision.question import Answer, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.pictures.records import Picture
    from explorer.vision.loaded import LoadedModel

FUNCTIONS: dict[str, Callable[[Question], Answer]] = {
    "gradient": gradients.gradient,
    "input_x_gradient": gradients.input_x_gradient,
    "smoothgrad": gradients.smoothgrad,
    "integrated_gradients": gradients.integrated_gradients,
    "gradient_shap": gradients.gradient_shap,
    "deeplift": gradients.deeplift,
    "guided_backprop": gradients.guided_backprop,
    "deconvolution": gradients.deconvolution,
    "guided_gradcam": gradients.guided_gradcam,
    "occlusion": perturbations.occlusion,
    "feature_ablation": perturbations.feature_ablation,
    "lime": perturbations.lime,
    "kernel_shap": perturbations.kernel_shap,
    "gradcam": cams.gradcam,
    "gradcam_pp": cams.gradcam_pp,
    "layercam": cams.layercam,
    "scorecam": cams.scorecam,
    "eigencam": cams.eigencam,
    "layer_gradient_x_activation": cams.layer_gradient_x_activation,
    "layer_conductance": cams.layer_conductance,
}
"""The function behind each method."""


def attribute(
    name: str,
    picture: Picture,
    method: str,
    *,
    target: int | str | None = None,
    weights: str | None = None,
    layer: str | None = None,
    knobs: Iterable[tuple[str, KnobValue]] = (),
    progress: Progress = silent,
) -> Attribution:
    """Make one saliency map of a picture.

    `target` is a class's number or name, the top one without; `layer` is a row of the anatomy,
    the customary one without (see `cam_layers`). Raises BadRequest for a class, layer, method or
    knob that there is not, what loading a model raises, and what `progress` raises.
    """
    asked = attribution_methods.find(method)
    asked.settings(knobs := tuple(knobs))
    loaded = load(name, weights)
    return attribute_loaded(
        loaded, picture, method, target=target, layer=layer, knobs=knobs, progress=progress
    )


def attribute_loaded(
    loaded: LoadedModel,
    picture: Picture,
    method: str,
    *,
    target: int | str | None = None,
    layer: str | None = None,
    knobs: Iterable[tuple[str, KnobValue]] = (),
    progress: Progress = silent,
) -> Attribution:
    """Make one saliency map with a network that is loaded; see `attribute`."""
    asked = attribution_methods.find(method)
    settings = asked.settings(knobs)
    number = None if target is None else loaded.target(target)
    started = time.perf_counter()
    with _asked(loaded, picture, asked, layer, settings, number, progress) as question:
        answer = FUNCTIONS[asked.key](question)
        device.synchronise(loaded.device)
        values = _at_input_size(answer.values, question.x)
        seconds = time.perf_counter() - started
        return _record(loaded, picture, question, asked, answer, values, seconds)


def estimate(
    name: str,
    picture: Picture,
    method: str,
    *,
    weights: str | None = None,
    layer: str | None = None,
    knobs: Iterable[tuple[str, KnobValue]] = (),
) -> Estimate:
    """Say what a map will cost, from one pass that is measured and the number of passes.

    Raises what `attribute` raises for its arguments.
    """
    asked = attribution_methods.find(method)
    settings = asked.settings(knobs)
    loaded = load(name, weights)
    with _asked(loaded, picture, asked, layer, settings, None, silent) as question:
        seconds = _measured(question, asked) * question.expected
        count, chunk = question.expected, min(question.chunk, question.expected)
        held = chunk * costs.bytes_each(asked, question.taps)
    words = f"About {units.duration(seconds)} and {units.memory(held)}: {count} "
    words += f"{'passes' if count > 1 else 'pass'} through the network, {chunk} at a time."
    return Estimate(seconds, held, count, chunk, words)


def cam_layers(name: str, weights: str | None = None) -> CamLayers:
    """Return the rows of a network that a CAM can be made from, and the customary one.

    Raises BadRequest for a network without maps, and what loading a model raises.
    """
    loaded = load(name, weights)
    return cam_layer.layers(loaded.taps, len(loaded.classes))


def grid(
    picture: Picture, cells: Sequence[Cell], *, progress: Progress = silent
) -> tuple[Attribution | Failed, ...]:
    """Make many maps of one picture; a cell that fails says why and stops none of the others."""
    found: list[Attribution | Failed] = []
    for number, cell in enumerate(cells):
        try:
            label = f"{attribution_methods.find(cell.method).title}, {cell.model}"
            report = _part_of(progress, number, len(cells), label)
            made: Attribution | Failed = attribute(
                cell.model,
                picture,
                cell.method,
                target=cell.target,
                weights=cell.weights,
                layer=cell.layer,
                knobs=cell.knobs,
                progress=report,
            )
        except Cancelled:
            raise
        except ExplorerError as error:
            wanted = "top class" if cell.target is None else str(cell.target)
            made = Failed(cell.model, cell.method, wanted, str(error))
        found.append(made)
    return tuple(found)


def _part_of(progress: Progress, number: int, count: int, label: str) -> Progress:
    def report(fraction: float, sentence: str) -> None:
        progress((number + fraction) / count, f"{label}: {sentence}")

    return report


@contextmanager
def _asked(
    loaded: LoadedModel,
    picture: Picture,
    method: Method,
    layer: str | None,
    settings: Mapping[str, KnobValue],
    target: int | None,
    progress: Progress,
) -> Iterator[Question]:
    """Borrow the network and ask; the first pass is made."""
    taps, row, channels = loaded.taps, "", 0
    if method.uses_layer:
        chosen = taps.layer(layer or cam_layer.layers(taps, len(loaded.classes)).chosen)
        row, seen = chosen.name, cam_layer.view(chosen, taps)
        channels = 0 if seen is None else seen.channels
    x = preprocess.input_tensor(picture, loaded.preprocessing).to(loaded.device)
    with loaded.borrowed() as network, torch.enable_grad():
        yield Question(
            network,
            taps,
            x,
            settings,
            loaded.preprocessing,
            progress,
            target=target,
            classes=loaded.classes,
            layer=row,
            chunk=costs.chunk(method, taps, loaded.device),
            expected=costs.passes(method, settings, x, channels),
            shared=method.key in costs.ONE_PASS,
        )


def _measured(question: Question, method: Method) -> float:
    """Seconds of one pass, the second one: the first, already made, was slower."""
    x = question.x.detach()
    wants = method.key not in costs.WITHOUT_GRADIENTS
    device.synchronise(x.device)
    started = time.perf_counter()
    with torch.set_grad_enabled(wants):
        x = x.requires_grad_(wants)
        score = question.scores(x)[0, question.target]
        if wants:
            torch.autograd.grad(score, x)
    device.synchronise(x.device)
    return time.perf_counter() - started


def _at_input_size(values: Tensor, x: Tensor) -> Map:
    """Sum the channels and enlarge to the input's size, (H, W)."""
    summed = values.detach().float().sum(1, keepdim=True)
    if summed.shape[-2:] != x.shape[-2:]:
        summed = F.interpolate(summed, x.shape[-2:], mode="bilinear", align_corners=False)
    numbers: Map = summed[0, 0].cpu().numpy().astype(np.float32)
    return numbers


def _record(
    loaded: LoadedModel,
    picture: Picture,
    question: Question,
    method: Method,
    answer: Answer,
    values: Map,
    seconds: float,
) -> Attribution:
    row = question.layer
    return Attribution(
        use=loaded.use,
        method=method.key,
        target=question.target,
        target_name=loaded.classes[question.target],
        probability=float(question.output.softmax(1)[0, question.target]),
        layer=row,
        layer_field=cam_layer.field_words(question.taps.layer(row)) if row else "",
        values=values,
        window=loaded.preprocessing.window(picture.height, picture.width),
        seconds=seconds,
        passes=question.passes,
        completeness=answer.completeness,
        knobs=tuple(question.settings.items()),
        notes=(*answer.notes, *_doubts(values, method)),
    )


def _doubts(values: Map, method: Method) -> tuple[str, ...]:
    """Sentences on values that are no numbers, and on maps that are blank."""
    broken = int(np.size(values) - np.isfinite(values).sum())
    if broken:
        share = broken / values.size
        return (f"{broken} of {values.size} values ({share:.0%}) are no numbers: do not trust it.",)
    if np.any(values):
        return ()
    why = "nothing in this layer speaks for the class" if not method.signed else "no pixel matters"
    return (f"The map is blank: all {values.size} values are zero, {why}.",)
