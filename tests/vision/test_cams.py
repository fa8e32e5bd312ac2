"""Class activation maps equal their definitions, computed here from autograd."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.errors import BadRequest
from explorer.vision import cams, gradients
from explorer.vision.cam_layer import View
from tests.vision.saliency_nets import ask, awkward

if TYPE_CHECKING:
    from explorer.vision.question import Question

LAYER = "relu#2"


def picture(seed: int = 5) -> Tensor:
    """Twelve by twelve pixels of noise."""
    return torch.randn(1, 1, 12, 12, generator=torch.Generator().manual_seed(seed))


def asked(target: int = 1, **settings: object) -> Question:
    """About the output of the second ReLU, which the network overwrites at once."""
    return ask(awkward(), picture(), target=target, layer=LAYER, **settings)


def maps_and_gradients(target: int = 1) -> tuple[Tensor, Tensor]:
    """The second ReLU's output and the score's derivative, the network written out."""
    net = awkward()
    pooled = net.pool(net.first(picture()).relu())
    maps = net.second(pooled).relu().requires_grad_()
    score = net.scores((net.second(maps) + pooled).relu().mean((2, 3)))[0, target]
    return maps.detach(), torch.autograd.grad(score, maps)[0]


def test_gradcam_is_its_definition() -> None:
    """ReLU of the maps weighted by their mean gradients."""
    maps, gradient = maps_and_gradients()
    expected = F.relu((gradient.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True))
    assert torch.allclose(cams.gradcam(asked()).values, expected, atol=1e-7)


def test_gradcam_pp_is_its_definition() -> None:
    """Alpha, place by place, in loops as in equation 19 of the paper."""
    maps, gradient = maps_and_gradients()
    weights = torch.zeros(maps.shape[1])
    for k in range(maps.shape[1]):
        for i in range(maps.shape[2]):
            for j in range(maps.shape[3]):
                g = gradient[0, k, i, j]
                below = 2 * g**2 + maps[0, k].sum() * g**3
                if below != 0:
                    weights[k] += g**2 / below * max(g, 0)
    expected = F.relu(torch.einsum("k,kij->ij", weights, maps[0]))
    assert torch.allclose(cams.gradcam_pp(asked()).values[0, 0], expected, atol=1e-6)


def test_layercam_is_its_definition() -> None:
    """Positive gradients times maps, place by place."""
    maps, gradient = maps_and_gradients()
    expected = (gradient.clamp(min=0) * maps).sum(1, keepdim=True).clamp(min=0)
    assert torch.allclose(cams.layercam(asked()).values, expected, atol=1e-7)


def test_layer_gradient_x_activation_is_its_definition() -> None:
    """Signed, summed over the channels."""
    maps, gradient = maps_and_gradients()
    found = cams.layer_gradient_x_activation(asked()).values
    assert torch.allclose(found, (gradient * maps).sum(1, keepdim=True), atol=1e-7)


def test_layer_conductance_adds_up_where_the_layer_is_all_there_is() -> None:
    """Everything flows through the pooling: its conductance is the change of the score."""
    question = ask(awkward(), picture(), target=1, layer="pool", steps=200, baseline="black")
    found = cams.layer_conductance(question).completeness
    assert found is not None
    assert found.gap == pytest.approx(0, abs=0.05 * abs(found.difference) + 1e-3)


def test_eigencam_is_the_first_principal_direction() -> None:
    """The eigenvector of A^T A with the largest eigenvalue, by torch's other decomposition."""
    maps, _ = maps_and_gradients()
    places = maps[0].flatten(1).T.double()
    direction = torch.linalg.eigh(places.T @ places).eigenvectors[:, -1]
    expected = places @ direction
    expected = (expected * expected.sum().sign()).clamp(min=0)
    found = cams.eigencam(asked())
    assert torch.allclose(found.values.flatten().double(), expected, atol=1e-5)
    assert "knows no class" in found.notes[0]


def test_scorecam_is_its_definition() -> None:
    """Every map as a mask, one after the other."""
    maps, _ = maps_and_gradients()
    net, x = awkward(), picture()
    scores = []
    for k in range(maps.shape[1]):
        one = maps[:, k : k + 1]
        mask = (one - one.min()) / (one.max() - one.min())
        mask = F.interpolate(mask, (12, 12), mode="bilinear", align_corners=False)
        scores.append(net(x * mask)[0, 1])
    weights = torch.stack(scores).softmax(0)
    expected = F.relu(torch.einsum("k,kij->ij", weights, maps[0]))
    assert torch.allclose(cams.scorecam(asked(maps=99)).values[0, 0], expected, atol=1e-6)
    fewer = cams.scorecam(asked(maps=2))
    assert fewer.notes == ("Only the strongest 2 of 4 maps were asked.",)


def test_guided_gradcam_is_the_product() -> None:
    """Guided backpropagation times Grad-CAM enlarged to the input."""
    cam = F.interpolate(cams.gradcam(asked()).values, (12, 12), mode="bilinear")
    guided = gradients.guided_backprop(asked()).values
    assert torch.allclose(gradients.guided_gradcam(asked()).values, guided * cam, atol=1e-7)


@pytest.mark.parametrize(
    ("seen", "shape"),
    [
        (View("maps", 3, 2, 4), (2, 3, 2, 4)),
        (View("channels last", 3, 2, 4), (2, 2, 4, 3)),
        (View("tokens", 3, 2, 2, 1), (2, 5, 3)),
        (View("tokens", 3, 2, 2), (2, 4, 3)),
    ],
)
def test_every_layout_is_seen_as_maps_and_turned_back(seen: View, shape: tuple[int, ...]) -> None:
    """There and back is the same tensor; the class token is no place."""
    x = torch.arange(float(torch.Size(shape).numel())).reshape(shape)
    maps = seen.maps(x)
    assert maps.shape == (2, 3, seen.height, seen.width)
    assert torch.equal(seen.back(maps, x), x)
    if seen.layout == "tokens":
        assert torch.equal(maps[0, :, 1, 0], x[0, seen.apart + 2])


def test_a_layer_that_is_no_map_is_one_sentence() -> None:
    """The scores have no places."""
    question = ask(awkward(), picture(), layer="scores")
    with pytest.raises(BadRequest, match="The output of scores is no map"):
        cams.gradcam(question)
