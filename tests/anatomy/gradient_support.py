"""What a unit really sees: where the gradient of its value by the input is not zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.anatomy.following import follow
from explorer.anatomy.trace import Tracer, recording

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.anatomy.fields import Field


def followed(module: nn.Module, *inputs: Tensor) -> tuple[dict[str, Field], int]:
    """Fields of all modules' (first) outputs by path, and the number of spatial axes."""
    tracer = Tracer(module)
    watched = [tracer.watch_input(torch.empty(each.shape, device="meta")) for each in inputs]
    with recording(tracer):
        module(*watched)
    axes = follow(tracer.calls, [tracer.ref(each) for each in watched])
    return {frame.path: frame.outputs[0].field for frame in tracer.frames if frame.outputs}, axes


class AveragePool(nn.Module):
    """The average over the windows of a maximum pooling: every pixel of a window counts."""

    def __init__(self, pool: nn.Module) -> None:
        super().__init__()
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        """Sum over the windows by a convolution per channel, cut as ceil mode asks."""
        wanted = self.pool(x).shape[2:]
        axes = len(wanted)
        kernel, stride, padding, dilation = (
            (value,) * axes if isinstance(value, int) else tuple(value)
            for value in (
                self.pool.kernel_size, self.pool.stride, self.pool.padding, self.pool.dilation
            )
        )  # fmt: skip
        edges: list[int] = []
        for n, k, s, p, d, m in zip(
            x.shape[2:], kernel, stride, padding, dilation, wanted, strict=True
        ):
            edges = [p, max(0, (m - 1) * s + d * (k - 1) + 1 - n - p), *edges]
        weight = torch.ones((x.shape[1], 1, *kernel), dtype=x.dtype)
        weight /= weight[0].numel()
        convolve: Callable[..., Tensor] = (F.conv1d, F.conv2d, F.conv3d)[axes - 1]
        x = F.pad(x, edges)
        x = convolve(x, weight, stride=stride, dilation=dilation, groups=x.shape[1])
        return x[(..., *(slice(0, each) for each in wanted))]


class Passes(nn.Module):
    """Lets everything pass: for normalisation, whose differences could cancel."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x."""
        return x


def made_positive(module: nn.Module) -> nn.Module:
    """Give all weights positive values whose sums stay about 1, in double precision.

    Averages take the place of maxima and normalisation passes everything, so that no path to a
    pixel is blocked or cancelled.
    """
    for parent in list(module.modules()):
        for name, child in parent.named_children():
            if isinstance(child, (nn.MaxPool2d, nn.MaxPool3d)):
                setattr(parent, name, AveragePool(child))
            elif isinstance(child, (nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm)):
                setattr(parent, name, Passes())
    with torch.no_grad():
        for name, each in module.named_parameters():
            fan_in = each[0].numel() if each.dim() > 1 else 1
            each.fill_(1.0 / fan_in if name.endswith("weight") or each.dim() > 1 else 0.0)
    return module.double().eval().requires_grad_(False)


def support(value: Tensor, x: Tensor, axes: int, floor: float = 0.0) -> tuple[Any, ...]:
    """First and last pixel per axis where the gradient of `value` is above `floor`, or None."""
    (gradient,) = torch.autograd.grad(value, x, retain_graph=True, allow_unused=True)
    if gradient is None:
        return (None,) * axes
    assert torch.isfinite(gradient).all()
    reached = gradient.abs() > floor
    boxes: list[tuple[int, int] | None] = []
    for axis in range(reached.dim() - axes, reached.dim()):
        others = [dim for dim in range(reached.dim()) if dim != axis]
        hit = reached.amax(dim=others).nonzero().flatten().tolist()
        boxes.append((hit[0], hit[-1]) if hit else None)
    return tuple(boxes)


class Reached(Exception):
    """The last module of interest has run: the rest of the network need not."""


def values_of(
    module: nn.Module, paths: Sequence[str], *inputs: Tensor
) -> tuple[dict[str, Tensor], list[Tensor]]:
    """Run a module for real; return the (first) outputs of the modules at `paths`, and inputs."""
    caught: dict[str, Tensor] = {}

    def keeper(path: str) -> Callable[..., None]:
        def keep(module: nn.Module, args: Any, output: Any) -> None:
            while not isinstance(output, Tensor):
                output = next(iter(output.values() if isinstance(output, dict) else output))
            caught[path] = output
            if len(caught) == len(paths):
                raise Reached

        return keep

    watched = [each.double().requires_grad_() for each in inputs]
    modules = dict(module.named_modules())
    hooks = [modules[path].register_forward_hook(keeper(path)) for path in paths]
    try:
        module(*watched)
    except Reached:
        pass
    finally:
        for hook in hooks:
            hook.remove()
    return caught, watched
