"""Build a network's structure without allocating or initialising its weights."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_META = torch.device("meta")

# What layers allocate their parameters and statistics with. `tensor`, `arange` and `linspace`
# stay real: constructors compute with them (the drop rates of RegNet and Swin use `.item()`).
_ALLOCATORS: frozenset[Callable[..., Any]] = frozenset(
    {torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn}
)

_INITIALISERS: frozenset[Callable[..., Any]] = frozenset(
    {getattr(nn.init, name) for name in dir(nn.init) if name.endswith("_") and name[0] != "_"}
    | {
        getattr(Tensor, name)
        for name in (
            "normal_", "uniform_", "zero_", "fill_", "copy_", "mul_", "add_", "clamp_", "div_",
            "sub_", "erfinv_", "trunc_normal_", "bernoulli_", "exponential_", "log_normal_",
        )
        if hasattr(Tensor, name)
    }
)  # fmt: skip


# These fill their tensors by functions that would each be looked at in vain.
_LAYERS: tuple[Any, ...] = (
    nn.Linear, nn.LayerNorm, nn.modules.conv._ConvNd, nn.modules.batchnorm._NormBase,
)  # fmt: skip

_LARGE = 1024
"""Numbers in a tensor that a constructor computes for later and does not read itself."""

_patching = threading.RLock()


class _WithoutInitialising(TorchFunctionMode):
    """Sends allocations to the meta device and skips what would fill them."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func in _INITIALISERS:
            target = args[0] if args else kwargs["tensor"]
            if target.is_meta:
                return target
        elif func in _ALLOCATORS and kwargs.get("device") is None:
            kwargs["device"] = _META
            return func(*args, **kwargs)
        made = func(*args, **kwargs)
        if type(made) is Tensor and made.numel() > _LARGE:
            return made.to(_META)
        return made


@contextmanager
def without_initialising() -> Iterator[None]:
    """Give a context in which modules are built with parameters on the meta device.

    Nothing is initialised and no memory is taken, whatever the size of the network. Tensors
    that constructors compute from data (`torch.tensor`, `arange`, `linspace`) stay real, so a
    small buffer such as Swin's table of relative positions may remain on the CPU; what is larger
    than a constructor would look at is let go. Only the thread that entered it is affected.
    """
    here = threading.get_ident()
    with _patching, _WithoutInitialising():
        kept = {layer: layer.reset_parameters for layer in _LAYERS}
        try:
            for layer, reset in kept.items():
                layer.reset_parameters = _unless_in(here, reset)
            yield
        finally:
            for layer, reset in kept.items():
                layer.reset_parameters = reset


def _unless_in(thread: int, reset: Callable[..., None]) -> Callable[..., None]:
    """Skip a layer's initialisation in one thread: there is nothing to fill."""

    def reset_elsewhere(self: nn.Module) -> None:
        if threading.get_ident() != thread:
            reset(self)

    return reset_elsewhere


def moved_to_meta(module: nn.Module) -> nn.Module:
    """Move what stayed real in a module built here to the meta device, and return the module.

    As `module.to("meta")`, which makes every tensor anew, in a tenth of the time.
    """
    for each in module.modules():
        for name, parameter in each._parameters.items():
            if parameter is not None and not parameter.is_meta:
                moved = nn.Parameter(parameter.to(_META), parameter.requires_grad)
                each._parameters[name] = moved
        for name, buffer in each._buffers.items():
            if buffer is not None and not buffer.is_meta:
                each._buffers[name] = buffer.to(_META)
    return module


def in_evaluation(module: nn.Module) -> nn.Module:
    """Put a module in evaluation mode, as `module.eval()` does, and return it.

    That visits every module through two Python calls and an attribute hook; here only those are
    called that have a `train` of their own.
    """
    for each in module.modules():
        if type(each).train is nn.Module.train:
            each.__dict__["training"] = False
        else:
            each.eval()
    return module
