"""The training loop where a part of the network stays as it is. Loads torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.finetune import blocks, starting
from explorer.training.fit import Training
from explorer.training.initialisation import weight_of

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer

    from explorer.finetune.starting import Start
    from explorer.training.assembly import Parts
    from explorer.training.recipe import Recipe
    from explorer.training.records import Histograms, Record


class HeadTraining(Training):
    """Trains a head alone, on features that are there already."""

    def _made(self, due: str) -> Record | None:
        # The filters of the first layer do not learn, and it is not among the layers.
        return None if due == "filters" else super()._made(due)


class Thawing(Training):
    """Trains the head and the blocks that the recipe lets learn.

    Frozen blocks are in evaluation mode, so that neither a weight nor a running statistic changes.
    Where blocks thaw gradually, the head begins alone, and one block more learns after every equal
    part of that time, from the head down (Howard and Ruder, "Universal Language Model Fine-tuning
    for Text Classification", 2018, section 3.3).
    """

    def __init__(
        self,
        recipe: Recipe,
        start: Start,
        parts: Parts,
        *,
        device: str | None,
        checkpoint: Path | None,
        between: Callable[[], None] | None,
    ) -> None:
        frozen = starting.frozen_parts(start, recipe)
        self._start, self._most = start, frozen.open_blocks
        self._blocks = _parameters(parts.network, start)
        self._head = list(parts.network.get_submodule(start.head).parameters())
        self._first = weight_of(first) if (first := _first_layer(parts.network)) else None
        self._open = -1
        self._thaw(self._most)
        super().__init__(recipe, device=device, between=between, parts=parts)
        gradually = recipe.unfreezing > 0
        below = self._blocks if gradually else [[p for some in self._blocks for p in some]]
        _regroup(self._optimiser, below, self._head, recipe.backbone_rate)
        if checkpoint is not None:
            self._load(checkpoint)
        self._thaw(self._now())

    def learn(self, rate: float) -> Tensor:
        """One step, as `Training.learn`, of what has thawed by then."""
        self._thaw(self._now())
        self._set_modes()
        return super().learn(rate)

    def histograms(self) -> Histograms:
        """Of all layers that learn at some time, whether they do already or not."""
        asked = [(each, each.requires_grad) for each in self._watched]
        for each, _ in asked:
            each.requires_grad_(True)
        try:
            return super().histograms()
        finally:
            for each, learns in asked:
                each.requires_grad_(learns)

    def _made(self, due: str) -> Record | None:
        first_learns = any(each is self._first for each in self._watched)
        return None if due == "filters" and not first_learns else super()._made(due)

    def _now(self) -> int:
        """How many blocks learn in the next step."""
        share, at = self.recipe.unfreezing / 100, self._at
        if not share:
            return self._most
        steps = self._length.steps
        done = at.step / steps if steps else at.seconds / self.recipe.length
        return min(self._most, int(done / share * self._most + 1e-9))

    def _thaw(self, count: int) -> None:
        """Let the head and the last `count` blocks learn."""
        if count == self._open:
            return
        self._open = count
        closed = len(self._blocks) - count
        for number, parameters in enumerate(self._blocks):
            for each in parameters:
                # Numbers that are no weights (of a quantised network) never learn.
                each.requires_grad_(number >= closed and each.is_floating_point())
                if number < closed:
                    each.grad = None
        opened = [each for parameters in self._blocks[closed:] for each in parameters]
        self._weights = [*opened, *self._head]

    def _set_modes(self) -> None:
        """Evaluation mode for what is frozen, and for what has no weights and comes before it."""
        network, below = self._network, self._start.blocks
        closed = len(below) - self._open
        network.train()
        if not closed:
            return
        if not self._open:
            network.eval()
            network.get_submodule(self._start.head).train()
            return
        for block in below[:closed]:
            for name in block.modules:
                network.get_submodule(name).eval()
        first = network.get_submodule(below[closed].modules[0])
        for module in network.modules():
            if module is first:
                break
            if not any(True for _ in module.parameters()):
                module.eval()


def _parameters(network: nn.Module, start: Start) -> list[list[nn.Parameter]]:
    """The weights of each block; single ones belong to the first."""
    found = [
        [p for name in block.modules for p in network.get_submodule(name).parameters()]
        for block in start.blocks
    ]
    if found:
        found[0].extend(blocks.loose(network, start.head, start.blocks))
    return found


def _first_layer(network: nn.Module) -> nn.Module | None:
    return next((each for each in network.modules() if weight_of(each) is not None), None)


def _regroup(
    optimiser: Optimizer,
    below: Sequence[Sequence[nn.Parameter]],
    head: Sequence[nn.Parameter],
    share: float,
) -> None:
    """Let everything but the head learn at a share of the rate.

    What begins to learn at another time is a group of its own: torch's fused optimisers take all
    weights of a group to have come equally far.
    """
    (only,) = optimiser.param_groups
    learn = {id(each) for each in only["params"]}
    parts = [([each for each in some if id(each) in learn], share) for some in below]
    parts.append((list(head), 1.0))
    optimiser.param_groups[:] = [
        {**only, "params": some, "share": part} for some, part in parts if some
    ]
