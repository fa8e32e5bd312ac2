"""A pass on the meta device: what runs in a network, in which order and on which shapes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

FUNCTIONS: dict[Callable[..., Any], str] = {
    **dict.fromkeys((F.relu, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_), "relu"),
    **dict.fromkeys((F.tanh, torch.tanh, Tensor.tanh, Tensor.tanh_), "tanh"),
    F.relu6: "relu6",
    F.leaky_relu: "leaky relu",
    F.elu: "elu",
    F.gelu: "gelu",
    F.silu: "silu",
    F.hardswish: "hardswish",
}
"""Activations that a network's code may call; a sigmoid in there is a gate."""


@dataclass(slots=True)
class Trial:
    """What a pass told.

    `reads` has the shape of what each module read, in the order of their first run; `output` is
    the shape of the result, `functions` the activations that were called as functions or within
    modules.
    """

    reads: dict[str, tuple[int, ...]] = field(default_factory=dict)
    output: tuple[int, ...] = ()
    functions: set[str] = field(default_factory=set)


class _Listening(TorchFunctionMode):
    """Notes which activations are called."""

    def __init__(self, heard: set[str]) -> None:
        super().__init__()
        self._heard = heard

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func in FUNCTIONS:
            self._heard.add(FUNCTIONS[func])
        return func(*args, **(kwargs or {}))


def attempt(
    network: nn.Module, shape: tuple[int, ...], batch: int = 2, *, training: bool = True
) -> Trial:
    """Run a network on `batch` inputs of this shape, without any numbers.

    It is left in training mode, or in evaluation mode where it is to be tried in that. Its own
    tensors, wherever they are, take no part. What the network raises is raised.
    """
    told = Trial()
    numbers = (*network.named_parameters(), *network.named_buffers())
    state = {name: each.detach().to("meta") for name, each in numbers}
    with ExitStack() as hooks, torch.no_grad(), _Listening(told.functions):
        for name, module in network.named_modules():
            hook = module.register_forward_pre_hook(_noting(told, name))
            hooks.callback(hook.remove)
        given = torch.empty((batch, *shape), device="meta")
        output = torch.func.functional_call(network.train(training), state, (given,))
    told.output = tuple(output.shape) if isinstance(output, Tensor) else ()
    return told


def _noting(told: Trial, name: str) -> Callable[[nn.Module, Any], None]:
    def note(module: nn.Module, given: Any) -> None:
        if given and isinstance(given[0], Tensor):
            told.reads.setdefault(name, tuple(given[0].shape))

    return note
