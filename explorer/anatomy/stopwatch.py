"""A stopwatch at every block of a network.

Blocks do not overlap: the network's children, with containers opened (a stage of residual blocks
is shown block by block, a residual block whole), and the largest opened further while there are
only a few.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import nn

from explorer.anatomy.merit_records import BlockTime, BlockTimes
from explorer.device import synchronise

if TYPE_CHECKING:
    from types import TracebackType

    from torch.utils.hooks import RemovableHandle

Mark: TypeAlias = Any
"""A moment: seconds on the CPU, an event in the stream on CUDA."""

FEWEST = 8
"""Below this many blocks the largest one is opened, if it can be."""


def blocks(network: nn.Module) -> dict[str, nn.Module]:
    """Choose the blocks of a network, by path in the order they are registered."""
    chosen = _open_all(dict(network.named_children()))
    while len(chosen) < FEWEST:
        openable = {path: module for path, module in chosen.items() if _has_blocks(module)}
        if not openable:
            break
        largest = max(openable, key=lambda path: _params(openable[path]))
        chosen = _replace(chosen, largest, dict(chosen[largest].named_children()))
        chosen = _open_all(chosen)
    return chosen


def _open_all(chosen: dict[str, nn.Module]) -> dict[str, nn.Module]:
    """Open containers until none is left."""
    while container := next((path for path in chosen if _is_container(chosen[path])), None):
        chosen = _replace(chosen, container, dict(chosen[container].named_children()))
    return chosen


def _replace(
    chosen: dict[str, nn.Module], path: str, children: dict[str, nn.Module]
) -> dict[str, nn.Module]:
    replaced: dict[str, nn.Module] = {}
    for each, module in chosen.items():
        if each == path:
            replaced |= {f"{path}.{name}": child for name, child in children.items()}
        else:
            replaced[each] = module
    return replaced


def _is_container(module: nn.Module) -> bool:
    """Say whether a module only holds others: they show more than it does."""
    if type(module) in (nn.Sequential, nn.ModuleList, nn.ModuleDict):
        return True
    # A stage class derived from Sequential holds blocks; a conv-norm-activation triple is one.
    return type(module).forward is nn.Sequential.forward and _has_blocks(module)


def _has_blocks(module: nn.Module) -> bool:
    return any(next(child.children(), None) is not None for child in module.children())


def _params(module: nn.Module) -> int:
    return sum(each.numel() for each in module.parameters())


class Stopwatch:
    """Times the blocks of a network while it is entered; hooks are gone afterwards.

    `with Stopwatch(network, device) as watch: watch.time(lambda: network(*inputs))`. Each call
    of `time` is one pass. On CUDA the marks are events in the stream, so that timing does not
    stop the device; elsewhere a mark waits for the device and reads the clock.
    """

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        self._blocks = blocks(network)
        self._device = device
        self._handles: list[RemovableHandle] = []
        self._open: dict[str, Mark] = {}
        self._spans: list[tuple[str, Mark, Mark]] = []
        self._passes: list[tuple[float, dict[str, tuple[float, int]]]] = []

    def __enter__(self) -> Stopwatch:
        for path, module in self._blocks.items():
            self._handles.append(module.register_forward_pre_hook(self._starter(path)))
            self._handles.append(module.register_forward_hook(self._stopper(path)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._handles:
            self._handles.pop().remove()

    def _starter(self, path: str) -> Callable[..., None]:
        def start(*_: Any) -> None:
            self._open[path] = self._mark()

        return start

    def _stopper(self, path: str) -> Callable[..., None]:
        def stop(*_: Any) -> None:
            self._spans.append((path, self._open.pop(path), self._mark()))

        return stop

    def _mark(self) -> Mark:
        if self._device.type == "cuda":
            event = torch.cuda.Event(enable_timing=True)
            event.record()
            return event
        synchronise(self._device)
        return time.perf_counter()

    def _milliseconds(self, start: Mark, end: Mark) -> float:
        if self._device.type == "cuda":
            return float(start.elapsed_time(end))
        return float(end - start) * 1e3

    def time(self, forward: Callable[[], Any]) -> float:
        """Run one pass, keep its times, and return how long the whole took in milliseconds."""
        self._spans.clear()
        begin = self._mark()
        forward()
        end = self._mark()
        synchronise(self._device)
        found: dict[str, tuple[float, int]] = {}
        for path, start, stop in self._spans:
            spent, calls = found.get(path, (0.0, 0))
            found[path] = spent + self._milliseconds(start, stop), calls + 1
        whole = self._milliseconds(begin, end)
        self._passes.append((whole, found))
        return whole

    def read(self) -> BlockTimes:
        """Return the times of the pass in the middle, so that blocks and remainder add up."""
        ordered = sorted(self._passes, key=lambda each: each[0])
        whole, found = ordered[len(ordered) // 2]
        timed = tuple(
            BlockTime(path, type(module).__name__, *found[path], params=_params(module))
            for path, module in self._blocks.items()
            if path in found
        )
        inside = sum(each.milliseconds for each in timed)
        return BlockTimes(timed, len(ordered), whole, inside, whole - inside)
