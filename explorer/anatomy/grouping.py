"""The layers of an anatomy as a tree of modules.

No torch here. A module that is called again after others used its result would close a circle
when drawn as one node; such a module stands in the tree once per visit (`update_block#2`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.anatomy.groups import LISTS, Group, is_module_call
from explorer.anatomy.roles import with_roles, with_runs

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Layer


def module_tree(anatomy: Anatomy) -> Group:
    """Arrange all layers of an anatomy as a tree whose root is the network itself."""
    kinds = {module.path: module.kind for module in anatomy.modules}
    names = {layer.name for layer in anatomy.layers}
    everything = [layer.index for layer in anatomy.layers]
    root = _Planter(anatomy.layers, kinds, names).group("", "", everything)
    return with_runs(with_roles(root, anatomy.layers), anatomy.layers)


class _Planter:
    """Builds the tree of plain modules; `names` are those that ids of groups must avoid."""

    def __init__(self, layers: Sequence[Layer], kinds: dict[str, str], names: set[str]) -> None:
        self.layers = layers
        self.kinds = kinds
        self.names = names
        self.sizes = Counter(path for layer in layers for path in _containers(layer))

    def group(self, path: str, id_: str, indices: Sequence[int]) -> Group:
        depth = path.count(".") + 1 if path else 0
        parts: dict[str | int, list[int]] = {}
        for index in indices:
            containers = _containers(self.layers[index])
            parts.setdefault(containers[depth] if depth < len(containers) else index, []).append(
                index
            )
        pieces = _without_circles(parts, self.layers)
        children = [self._child(key, members) for key, members in pieces]
        children.sort(key=lambda each: each if isinstance(each, int) else each.layers[0])
        label = id_ or self.kinds.get("", "network")
        return Group(id_, path, self.kinds.get(path, ""), label, tuple(children), tuple(indices))

    def _child(self, key: str | int, members: Sequence[int]) -> Group | int:
        if isinstance(key, int):
            return key
        if len(members) == 1:
            return members[0]
        if self.kinds.get(key) in LISTS and len(members) < self.sizes[key]:
            key = _innermost([_containers(self.layers[index]) for index in members])
        id_, visit = key, 1
        while id_ in self.names:
            visit += 1
            id_ = f"{key}#{visit}"
        self.names.add(id_)
        return self.group(key, id_, members)


def _containers(layer: Layer) -> list[str]:
    """Paths of the modules around a layer, outermost first, the network itself left out."""
    parts = layer.path.split(".") if layer.path else []
    if is_module_call(layer):
        parts = parts[:-1]
    return [".".join(parts[: end + 1]) for end in range(len(parts))]


def _innermost(lines: Sequence[Sequence[str]]) -> str:
    """The innermost module around all layers: of a list visited piece by piece, its piece."""
    shared: list[str] = [line[0] for line in zip(*lines, strict=False) if len(set(line)) == 1]
    return shared[-1]


def _without_circles(
    parts: dict[str | int, list[int]], layers: Sequence[Layer]
) -> list[tuple[str | int, list[int]]]:
    """Cut the parts that would read each other in a circle into runs of consecutive layers.

    Runs cannot form a circle: each lies before or after the others in execution order.
    """
    owner = {index: key for key, members in parts.items() for index in members}
    reads: dict[str | int, set[str | int]] = {key: set() for key in parts}
    for index, key in owner.items():
        for source in layers[index].sources:
            if source in owner and owner[source] != key:
                reads[key].add(owner[source])
    circular = _in_circles(reads)
    whole: list[tuple[str | int, list[int]]] = [
        (key, members) for key, members in parts.items() if key not in circular
    ]
    return whole + [
        (key, run) for key in parts if key in circular for run in _consecutive(parts[key], owner)
    ]


def _in_circles(reads: dict[str | int, set[str | int]]) -> set[str | int]:
    """Nodes that remain when those without open reads, then those nobody reads, are peeled off."""
    left = {key: set(sources) for key, sources in reads.items()}
    for _ in range(2):
        ready = [key for key, sources in left.items() if not sources]
        readers: dict[str | int, list[str | int]] = {}
        for key, sources in left.items():
            for source in sources:
                readers.setdefault(source, []).append(key)
        while ready:
            done = ready.pop()
            del left[done]
            for reader in readers.get(done, ()):
                left[reader].discard(done)
                if not left[reader]:
                    ready.append(reader)
        left = {key: {other for other in left if key in left[other]} for key in left}
    return set(left)


def _consecutive(members: Sequence[int], owner: dict[int, str | int]) -> list[list[int]]:
    rank = {index: place for place, index in enumerate(sorted(owner))}
    runs: list[list[int]] = []
    for index in members:
        if runs and rank[index] == rank[runs[-1][-1]] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs
