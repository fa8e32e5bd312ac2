"""The table of operators: no entry twice, costs by hand, shapes against torch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from explorer.anatomy import dissect
from explorer.anatomy.forward import Forward
from explorer.anatomy.operators import entries, register


class Does(nn.Module):
    """One function as a network."""

    def __init__(self, function: Callable[[Tensor], object]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> object:
        """Apply it."""
        return self.function(x)


FUNCTIONS: dict[str, tuple[tuple[int, ...], Callable[[Tensor], object]]] = {
    "dilated": ((2, 4, 13, 17), lambda x: F.conv2d(x, torch.ones(6, 2, 3, 5), None, (2, 3),
                                                   (1, 2), (2, 1), 2)),
    "one-dimensional": ((2, 4, 13), lambda x: F.conv1d(x, torch.ones(6, 4, 3), None, 2)),
    "three-dimensional": ((1, 2, 5, 8, 9), lambda x: F.conv3d(x, torch.ones(3, 2, 3, 3, 2))),
    "same": ((1, 2, 7, 7), lambda x: F.conv2d(x, torch.ones(3, 2, 3, 5), padding="same")),
    "transposed": ((2, 6, 5, 7), lambda x: F.conv_transpose2d(
        x, torch.ones(6, 2, 3, 4), None, (2, 3), (1, 0), (1, 2), 2, (2, 1))),
    "ceil pooling": ((1, 2, 12, 15), lambda x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True)),
    "ceil average": ((1, 2, 7, 8), lambda x: F.avg_pool2d(x, 2, 3, 1, ceil_mode=True)),
    "indices": ((1, 2, 8, 8), lambda x: F.max_pool2d(x, 2, return_indices=True)),
    "adaptive": ((1, 2, 9, 9), lambda x: F.adaptive_avg_pool2d(x, (3, 1))),
    "broadcast": ((2, 3, 4), lambda x: x * torch.ones(4) + torch.ones(2, 1, 4)),
    "reduced": ((2, 3, 4), lambda x: (x.mean((-1, 0)), x.sum(1, keepdim=True), x.mean())),
    "joined": ((2, 3, 4), lambda x: torch.cat([x, x, x[:, :1]], 1)),
    "padded": ((2, 3, 4), lambda x: F.pad(x, (1, 2, -1, 0))),
    "looked up": ((5, 4), lambda x: x[torch.tensor([[0, 1, 2], [2, 2, 4]])]),
    "looked up behind": ((5, 4), lambda x: x[:, torch.tensor([0, 3])]),
    "masked": ((2, 3, 4), lambda x: x.masked_fill(torch.ones(3, 1, dtype=torch.bool), 0.0)),
    "compared": ((2, 3), lambda x: x > 0),
    "typed": ((2, 3), lambda x: x.double() * 2 + torch.softmax(x, -1, dtype=torch.float64)),
    "integers": ((2, 3), lambda x: (x.long() / 2, x.long() * 1.5, x.long().sum())),
    "multiplied": ((2, 3, 4), lambda x: x @ torch.ones(4, 5)),
    "attention": ((2, 3, 4), lambda x: F.scaled_dot_product_attention(x, x[:, :2], x[:, :2])),
    "norm": ((2, 3, 4), lambda x: F.normalize(x, dim=-1)),
    "clamped": ((2, 3), lambda x: (x.clamp(0, 1), x.clamp(min=torch.zeros(3)))),
    "resized": ((1, 2, 5, 6), lambda x: F.interpolate(x, scale_factor=1.5, mode="bilinear")),
    "resized to": ((1, 2, 5, 6), lambda x: F.interpolate(x, (7, 3), mode="bicubic")),
    "resized in steps": ((1, 2, 5, 6), lambda x: F.interpolate(x, scale_factor=(0.7, 1.9))),
    "permuted": ((2, 3, 4, 5), lambda x: F.gelu(x.permute(0, 2, 3, 1)).reshape(2, -1)),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_shapes_types_and_memory_are_those_of_a_real_run(name: str) -> None:
    """Shape rules agree with what torch does on real numbers, and so does what is a copy."""
    shape, function = FUNCTIONS[name]
    network = Does(function)
    ours = Forward(network, (torch.empty(shape, device="meta"),))
    truth = Forward(network, (torch.zeros(shape),), real=True)
    assert ours.error is None
    assert truth.error is None
    for mine, real in zip(ours.tracer.calls, truth.tracer.calls, strict=True):
        assert [(r.shape, r.storage.bytes, r.storage.born) for r in mine.outputs] == [
            (r.shape, r.storage.bytes, r.storage.born) for r in real.outputs
        ], mine.name


COUNTED = ("dilated", "one-dimensional", "three-dimensional", "same", "transposed", "multiplied")


@pytest.mark.parametrize("name", [*COUNTED, "attention"])
def test_macs_are_half_of_torchs_flops(name: str) -> None:
    """Our formulas agree with torch.utils.flop_counter on real numbers."""
    shape, function = FUNCTIONS[name]
    if name == "attention":
        shape = (2, 1, 3, 4)  # torch counts attention with heads only

        def function(x: Tensor) -> object:
            return F.scaled_dot_product_attention(x, x[:, :, :2], x[:, :, :2])

    with FlopCounterMode(display=False) as counter:
        function(torch.zeros(shape))
    anatomy = dissect(Does(function), inputs=torch.zeros(shape))
    assert anatomy.macs == counter.get_total_flops() // 2 > 0


@pytest.mark.parametrize(
    "function",
    [
        lambda x: F.conv2d(x, torch.ones(1, 2, 9, 9)),
        lambda x: F.max_pool2d(x, 9),
        lambda x: F.conv2d(x, torch.ones(1, 3, 1, 1)),
        lambda x: torch.cat([x, x[:, :, :1, :1]]),
        lambda x: x + torch.ones(3, 1, 1),
        lambda x: F.linear(x, torch.ones(3, 5)),
        lambda x: F.conv_transpose2d(x, torch.ones(2, 1, 1, 1), padding=5),
    ],
)
def test_what_torch_refuses_is_refused(function: Callable[[Tensor], object]) -> None:
    """Shape rules raise where the real operator raises."""
    with pytest.raises(RuntimeError):
        function(torch.zeros(1, 2, 4, 4))
    seen = Forward(Does(function), (torch.empty(1, 2, 4, 4, device="meta"),))
    assert isinstance(seen.error, RuntimeError)


def test_an_operator_is_entered_once() -> None:
    """Entering a name again is an error."""
    with pytest.raises(ValueError, match="twice"):
        register("conv2d")


def test_every_entry_names_an_operator_of_torch() -> None:
    """No misspelt name: an entry nobody can find is silently not counted."""
    import torchvision.ops  # noqa: F401, PLC0415 - registers torchvision's operators

    def exists(name: str) -> bool:
        library, _, rest = name.partition("::")
        packet, _, overload = rest.partition(".")
        found = getattr(getattr(torch.ops, library), packet, None)
        inplace = getattr(getattr(torch.ops, library), f"{packet}_", None)
        return (found or inplace) is not None and (not overload or hasattr(found, overload))

    assert [name for name in entries() if not exists(name)] == []
