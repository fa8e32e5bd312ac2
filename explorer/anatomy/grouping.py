"""The layers of an anatomy as a tree of modules, with the roles that decide where it folds.

No torch here. A module that is called again after others used its result would close a circle
when drawn as one node; such a module stands in the tree once per visit (`update_block#2`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Layer

Role: TypeAlias = Literal["wrapper", "container", "block", "run"]

_WRAPPER_SHARE = 0.55
_MOST_SIBLINGS = 2


@dataclass(frozen=True, slots=True)
class Group:
    """A module with more than one layer in it, or a run of such layers.

    `children` are groups and indices of layers in execution order; `layers` all indices below.
    Roles: a `wrapper` only holds the whole network together (the network itself, `features`,
    `backbone`); a `container` holds blocks one after another (`layer1`, `denseblock2`); a `block`
    holds layers; a `run` is no module, but neighbouring layers of a wrapper in a chain
    (`conv1 … maxpool`), cut after each pooling.
    """

    id: str
    path: str
    kind: str
    label: str
    children: tuple[Group | int, ...]
    layers: tuple[int, ...]
    role: Role = "block"

    @property
    def groups(self) -> tuple[Group, ...]:
        """The children that are groups."""
        return tuple(each for each in self.children if isinstance(each, Group))

    @property
    def repeats(self) -> str:
        """Such as "3 × Bottleneck" where the groups inside are all of one kind."""
        kinds = Counter(each.kind for each in self.groups if each.role != "run")
        if len(kinds) != 1 or sum(kinds.values()) < 2:
            return ""
        kind, times = next(iter(kinds.items()))
        return f"{times} × {kind}"


def is_module_call(layer: Layer) -> bool:
    """Say whether a row is the call of a module, not an operator in some module's forward."""
    return layer.name == layer.path or layer.name.startswith(f"{layer.path}#")


def module_tree(anatomy: Anatomy) -> Group:
    """Arrange all layers of an anatomy as a tree whose root is the network itself."""
    kinds = {module.path: module.kind for module in anatomy.modules}
    names = {layer.name for layer in anatomy.layers}
    everything = [layer.index for layer in anatomy.layers]
    root = _Planter(anatomy.layers, kinds, names).group("", "", everything)
    return _with_runs(_with_roles(root, anatomy.layers), anatomy.layers)


class _Planter:
    """Builds the tree of plain modules; `names` are those that ids of groups must avoid."""

    def __init__(self, layers: Sequence[Layer], kinds: dict[str, str], names: set[str]) -> None:
        self.layers = layers
        self.kinds = kinds
        self.names = names

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


def _with_roles(root: Group, layers: Sequence[Layer]) -> Group:
    root = replace(root, role="wrapper")
    only = root.children[0] if len(root.children) == 1 else None
    if isinstance(only, Group):
        return replace(root, children=(_with_roles(only, layers),))
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
    return frozenset(found - {"Sequential", "ModuleList", "ModuleDict"})


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


def _with_runs(group: Group, layers: Sequence[Layer]) -> Group:
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
            children += [_with_runs(each, layers) for each in some if isinstance(each, Group)]
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
        if joined and free and was_free and not straddled:
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
