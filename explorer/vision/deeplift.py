"""DeepLIFT's rules: one that captum gets wrong, and a list of what has none.

Captum hands a max pooling's contributions back with `max_unpool2d`, which keeps one of several
where windows overlap, as they do in ResNet, GoogLeNet or AlexNet; here they are added, so that
the values of such networks add up exactly.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from captum.attr import DeepLift
from torch import Tensor, nn

if TYPE_CHECKING:
    from explorer.vision.taps import Taps

WITHOUT_RULE = {
    "aten.gelu": "GELU", "aten.silu": "SiLU", "aten.hardswish": "Hardswish",
    "aten.hardsigmoid": "Hardsigmoid", "aten.hardtanh": "ReLU6", "aten.relu6": "ReLU6",
    "aten.layer_norm": "layer normalisation",
}  # fmt: skip
"""Non-linear operators that captum treats as linear, by their gradient at the picture."""


class Rescale(DeepLift):  # type: ignore[misc]
    """DeepLIFT by the rescale rule, whose max poolings may overlap."""

    def _backward_hook(self, module: nn.Module, grad_input: Any, grad_output: Any) -> Any:
        if not isinstance(module, nn.MaxPool2d):
            return super()._backward_hook(module, grad_input, grad_output)
        before, passed = _only(grad_input), _only(grad_output)
        multipliers = _max_pool(module, module.input, module.output, before, passed, self.eps)
        del module.input, module.output
        return (multipliers,) if isinstance(grad_input, tuple) else multipliers


def _only(gradient: Any) -> Tensor:
    tensor: Tensor = gradient[0] if isinstance(gradient, tuple) else gradient
    return tensor


def _max_pool(
    module: nn.MaxPool2d,
    inputs: Any,
    outputs: Any,
    before: Tensor,
    passed: Tensor,
    eps: float,
) -> Tensor:
    """Carry contributions back to the places the maxima came from, all windows added.

    Inputs and outputs hold the picture's first and the baseline's second, (2, C, H, W). What a
    maximum rises by is due to the picture's largest place, what it falls by to the baseline's.
    """
    (here, there), (out, out_there) = inputs.chunk(2), outputs.chunk(2)
    top = torch.maximum(out, out_there)
    change = torch.cat([top - out_there, out - top])
    indices = F.max_pool2d(
        inputs, module.kernel_size, module.stride, module.padding, module.dilation,
        module.ceil_mode, return_indices=True,
    )[1]  # fmt: skip
    due = torch.zeros_like(inputs).flatten(2)
    due.scatter_add_(2, indices.flatten(2), (passed * change).flatten(2))
    both = due.view_as(inputs).chunk(2)
    difference = here - there
    multipliers = (both[0] + both[1]) / difference
    kept = torch.cat(2 * [difference.abs() < eps])
    return torch.where(kept, before, torch.cat(2 * [multipliers]))


def without_rules(taps: Taps) -> str:
    """Say which of a network's operations have no rule; "" where all have one."""
    found: Counter[str] = Counter()
    for layer in taps.layers:
        op = layer.op.removesuffix("_")
        if op in WITHOUT_RULE:
            found[WITHOUT_RULE[op]] += 1
        elif op == "aten.mul" and len(layer.sources) > 1:
            found["multiplication of maps"] += 1
        elif "attention" in layer.kind.lower():
            found["attention"] += 1
    if not found:
        return ""
    named = ", ".join(f"{count} × {kind}" for kind, count in found.most_common())
    return (
        f"DeepLIFT has no rule for some of this network's operations ({named}) and takes their "
        "gradient instead, so that its values need not add up."
    )
