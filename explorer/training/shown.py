"""What can be looked at while a network learns: a fixed sample, the first filters, histograms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from explorer.training import losses
from explorer.training.evaluation import evaluating, scored
from explorer.training.initialisation import weight_of
from explorer.training.records import Filters, Histogram, Histograms, Seen

if TYPE_CHECKING:
    from explorer.training.assembly import Parts
    from explorer.training.batches import Batch
    from explorer.training.data.loading import Pictures
    from explorer.training.losses import Criterion
    from explorer.training.precision import Precision

SAMPLE, MOST_FILTERS, BINS = 16, 64, 60
_GREY, _COLOURS = 1, 3

Layers = Sequence[tuple[str, nn.Module]]


def sample(pictures: Pictures) -> Tensor:
    """The numbers of up to sixteen pictures, of all classes in turn, the first ones of each."""
    labels = pictures.labels
    turn = torch.zeros_like(labels)
    for label in labels.unique():
        of_it = labels == label
        turn[of_it] = torch.arange(int(of_it.sum()))
    ranked = (turn * (int(labels.max()) + 1) + labels).argsort(stable=True)
    return ranked[:SAMPLE]


def seen(parts: Parts, precision: Precision, step: int, *, first: bool) -> Seen | None:
    """What the network says of the fixed sample; the first time with its pictures."""
    held_out, pictures = parts.validation, parts.sets.validation
    if parts.sample is None or held_out is None or pictures is None:
        return None
    with evaluating(parts.network):
        inputs = held_out.normalised(parts.sample.to(held_out.labels.device))
        scores = scored(parts.network, inputs, precision)
    chosen = pictures[parts.sample]
    return Seen(
        step=step,
        labels=chosen.labels.numpy(),
        probabilities=probabilities(scores, parts.criterion.loss),
        pictures=as_pixels(chosen.values) if first else None,
    )


def probabilities(scores: Tensor, loss: str) -> np.ndarray:
    """What scores (N, classes) say of each class: float32, a row adds up to 1.

    By softmax, which the cross-entropy is made for; scores trained to be 0 and 1 are cut off at
    both and divided by their sum.
    """
    if loss == "cross-entropy":
        shares = scores.softmax(dim=1)
    else:
        cut = scores.clamp(0, 1) + 1e-9
        shares = cut / cut.sum(dim=1, keepdim=True)
    return shares.cpu().numpy()


def as_pixels(values: Tensor) -> np.ndarray:
    """Pictures uint8 (N, C, H, W), grey or in colour, as (N, H, W, 3)."""
    if values.shape[1] == _GREY:
        values = values.expand(-1, _COLOURS, -1, -1)
    return values.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def filters(layers: Layers, shape: Sequence[int], step: int) -> Filters | None:
    """The first layer's filters, at most 64 of them.

    Those of a linear layer that reads all pixels have the shape (C, H, W) of the input; there are
    none for points, nor for an attention.
    """
    first = layers[0][1] if layers else None
    weight = None if first is None else weight_of(first)
    if weight is None or tuple(shape[1:]) == (1, 1):
        return None
    kernels = weight.detach()[:MOST_FILTERS].float()
    if isinstance(first, nn.Linear) and kernels[0].numel() == int(np.prod(shape)):
        kernels = kernels.view(-1, *shape)
    if kernels.dim() != 4:
        return None
    # A copy: on the CPU the array would otherwise change with the weights.
    return Filters(step, kernels.contiguous().cpu().numpy().copy())


def histograms(
    network: nn.Module, layers: Layers, batch: Batch, criterion: Criterion, step: int
) -> Histograms:
    """Weights, gradients and outputs of all layers for a batch, in evaluation mode.

    Nothing of the training changes: neither gradients that are kept nor running statistics.
    """
    weights = [weight for _, module in layers if (weight := weight_of(module)) is not None]
    given: dict[str, Tensor] = {}
    with ExitStack() as hooks, evaluating(network), torch.enable_grad():
        for name, module in layers:
            hooks.callback(module.register_forward_hook(_keeping(given, name)).remove)
        scores = losses.heads(network(batch.pictures))
        loss = criterion.mean(scores[0], batch.targets)
        gradients = torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True)
    nothing = torch.empty(0)
    return Histograms(
        step=step,
        layers=tuple(name for name, _ in layers),
        weights=tuple(histogram(each) for each in weights),
        gradients=tuple(histogram(each) for each in gradients),
        activations=tuple(histogram(given.get(name, nothing)) for name, _ in layers),
    )


def _keeping(given: dict[str, Tensor], name: str) -> Callable[[nn.Module, object, object], None]:
    def keep(module: nn.Module, inputs: object, output: object) -> None:
        first = output[0] if isinstance(output, tuple) else output
        if isinstance(first, Tensor):
            given[name] = first.detach()

    return keep


def histogram(values: Tensor) -> Histogram:
    """Count values between sixty equal steps from the smallest to the largest."""
    # In double precision: from -3e38 to 3e38 is no distance that single precision knows.
    numbers = values.detach().flatten().cpu().double().numpy()
    finite = numbers[np.isfinite(numbers)]
    counts, edges = np.histogram(finite, BINS)
    return Histogram(counts, edges, len(numbers) - len(finite))
