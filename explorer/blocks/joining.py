"""The modules in which paths of a design part and join again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from explorer.blocks.parts import Joining


class Add(nn.Module):
    """The sum of its paths, which read the same input."""

    def __init__(self, *paths: nn.Module) -> None:
        super().__init__()
        self.paths = nn.ModuleList(paths)

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum."""
        total: Tensor = self.paths[0](x)
        for path in list(self.paths)[1:]:
            total = total + path(x)
        return total


class Concatenate(nn.Module):
    """The maps of its paths, which read the same input, behind one another."""

    def __init__(self, *paths: nn.Module) -> None:
        super().__init__()
        self.paths = nn.ModuleList(paths)

    def forward(self, x: Tensor) -> Tensor:
        """Return the channels of all paths."""
        return torch.cat([path(x) for path in self.paths], 1)


class Multiply(nn.Module):
    """The product of its paths, which read the same input."""

    def __init__(self, *paths: nn.Module) -> None:
        super().__init__()
        self.paths = nn.ModuleList(paths)

    def forward(self, x: Tensor) -> Tensor:
        """Return the product; a path of one position is spread over the others."""
        product: Tensor = self.paths[0](x)
        for path in list(self.paths)[1:]:
            product = product * path(x)
        return product


JOINS: dict[Joining, type[nn.Module]] = {
    "add": Add,
    "concatenate": Concatenate,
    "multiply": Multiply,
}
