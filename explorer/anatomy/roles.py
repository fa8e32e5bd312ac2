"""Which modules of a network hold it together, which hold blocks, and which are blocks.

No torch here. Modules do not say what they are, so it is read off what they hold and how that is
connected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from explorer.anatomy.groups import LISTS, Group, Role, is_module_call

if TYPE_CHECKING:
    from explorer.anatomy.records import Layer

_WRAPPER_SHARE = 0.55
_MOST_SIBLINGS = 2


def with_roles(root: Group, layers: Sequence[Layer]) -> Group:
    """Return the tree with the role of each group."""
    root = replace(root, role="wrapper")
    only = root.children[0] if len(root.children) == 1 else None
    if isinstance(only, Group):
        return replace(root, children=(with_roles(only, layers),))
    wrapper, blocks = _wrapper(root, layers), _block_kinds(root, layers)
    children = (_marked(each, layers, blocks, each is wrapper) for each in root.children)
    return replace(root, children=tuple(children))


def _wrapper(root: Group, layers: Sequence[Layer]) -> Group | None:
    """The one child that holds most of the network and has few siblings of substance."""
    ran = [group for group in root.groups if layers[group.layers[0]].ran]
    largest = max(ran, key=lambda each: len(each.layers), default=None)
    if largest is None or len(ran) - 1 > _MOST_SIBLINGS:
        return None
    everything = sum(layers[index].ran for index in root.layers)
    return largest if len(largest.layers) >= _WRAPPER_SHARE * everything else None


def _marked(
    child: Group | int, layers: Sequence[Layer], blocks: frozenset[str], wraps: bool = False
) -> Group | int:
    if isinstance(child, int):
        return child
    holds = child.kind not in blocks and _holds_blocks(child, layers)
    role: Role = "wrapper" if wraps else "container" if holds else "block"
    children = tuple(_marked(each, layers, blocks) for each in child.children)
    return replace(child, role=role, children=children)


def _block_kinds(root: Group, layers: Sequence[Layer]) -> frozenset[str]:
    """Classes that are blocks wherever they stand, because one of their modules is one.

    A residual block without its addition, where the stride forbids it, is recognised by this.
    """
    found: set[str] = set()
    waiting = list(root.groups)
    while waiting:
        group = waiting.pop()
        waiting += group.groups
        if group.groups and not _holds_blocks(group, layers):
            found.add(group.kind)
    return frozenset(found - LISTS)


def _holds_blocks(group: Group, layers: Sequence[Layer]) -> bool:
    """Say whether a module is a series of blocks, not itself a block.

    The groups in it that have two layers with weights or more follow one another directly, and
    nothing is added or multiplied outside them.
    """
    if len(group.children) == 1 and group.groups:
        return True
    inner = [each for each in group.groups if _weighted(each, layers) >= 2]
    if len(inner) < 2:
        return False
    own = [layers[each] for each in group.children if isinstance(each, int)]
    if any(_operator(each) in ("add", "mul") and not is_module_call(each) for each in own):
        return False
    return all(_follows(one, other, layers) for one, other in pairwise(inner))


def _weighted(group: Group, layers: Sequence[Layer]) -> int:
    return sum(
        any(len(parameter.shape) >= 2 for parameter in layers[index].parameters)
        for index in group.layers
    )


def _operator(layer: Layer) -> str:
    """The bare name of a layer's operator: "add" for `aten.add_.Tensor`."""
    parts = layer.op.split(".")
    return (parts[1] if parts[0] == "aten" and len(parts) > 1 else parts[0]).rstrip("_")


def _follows(one: Group, other: Group, layers: Sequence[Layer]) -> bool:
    if one.layers[-1] > other.layers[0]:
        return False
    before = set(one.layers)
    return any(source in before for index in other.layers for source in layers[index].sources)


def with_runs(group: Group, layers: Sequence[Layer]) -> Group:
    """Put neighbouring layers of wrappers and containers into runs of their own."""
    if group.role == "block":
        return group
    readers = Counter(source for layer in layers for source in set(layer.sources))
    spans = [(each.layers[0], each.layers[-1]) for each in group.groups]
    children: list[Group | int] = []
    for is_layer, some in groupby(group.children, lambda each: isinstance(each, int)):
        if is_layer:
            chains = _chains([each for each in some if isinstance(each, int)], layers, readers)
            runs = _joined_arithmetic(chains, layers, spans)
            children += [_run(each, group, layers) for each in runs]
        else:
            children += [with_runs(each, layers) for each in some if isinstance(each, Group)]
    return replace(group, children=tuple(children))


def _joined_arithmetic(
    chains: Sequence[list[int]], layers: Sequence[Layer], spans: Sequence[tuple[int, int]]
) -> list[list[int]]:
    """Join neighbouring chains that call no module: a forward's own arithmetic.

    Not where a group works both before and after them: it could then both feed and read them.
    """
    joined: list[list[int]] = []
    free = False
    for chain in chains:
        was_free = free
        free = not any(is_module_call(layers[index]) for index in chain)
        straddled = any(first < chain[0] < last for first, last in spans)
        adjoins = bool(joined) and joined[-1][-1] + 1 == chain[0]
        if adjoins and free and was_free and not straddled:
            joined[-1] += chain
        else:
            joined.append(list(chain))
    return joined


def _chains(
    indices: Iterable[int], layers: Sequence[Layer], readers: Counter[int]
) -> list[list[int]]:
    chains: list[list[int]] = []
    for index in indices:
        last = chains[-1][-1] if chains else None
        linked = last is not None and layers[index].sources == (last,) and readers[last] == 1
        if linked and last is not None and not _ends_a_stage(layers[last]):
            chains[-1].append(index)
        else:
            chains.append([index])
    return chains


def _ends_a_stage(layer: Layer) -> bool:
    """Pooling that moves on by more than one pixel ends what VGG's authors call a stage."""
    if layer.window is None or "pool" not in layer.op or "adaptive" in layer.op:
        return False
    return max(layer.window.stride) > 1


def _run(chain: Sequence[int], parent: Group, layers: Sequence[Layer]) -> Group | int:
    if len(chain) == 1:
        return chain[0]
    first, last = layers[chain[0]].name, layers[chain[-1]].name
    inside = last[len(parent.path) + 1 :] if parent.path and last.startswith(parent.path) else last
    label = f"{first} … {inside}"
    return Group(label, parent.path, "", label, tuple(chain), tuple(chain), "run")
