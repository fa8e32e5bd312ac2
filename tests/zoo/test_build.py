"""Networks, inputs and cards by name."""

from __future__ import annotations

import pytest
import torch

from explorer.errors import BuildFailed, UnknownModel
from explorer.zoo import build, catalogue, classics


@pytest.mark.parametrize("make", [build.network, build.real_network, build.card])
def test_unknown_names_raise_with_the_nearest_one(make: object) -> None:
    """The same sentence wherever a name is used."""
    with pytest.raises(UnknownModel, match="mobilenet_v2"):
        make("mobilnet_v2")  # type: ignore[operator]


def test_a_constructor_that_raises_gives_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """BuildFailed carries what went wrong, in one line."""

    def broken() -> torch.nn.Module:
        raise ValueError("no such\nwidth")

    monkeypatch.setitem(classics.CLASSICS, "broken", classics.Classic(broken, (3, 8, 8)))
    with pytest.raises(BuildFailed, match="Building broken failed with ValueError: no such width"):
        build.network("broken")


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("resnet50", [(2, 3, 64, 96)]),
        ("lenet5", [(2, 1, 64, 96)]),
        ("r3d_18", [(2, 3, 16, 64, 96)]),
        ("raft_small", [(2, 3, 64, 96), (2, 3, 64, 96)]),
    ],
)
def test_inputs_have_the_batch_and_size_asked_for(name: str, shapes: list[object]) -> None:
    """Height before width, frames before both, two pictures for optical flow."""
    inputs = build.example_inputs(catalogue.find(name), (64, 96), batch=2, device="meta")
    assert [tuple(each.shape) for each in inputs] == shapes
    assert all(each.is_meta for each in inputs)


def test_detectors_take_a_list_of_pictures() -> None:
    """One tensor (C, H, W) per picture."""
    card = catalogue.find("ssd300_vgg16")
    (pictures,) = build.example_inputs(card, batch=3)
    assert [tuple(each.shape) for each in pictures] == [(3, 300, 300)] * 3
    assert all(each.min() >= 0 and each.max() < 1 for each in pictures)


@pytest.mark.parametrize("name", ["squeezenet1_1", "lenet5_partial", "cifar_resnet20_b"])
def test_real_networks_run(name: str) -> None:
    """Initialised on the CPU, in evaluation mode: finite scores that depend on the picture."""
    model = build.real_network(name)
    card = catalogue.find(name)
    assert not model.training
    with torch.inference_mode():
        scores = model(*build.example_inputs(card, batch=2))
    assert scores.isfinite().all()
    assert not torch.equal(scores[0], scores[1])
