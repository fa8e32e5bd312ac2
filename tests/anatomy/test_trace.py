"""What a recorded forward pass knows, and that own shape rules agree with torch's kernels."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torchvision import models

from explorer.anatomy.forward import Forward
from explorer.anatomy.operators import NETWORK_INPUT
from explorer.zoo import build

CLASSIFIERS = models.list_models(module=models)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_rules_give_the_shapes_of_torchs_own_kernels(name: str) -> None:
    """Every operator of every classifier makes outputs of the same shapes, types and kinship."""
    card = build.card(name)
    network = build.network(name)
    args = build.example_inputs(card, None, 2, torch.device("meta"))
    ours, theirs = Forward(network, args), Forward(network, args, rules=False)
    assert ours.error is None
    assert theirs.error is None
    for mine, torchs in zip(ours.tracer.calls, theirs.tracer.calls, strict=True):
        assert mine.func is torchs.func
        assert [(ref.shape, ref.storage.bytes) for ref in mine.outputs] == [
            (ref.shape, ref.storage.bytes) for ref in torchs.outputs
        ], mine.name


class Recorded(nn.Module):
    """Adds in place, looks at a view, and calls a child twice."""

    def __init__(self) -> None:
        super().__init__()
        self.child = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        """Twice the child, then in place."""
        y = self.child(self.child(x))
        y += x
        return y.view(-1)


def test_dataflow_is_followed_through_calls_in_place_and_views() -> None:
    """Each operator knows which earlier ones made its inputs, and whose memory it shares."""
    seen = Forward(Recorded(), (torch.empty(2, 4, device="meta"),))
    first, second, added, viewed = seen.tracer.calls
    assert first.inputs[0].node == NETWORK_INPUT
    assert second.inputs[0].node == first.index
    assert [ref.node for ref in added.inputs] == [second.index, NETWORK_INPUT]
    assert added.in_place
    assert added.output.storage is second.output.storage
    assert viewed.output.storage is second.output.storage
    assert viewed.output.shape == (8,)
    assert [frame.number for frame in seen.tracer.frames if frame.path == "child"] == [1, 2]


class Raises(nn.Module):
    """Raises after its first layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))

    def forward(self, x: Tensor) -> Tensor:
        """Never returns."""
        self.first(x)
        raise ValueError("this one always does")


def test_modules_are_as_before_after_an_exception() -> None:
    """Nothing is left on the instances, whatever the forward pass raised."""
    network = Raises().eval()
    seen = Forward(network, (torch.empty(1, 3, 8, 8, device="meta"),))
    assert isinstance(seen.error, ValueError)
    assert [call.short for call in seen.tracer.calls] == ["conv2d", "batch_norm"]
    assert not any("forward" in each.__dict__ for each in network.modules())
    assert not any(hasattr(each, "_convzoo_ref") for each in network.parameters())


class Swallows(nn.Module):
    """Goes on after a child raised."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = Raises().eval()
        self.last = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Ignore the broken child."""
        try:
            self.broken(x)
        except ValueError:
            x = x + 1
        return self.last(x)


def test_an_exception_the_network_handles_does_not_confuse_where_it_is() -> None:
    """Layers after a swallowed exception are recorded in their own modules."""
    seen = Forward(Swallows(), (torch.empty(1, 3, 8, 8, device="meta"),))
    assert seen.error is None
    where = [seen.tracer.frames[call.frame].path for call in seen.tracer.calls]
    assert where == ["broken.first.0", "broken.first.1", "", "last"]


def test_constants_are_real_and_may_be_branched_on() -> None:
    """A forward pass may compute with its own small tensors, though the input has no numbers."""

    class Branches(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            steps = torch.arange(3).sum()
            return x.relu() if steps.item() == 3 else x

    seen = Forward(Branches(), (torch.empty(2, 2, device="meta"),))
    assert seen.error is None
    assert seen.tracer.calls[-1].short == "relu"
