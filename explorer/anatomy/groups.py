"""A group of layers: a module with more than one of them, or a run of neighbours. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from explorer.anatomy.records import Layer

Role: TypeAlias = Literal["wrapper", "container", "block", "run"]

LISTS = frozenset({"Sequential", "ModuleList", "ModuleDict"})
"""Classes that say nothing of what is in them."""


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
        """Such as "3 × Bottleneck" where this only holds groups that are all of one class."""
        kinds = {each.kind for each in self.groups if each.role != "run"}
        times = sum(each.role != "run" for each in self.groups)
        says_more = self.role != "block" or self.kind in LISTS
        if len(kinds) != 1 or times < 2 or kinds <= LISTS or not says_more:
            return ""
        return f"{times} × {kinds.pop()}"


def is_module_call(layer: Layer) -> bool:
    """Say whether a row is the call of a module, not an operator in some module's forward."""
    return layer.name == layer.path or layer.name.startswith(f"{layer.path}#")
