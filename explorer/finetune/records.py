"""What is known of a fine-tuning before it begins. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Regime: TypeAlias = Literal["all", "last", "head"]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a network that learns as a whole.

    `modules` are the names of its modules as in the anatomy's tree, the first one in running order
    is its `name`; `params` are the numbers that can be learned.
    """

    name: str
    modules: tuple[str, ...]
    params: int


@dataclass(frozen=True, slots=True)
class FrozenParts:
    """The parts of a network that is to be fine-tuned: what learns, and what stays as it is.

    `head` is the new last layer, `blocks` come in running order, so that the last ones are next to
    the head. `regime` and `open_blocks` are the recipe's.
    """

    title: str
    head: Block
    blocks: tuple[Block, ...]
    regime: Regime
    open_blocks: int

    @property
    def params(self) -> int:
        """All numbers of the network that could be learned."""
        return self.head.params + sum(each.params for each in self.blocks)

    @property
    def learning(self) -> tuple[Block, ...]:
        """The blocks that learn, in running order, with the head at the end."""
        kept = self.blocks[len(self.blocks) - self.open_blocks :]
        return (*kept, self.head)

    @property
    def frozen(self) -> tuple[Block, ...]:
        """The blocks that stay as they are, in running order."""
        return self.blocks[: len(self.blocks) - self.open_blocks]

    @property
    def learned(self) -> int:
        """How many numbers learn."""
        return sum(each.params for each in self.learning)

    def learns(self, module: str) -> bool:
        """Whether a module of the anatomy's tree is within what learns."""
        return any(_within(module, name) for part in self.learning for name in part.modules)


@dataclass(frozen=True, slots=True)
class Advice:
    """What suits so many pictures, why in a sentence, and settings of a recipe to begin with."""

    regime: Regime
    sentence: str
    settings: Mapping[str, Any]


def _within(module: str, name: str) -> bool:
    return module == name or module.startswith(f"{name}.")
