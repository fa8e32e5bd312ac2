"""Notes how large what modules give is, and the gradient that comes back to it. Loads torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn


class Watched:
    """The sizes along a pass, one entry a module; not a number where a module did not run.

    `activations` are root mean squares of outputs, `gradients` Euclidean norms, both taken in
    float64; `order` lists modules as they ran.
    """

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        self._modules = modules
        self.order: list[int] = []
        self.activations = np.full(len(modules), np.nan)
        self.gradients = np.full(len(modules), np.nan)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Keep hooks on the modules, until it is left by whatever way."""
        hooks = [
            module.register_forward_hook(self._hook(place))
            for place, module in enumerate(self._modules)
        ]
        try:
            yield
        finally:
            for each in hooks:
                each.remove()

    def _hook(self, place: int) -> Callable[[nn.Module, object, object], None]:
        def note(_: nn.Module, __: object, given: object) -> None:
            output = given[0] if isinstance(given, tuple) else given
            if not isinstance(output, Tensor):
                return
            self.order.append(place)
            with torch.no_grad():
                # Squares of what fp32 just holds would not fit into it.
                self.activations[place] = float(output.double().square().mean().sqrt())
            if output.requires_grad:
                # On the tensor: an activation in place behind it changes neither.
                output.register_hook(lambda gradient: self._back(place, gradient))

        return note

    def _back(self, place: int, gradient: Tensor) -> None:
        self.gradients[place] = norm(gradient)


def norm(tensor: Tensor) -> float:
    """The Euclidean norm, taken in float64."""
    return float(torch.linalg.vector_norm(tensor.detach().double()))


def gradient_norm(weight: Tensor) -> float:
    """The norm of a weight's gradient; 0 where none reached it."""
    return 0.0 if weight.grad is None else norm(weight.grad)
