"""What a network is made of: modules, parameters and buffers, found in one walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn


class Inventory:
    """The parts of a network by name, each once, in the order `named_modules` gives them.

    torch's own `named_modules`, `named_parameters` and `named_buffers` pass every name through a
    generator per level and dissecting needs all three, several times.
    """

    __slots__ = ("buffers", "modules", "parameters", "root")

    def __init__(self, root: nn.Module) -> None:
        """`modules` by path ("" is the root), `parameters` and `buffers` by name."""
        self.root = root
        self.modules: dict[str, nn.Module] = {}
        self.parameters: dict[str, Tensor] = {}
        self.buffers: dict[str, Tensor] = {}
        self._visit(root, "", set(), set())

    def _visit(self, module: nn.Module, path: str, seen: set[int], held: set[int]) -> None:
        seen.add(id(module))
        self.modules[path] = module
        prefix = f"{path}." if path else ""
        for tensors, found in (
            (module._parameters, self.parameters),
            (module._buffers, self.buffers),
        ):
            for name, tensor in tensors.items():
                if tensor is not None and id(tensor) not in held:
                    held.add(id(tensor))
                    found[prefix + name] = tensor
        for name, child in module._modules.items():
            if child is not None and id(child) not in seen:
                self._visit(child, prefix + name, seen, held)

    @property
    def parameter_bytes(self) -> int:
        """Size of all parameters as they are stored."""
        return sum(each.numel() * each.element_size() for each in self.parameters.values())

    @property
    def buffer_bytes(self) -> int:
        """Size of all buffers as they are stored."""
        return sum(each.numel() * each.element_size() for each in self.buffers.values())
