"""A network in blocks that are frozen or learn as a whole, found by its own structure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from torch import nn

from explorer.finetune.records import Block
from explorer.training.initialisation import weight_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_LISTS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
_MOST = 0.5
"""A module with a larger share of the weights below the head is taken apart: it holds others."""


def below(network: nn.Module, head: str, order: Iterable[str]) -> tuple[Block, ...]:
    """Everything but the head, in the order of running; `order` names modules as they first ran.

    Lists of modules are taken apart down to residual blocks, Fire modules, transformer layers and
    single convolutions, and so is what holds most of the network. What has no layer with weights,
    as a normalisation, goes with the block before it; single weights go with the first one.
    """
    turn = {name: number for number, name in enumerate(order)}
    whole = sum(each.numel() for each in network.parameters())
    whole -= sum(each.numel() for each in network.get_submodule(head).parameters())
    found = [name for name in _apart(network, "", head, whole) if _count(network, name)]
    found.sort(key=lambda name: _turn(name, turn))
    groups: list[list[str]] = []
    waiting: list[str] = []
    for name in found:
        if _has_layer(network.get_submodule(name)):
            groups.append([*waiting, name])
            waiting = []
        elif groups:
            groups[-1].append(name)
        else:
            waiting.append(name)
    return tuple(_block(network, names) for names in groups)


def loose(network: nn.Module, head: str, blocks: Iterable[Block]) -> list[nn.Parameter]:
    """Weights that are neither in the head nor in a block: a class token, positions."""
    inside = [head, *(name for each in blocks for name in each.modules)]
    held = {id(p) for name in inside for p in network.get_submodule(name).parameters()}
    return [each for each in network.parameters() if id(each) not in held]


def _apart(module: nn.Module, name: str, head: str, whole: int) -> Iterator[str]:
    """The names of the modules that are not taken apart any more."""
    for part, child in module.named_children():
        full = f"{name}.{part}" if name else part
        if full == head:
            continue
        if head.startswith(f"{full}.") or _opens(child, whole):
            yield from _apart(child, full, head, whole)
        else:
            yield full


def _opens(module: nn.Module, whole: int) -> bool:
    if not any(True for _ in module.children()):
        return False
    if isinstance(module, _LISTS) and _layers(module) > 1:
        return True
    return sum(each.numel() for each in module.parameters()) > _MOST * whole


def _layers(module: nn.Module) -> int:
    return sum(weight_of(each) is not None for each in module.modules())


def _has_layer(module: nn.Module) -> bool:
    return _layers(module) > 0


def _count(network: nn.Module, name: str) -> int:
    return sum(each.numel() for each in network.get_submodule(name).parameters())


def _turn(name: str, turn: dict[str, int]) -> int:
    """When it ran first; what reads no tensor itself ran when its first part did."""
    own = turn.get(name)
    if own is not None:
        return own
    within = [number for each, number in turn.items() if each.startswith(f"{name}.")]
    return min(within, default=-1)


def _block(network: nn.Module, names: list[str]) -> Block:
    first = next(name for name in names if _has_layer(network.get_submodule(name)))
    return Block(first, tuple(names), sum(_count(network, name) for name in names))
