"""An anatomy folded to a depth: the nodes of its diagram, or the rows of its table.

No torch here. Whatever the depth, each layer belongs to exactly one node, so that the columns of
the nodes add up to the anatomy's totals.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from explorer.anatomy.grouping import module_tree
from explorer.anatomy.records import (
    NETWORK_INPUT,
    Anatomy,
    Layer,
    ReceptiveField,
    Shape,
)

if TYPE_CHECKING:
    from explorer.anatomy.groups import Group, Role

Depth: TypeAlias = Literal["stages", "blocks", "layers", "operations"]

DEPTHS: tuple[Depth, ...] = get_args(Depth)

INPUT_ID = "input"
"""Stands in `Node.sources` for the network's own input."""

_OPENED_AT: dict[Depth, frozenset[Role]] = {
    "stages": frozenset({"wrapper"}),
    "blocks": frozenset({"wrapper", "container"}),
    "layers": frozenset({"wrapper", "container", "block", "run"}),
    "operations": frozenset({"wrapper", "container", "block", "run"}),
}

_FEW_LAYERS = 32


@dataclass(frozen=True, slots=True)
class Node:
    """A module folded to one node, a single layer, or one operation of a layer.

    `id` is unique in its anatomy and what `fold` takes to open or close it. `layers` are the
    indices of the layers it stands for, `sources` the ids of the nodes it reads (`INPUT_ID` for
    the network's input), `parent` the id of the opened group around it ("" at the top).
    `params`, `macs` and bytes are sums over its layers; `uncounted` says how many of these have
    operators without a formula, which `macs` leaves out. `output` and `receptive_field` are those
    of its last layer. `openable` nodes hold more than is shown; `operation` is the place of the
    operation in its layer, where the node is one.
    """

    id: str
    path: str
    kind: str
    label: str
    layers: tuple[int, ...]
    sources: tuple[str, ...]
    parent: str
    output: Shape
    params: int
    trainable_params: int
    macs: int
    uncounted: int
    activation_bytes: int
    saved_bytes: int
    receptive_field: ReceptiveField
    repeats: str = ""
    openable: bool = False
    ran: bool = True
    operation: int | None = None

    @property
    def is_layer(self) -> bool:
        """Whether the node is one whole layer."""
        return len(self.layers) == 1 and self.operation is None


@dataclass(frozen=True, slots=True)
class Folded:
    """An anatomy at one depth: `nodes` in execution order, and the opened `groups` around them.

    Groups come outermost first and carry their own sums; they are not part of the total.
    """

    nodes: tuple[Node, ...]
    groups: tuple[Node, ...]

    def node(self, id_: str) -> Node:
        """Find a node or an opened group by its id; raises KeyError where there is none."""
        for each in (*self.nodes, *self.groups):
            if each.id == id_:
                return each
        raise KeyError(id_)


def fold(
    anatomy: Anatomy,
    depth: Depth = "stages",
    *,
    opened: Collection[str] = (),
    closed: Collection[str] = (),
) -> Folded:
    """Fold an anatomy to a depth, with single groups or layers opened or closed by id on top.

    Stages are the network's direct parts (those of `features` or `backbone` where one module
    holds most of the network), blocks the modules that hold layers, layers the anatomy's rows,
    operations what ran inside each row. Ids that do not exist are ignored.
    """
    folding = _Folding(anatomy, depth, frozenset(opened), frozenset(closed))
    folding.walk(module_tree(anatomy), "")
    return folding.result()


def default_depth(anatomy: Anatomy) -> Depth:
    """Choose the depth a network is first shown at: its layers while they fit on a screen."""
    return "layers" if len(anatomy.layers) <= _FEW_LAYERS else "stages"


