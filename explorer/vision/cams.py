"""Class activation maps and layer attributions: captum's, and four of the family it lacks.

All look at one row of the anatomy as maps A (C, h, w); g are the gradients of the class's score
by A. Tokens are maps too, once they lie on their grid (see `explorer.vision.cam_layer.View`).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from captum.attr import LayerConductance, LayerGradCam, LayerGradientXActivation
from torch import Tensor

from explorer.vision.question import Answer, Question

CLASS_BLIND = "Eigen-CAM knows no class: it shows the same for every one of them."


def gradcam(question: Question) -> Answer:
    """Return ReLU(sum over k of mean(g_k) A_k): Selvaraju et al. (2017), equations 1 and 2."""
    network = question.instrumented(layer=True)
    values = LayerGradCam(network, network.row).attribute(
        question.x.detach(), question.target, relu_attributions=True
    )
    return Answer(values.detach())


def gradcam_pp(question: Question) -> Answer:
    """Return ReLU(sum over k of w_k A_k), w_k = sum of alpha_k ReLU(g_k): Grad-CAM++ (2018).

    With the exponential of the score the derivatives are powers of g (equation 19): alpha =
    g^2 / (2 g^2 + sum(A) g^3), zero where g is.
    """
    maps, gradients = _maps_and_gradients(question)
    squared = gradients**2
    below = 2 * squared + maps.sum((2, 3), keepdim=True) * gradients**3
    alpha = torch.where(below != 0, squared / torch.where(below != 0, below, 1), 0)
    weights = (alpha * F.relu(gradients)).sum((2, 3), keepdim=True)
    return Answer(F.relu((weights * maps).sum(1, keepdim=True)))


def layercam(question: Question) -> Answer:
    """Return ReLU(sum over k of ReLU(g_k) A_k), place by place: Jiang et al. (2021), eq. 5-6."""
    maps, gradients = _maps_and_gradients(question)
    return Answer(F.relu((F.relu(gradients) * maps).sum(1, keepdim=True)))


def eigencam(question: Question) -> Answer:
    """Return the maps' projection on their first principal direction: Muhammad and Yeasin (2020).

    A (places, C) = U S V, and the map is A V_1. Its sign, which a decomposition leaves open, is
    that which makes the sum positive; what stays negative is cut off.
    """
    maps = _maps(question)
    places = maps[0].flatten(1).T
    direction = torch.linalg.svd(places.double(), full_matrices=False).Vh[0]
    values = (places.double() @ direction).to(maps.dtype).reshape(1, 1, *maps.shape[2:])
    values = values * (1 if values.sum() >= 0 else -1)
    return Answer(F.relu(values), notes=(CLASS_BLIND,))


def scorecam(question: Question) -> Answer:
    """Return ReLU(sum over k of w_k A_k), w_k from masked pictures: Wang et al. (2020).

    Each map, enlarged and brought to [0, 1], masks the normalised picture; w is the softmax over
    the maps of the class's scores then. Maps that are constant have no mask. Of many maps only the
    strongest, by their mean, are asked.
    """
    maps = _maps(question)
    spread = maps.amax((2, 3)) - maps.amin((2, 3))
    strength = torch.where(spread[0] > 0, maps.abs().mean((2, 3))[0], -1)
    most = min(int(question.number("maps")), int((spread > 0).sum()))
    chosen = strength.topk(most).indices
    if not most:
        return Answer(torch.zeros_like(maps[:, :1]))
    scores = torch.cat([_masked(question, maps[:, part]) for part in chosen.split(question.chunk)])
    weights = scores.softmax(0)[None, :, None, None]
    notes = (
        (f"Only the strongest {most} of {maps.shape[1]} maps were asked.",)
        if most < maps.shape[1]
        else ()
    )
    return Answer(F.relu((weights * maps[:, chosen]).sum(1, keepdim=True)), notes=notes)


def _masked(question: Question, maps: Tensor) -> Tensor:
    """The class's scores on the picture behind each of these maps (1, k, h, w)."""
    low, high = maps.amin((2, 3), keepdim=True), maps.amax((2, 3), keepdim=True)
    size = question.x.shape[-2:]
    masks = F.interpolate((maps - low) / (high - low), size, mode="bilinear", align_corners=False)
    with torch.no_grad():
        return question.scores(question.x.detach() * masks[0][:, None])[:, question.target]


def layer_gradient_x_activation(question: Question) -> Answer:
    """Return the sum over k of g_k A_k, place by place."""
    network = question.instrumented(layer=True)
    values = LayerGradientXActivation(network, network.row).attribute(
        question.x.detach(), question.target
    )
    return Answer(values.detach().sum(1, keepdim=True))


def layer_conductance(question: Question) -> Answer:
    """Return the conductance of each place, summed over its channels; it adds up as well."""
    network = question.instrumented(layer=True)
    baseline = question.baseline(question.settings["baseline"])
    values = LayerConductance(network, network.row).attribute(
        question.x.detach(),
        baseline,
        question.target,
        n_steps=int(question.number("steps")),
        internal_batch_size=max(question.chunk, 2),
        attribute_to_layer_input=False,
    )
    return Answer(values.detach().sum(1, keepdim=True), question.completeness(values, baseline))


def _maps(question: Question) -> Tensor:
    kept: list[Tensor] = []
    network = question.instrumented(layer=True)
    network.row.register_forward_hook(lambda module, args, output: kept.append(output))
    with torch.no_grad():
        network(question.x.detach())
    return kept[0]


def _maps_and_gradients(question: Question) -> tuple[Tensor, Tensor]:
    kept: list[Tensor] = []
    network = question.instrumented(layer=True)
    network.row.register_forward_hook(
        lambda module, args, output: kept.append(output.requires_grad_())
    )
    output = network(question.x.detach())
    (gradients,) = torch.autograd.grad(output[0, question.target], kept[0])
    return kept[0].detach(), gradients
