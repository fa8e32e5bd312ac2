"""Saliency from gradients at the input: captum's methods, given what they need to be right."""

from __future__ import annotations

import torch
from captum.attr import (
    Deconvolution,
    GradientShap,
    GuidedBackprop,
    InputXGradient,
    IntegratedGradients,
    LayerAttribution,
    LayerGradCam,
    NoiseTunnel,
    Saliency,
)
from torch import Tensor, nn

from explorer.vision.attribution_methods import BASELINES
from explorer.vision.deeplift import Rescale, without_rules
from explorer.vision.question import Answer, Question, quiet, seeded
from explorer.vision.similarity import class_blindness, rank_correlation

NO_RELU = "The network has no ReLU, which this method changes, so that this is the plain gradient."


def gradient(question: Question) -> Answer:
    """Return the gradient; with "largest" its largest absolute value over the channels."""
    values = Saliency(question.scores).attribute(question.x, question.target, abs=False)
    if question.settings["channels"] == "largest":
        values = values.abs().amax(dim=1, keepdim=True)
    return Answer(values)


def input_x_gradient(question: Question) -> Answer:
    """Return the gradient times the normalised input."""
    values = InputXGradient(question.scores).attribute(question.x, question.target)
    return Answer(values.detach())


def smoothgrad(question: Question) -> Answer:
    """Return the gradient averaged over noisy copies."""
    x = question.x.detach()
    noise = question.number("noise") * float(x.max() - x.min())
    with seeded(question.number("seed"), x.device):
        values = NoiseTunnel(Saliency(question.scores)).attribute(
            x,
            nt_type="smoothgrad",
            nt_samples=int(question.number("samples")),
            nt_samples_batch_size=question.chunk,
            stdevs=noise,
            target=question.target,
            abs=False,
        )
    return Answer(values.detach())


def integrated_gradients(question: Question) -> Answer:
    """Return gradients integrated from the baseline by Gauss-Legendre quadrature."""
    baseline = question.baseline(question.settings["baseline"])
    values = IntegratedGradients(question.scores).attribute(
        question.x.detach(),
        baseline,
        question.target,
        n_steps=int(question.number("steps")),
        internal_batch_size=question.chunk,
    )
    return Answer(values.detach(), question.completeness(values, baseline))


def gradient_shap(question: Question) -> Answer:
    """Return the mean gradient between random baselines and noisy copies, times the difference.

    Chunk by chunk, because captum takes all samples at once.
    """
    x, samples = question.x.detach(), int(question.number("samples"))
    noise = question.number("noise") * float(x.max() - x.min())
    baselines = torch.cat([question.baseline(name) for name in BASELINES])
    total = torch.zeros_like(x)
    with seeded(question.number("seed"), x.device):
        for start in range(0, samples, question.chunk):
            count = min(question.chunk, samples - start)
            values = _gradient_shap(question, x, baselines, noise, count)
            total += count * values
    return Answer(total / samples)


def _gradient_shap(
    question: Question, x: Tensor, baselines: Tensor, noise: float, count: int
) -> Tensor:
    values: Tensor = GradientShap(question.scores).attribute(
        x, baselines, n_samples=count, stdevs=noise, target=question.target
    )
    return values.detach()


def deeplift(question: Question) -> Answer:
    """Return DeepLIFT's contributions by the rescale rule.

    Captum doubles the batch: the picture and the baseline go through together.
    """
    baseline = question.baseline(question.settings["baseline"])
    network = question.instrumented(stand_ins=True)
    x = question.x.detach().clone().requires_grad_()
    with quiet():
        values = Rescale(network).attribute(x, baseline, target=question.target)
    missing = without_rules(question.taps)
    completeness = question.completeness(values, baseline)
    return Answer(values.detach(), completeness, (missing,) if missing else ())


def guided_backprop(question: Question) -> Answer:
    """Return the gradient with negative ones cut off at each ReLU."""
    return _through_relus(question, GuidedBackprop)


def deconvolution(question: Question) -> Answer:
    """Return the gradient as a deconvolutional network carries it back."""
    return _through_relus(question, Deconvolution)


def _through_relus(question: Question, method: type[GuidedBackprop | Deconvolution]) -> Answer:
    network = question.instrumented(stand_ins=True)
    x = question.x.detach().clone().requires_grad_()
    with quiet():
        values, others = (
            method(network).attribute(x, target).detach()
            for target in (question.target, question.other)
        )
    relus = any(isinstance(each, nn.ReLU) for each in network.stand_ins.modules())
    notes = () if relus else (NO_RELU,)
    return Answer(values, notes=(*notes, *_blindness(question, values, others)))


def _blindness(question: Question, values: Tensor, others: Tensor) -> tuple[str, ...]:
    """Say how like the map of another class it is; these methods are known to be blind to it."""
    if question.other == question.target:
        return ()
    maps = [each.sum(1)[0].cpu().numpy() for each in (values, others)]
    named = question.classes[question.other] if question.classes else f"class {question.other}"
    return (class_blindness(rank_correlation(*maps), named),)


def guided_gradcam(question: Question) -> Answer:
    """Return guided backpropagation times Grad-CAM enlarged, negative places cut off."""
    guided = guided_backprop(question)
    network = question.instrumented(layer=True)
    cam = LayerGradCam(network, network.row).attribute(
        question.x.detach(), question.target, relu_attributions=True
    )
    size = tuple(question.x.shape[-2:])
    enlarged = LayerAttribution.interpolate(cam.detach(), size, "bilinear")
    return Answer(guided.values * enlarged, notes=guided.notes)