class _Folding:
    """One walk down the module tree, collecting what is shown."""

    def __init__(
        self, anatomy: Anatomy, depth: Depth, opened: frozenset[str], closed: frozenset[str]
    ) -> None:
        self.anatomy = anatomy
        self.depth = depth
        self.opened = opened
        self.closed = closed
        self.shown: list[tuple[Node, Sequence[Layer]]] = []
        self.groups: list[Node] = []
        self.shown_as: dict[int, str] = {}

    def walk(self, group: Group, parent: str) -> None:
        """Show what is inside an open group; `parent` is the frame it stands in."""
        for child in group.children:
            if isinstance(child, int):
                self._show_layer(self.anatomy.layers[child], parent)
            elif not self._opens(child):
                self._show_group(child, parent)
            elif self._is_framed(child):
                self.groups.append(self._group_node(child, parent))
                self.walk(child, child.id)
            else:
                self.walk(child, parent)

    def result(self) -> Folded:
        nodes = [self._linked(node, layers) for node, layers in self.shown]
        return Folded(tuple(nodes), tuple(self.groups))

    def _opens(self, group: Group) -> bool:
        if group.id in self.closed:
            return False
        return group.id in self.opened or group.role in _OPENED_AT[self.depth]

    def _is_framed(self, group: Group) -> bool:
        """Wrappers and runs say nothing as a frame, unless the user opened them himself."""
        return group.id in self.opened or group.role not in ("wrapper", "run")

    def _group_node(self, group: Group, parent: str) -> Node:
        layers = [self.anatomy.layers[index] for index in group.layers]
        return _summed(
            layers,
            id_=group.id,
            path=group.path,
            kind=group.kind or f"{len(layers)} layers",
            label=group.label,
            parent=parent,
            repeats=group.repeats,
            openable=True,
        )

    def _show_group(self, group: Group, parent: str) -> None:
        layers = [self.anatomy.layers[index] for index in group.layers]
        self.shown_as.update((index, group.id) for index in group.layers)
        self.shown.append((self._group_node(group, parent), layers))

    def _show_layer(self, layer: Layer, parent: str) -> None:
        several = len(layer.operations) > 1
        whole = _layer_node(layer, parent, openable=several)
        by_depth = self.depth == "operations" and layer.name not in self.closed
        if several and (by_depth or layer.name in self.opened):
            self.groups.append(whole)
            steps = _operation_nodes(layer)
            self.shown += [(step, [layer]) for step in steps]
            self.shown_as[layer.index] = steps[-1].id
        else:
            self.shown.append((whole, [layer]))
            self.shown_as[layer.index] = layer.name

    def _linked(self, node: Node, layers: Sequence[Layer]) -> Node:
        """The node with its sources, now that it is known which node shows which layer."""
        if node.operation is not None and node.operation > 0:
            return node
        read = [source for layer in layers for source in layer.sources]
        ids = (INPUT_ID if each == NETWORK_INPUT else self.shown_as[each] for each in read)
        own = {self.shown_as[layer.index] for layer in layers}
        sources = tuple(dict.fromkeys(each for each in ids if each not in own))
        return replace(node, sources=sources)


def _layer_node(layer: Layer, parent: str, *, openable: bool) -> Node:
    return _summed(
        [layer],
        id_=layer.name,
        path=layer.path,
        kind=layer.kind,
        label=layer.name,
        parent=parent,
        openable=openable,
    )


def _summed(
    layers: Sequence[Layer],
    *,
    id_: str,
    path: str,
    kind: str,
    label: str,
    parent: str,
    repeats: str = "",
    openable: bool = False,
) -> Node:
    last = next((each for each in reversed(layers) if each.ran), layers[-1])
    return Node(
        id=id_,
        path=path,
        kind=kind,
        label=label,
        layers=tuple(layer.index for layer in layers),
        sources=(),
        parent=parent,
        output=last.output,
        params=sum(layer.params for layer in layers),
        trainable_params=sum(layer.trainable_params for layer in layers),
        macs=sum(layer.macs or 0 for layer in layers),
        uncounted=sum(layer.macs is None for layer in layers),
        activation_bytes=sum(layer.activation_bytes for layer in layers),
        saved_bytes=sum(layer.saved_bytes for layer in layers),
        receptive_field=last.receptive_field,
        repeats=repeats,
        openable=openable,
        ran=last.ran,
    )


def _operation_nodes(layer: Layer) -> list[Node]:
    """One node per operation, one after another, whose columns add up to the layer's.

    Parameters go to the layer's principal operation, memory to the last, which makes its output.
    In a layer that is not counted as a whole, operations with a formula still show their MACs.
    """
    ops = [operation.op for operation in layer.operations]
    principal = ops.index(layer.op) if layer.op in ops else 0
    whole = _layer_node(layer, layer.name, openable=False)
    nodes: list[Node] = []
    for place, operation in enumerate(layer.operations):
        last = place == len(ops) - 1
        step = replace(
            whole,
            id=f"{layer.name}:{place}",
            kind=operation.op,
            label=operation.op,
            sources=(nodes[-1].id,) if nodes else (),
            output=operation.output,
            params=layer.params if place == principal else 0,
            trainable_params=layer.trainable_params if place == principal else 0,
            macs=operation.macs or 0,
            uncounted=int(operation.macs is None),
            activation_bytes=layer.activation_bytes if last else 0,
            saved_bytes=layer.saved_bytes if last else 0,
            operation=place,
        )
        nodes.append(step)
    return nodes
