"""Run one recorded forward pass: on the meta device where possible, for real where not."""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.anatomy.execution import like_on_meta, mapped, tensors_in
from explorer.anatomy.records import Failure
from explorer.anatomy.trace import Tracer, recording
from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_TRIES = 14
"""How often a failing forward pass is repeated at other sizes to find one that suffices."""


class Forward:
    """A forward pass as the tracer saw it, complete or up to where it raised (`error`)."""

    def __init__(
        self,
        network: nn.Module,
        args: tuple[Any, ...],
        *,
        real: bool = False,
        rules: bool = True,
        assume: bool = False,
    ) -> None:
        """Runs the network on `args`; the other arguments are the tracer's."""
        self.tracer = Tracer(network, real=real, rules=rules, assume=assume)
        self.inputs: list[Tensor] = []
        self.error: Exception | None = None
        # A real pass may write to buffers (batch norm's statistics): it is given copies.
        buffers = {k: v.clone() for k, v in self.tracer.inventory.buffers.items()} if real else {}
        args = mapped(args, self._watched)
        with recording(self.tracer):
            try:
                if buffers:
                    torch.func.functional_call(network, buffers, args)
                else:
                    network(*args)
            except ExplorerError:
                raise
            except Exception as error:
                self.error = error

    def _watched(self, tensor: Tensor) -> Tensor:
        # An alias, because the caller's own tensor must not carry our mark.
        self.inputs.append(self.tracer.watch_input(tensor.detach()))
        return self.inputs[-1]

    @property
    def failure(self) -> Failure | None:
        """Where the pass raised, and what."""
        if self.error is None:
            return None
        words = " ".join(str(self.error).split()) or type(self.error).__name__
        message = words if len(words) <= 300 else f"{words[:297]}..."
        return Failure(self.tracer.failed_at, message)


def on_meta(module: nn.Module, args: tuple[Any, ...]) -> Forward:
    """Run a module without numbers, leaving it as it was."""
    with left_untouched(module):
        return Forward(module, mapped(args, like_on_meta))


def for_real(module: nn.Module, args: tuple[Any, ...]) -> Forward:
    """Run a module on its data and device, leaving it as it was."""
    with left_untouched(module):
        return Forward(module, args, real=True)


def could_run_for_real(module: nn.Module, args: tuple[Any, ...]) -> bool:
    """Whether parameters, buffers and inputs all hold numbers."""
    held = [*module.parameters(), *module.buffers(), *tensors_in(args)]
    return not any(each.is_meta for each in held)


@contextmanager
def left_untouched(module: nn.Module) -> Iterator[None]:
    """Put back what a forward pass may change: attributes, tensors' places, random generators.

    What it adds to a list or dictionary of the module stays there.
    """
    kept = [
        (each, dict(each.__dict__), dict(each._buffers), dict(each._parameters))
        for each in module.modules()
    ]
    state, numpy_state = random.getstate(), np.random.get_state()
    devices = {each.device.index for each in module.parameters() if each.is_cuda}
    with torch.random.fork_rng(devices=sorted(devices)):
        try:
            yield
        finally:
            random.setstate(state)
            np.random.set_state(numpy_state)
            for each, attributes, buffers, parameters in kept:
                each.__dict__.clear()
                each.__dict__.update(attributes)
                each._buffers.clear()
                each._buffers.update(buffers)
                each._parameters.clear()
                each._parameters.update(parameters)


def sufficient(
    size: tuple[int, int], works: Callable[[tuple[int, int]], bool], largest: int = 1024
) -> tuple[int, int] | None:
    """Find by bisection the smallest size that works, raising the sides that are too short.

    Returns None if `largest` does not work either, or no side can be raised.
    """
    tries = MOST_TRIES

    def raised(side: int) -> tuple[int, int]:
        return max(size[0], side), max(size[1], side)

    refused = min(size)
    accepted = 0
    side = max(32, 2 * refused)
    while side <= largest and not accepted and tries:
        tries -= 1
        if works(raised(side)):
            accepted = side
        else:
            refused = side
        side *= 2
    if not accepted:
        return None
    while accepted - refused > 1 and tries:
        tries -= 1
        side = (accepted + refused) // 2
        if works(raised(side)):
            accepted = side
        else:
            refused = side
    return raised(accepted)
