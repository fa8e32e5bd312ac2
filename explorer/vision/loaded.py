"""A network with its weights, lent to one borrower at a time and given back as it was."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from explorer.errors import BadRequest
from explorer.vision.records import NetworkUse, Preprocessing
from explorer.vision.taps import Taps, find_taps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.zoo.cards import ModelCard
    from explorer.zoo.weight_records import WeightsChoice


class LoadedModel:
    """A network with its weights on a device, and what belongs to it.

    `preprocessing` says how a picture becomes its input, `classes` names its outputs. Whoever
    runs it borrows it.
    """

    def __init__(
        self,
        card: ModelCard,
        choice: WeightsChoice,
        network: nn.Module,
        preprocessing: Preprocessing,
        classes: tuple[str, ...],
        where: torch.device,
        taps: Taps | None = None,
    ) -> None:
        self.card = card
        self.choice = choice
        self.preprocessing = preprocessing
        self.classes = classes
        self.device = where
        self._network = network.eval().requires_grad_(False).to(where)
        self._lock = threading.RLock()
        self._taps = taps

    @property
    def use(self) -> NetworkUse:
        """What a result says of the network that made it."""
        return NetworkUse(
            model=self.card.name,
            title=self.card.title,
            weights=self.choice.key,
            weights_title=self.choice.title,
            random=self.choice.kind == "random",
            device=str(self.device),
        )

    @property
    def size_bytes(self) -> int:
        """Memory of parameters and buffers."""
        held = (*self._network.parameters(), *self._network.buffers())
        return sum(each.numel() * each.element_size() for each in held)

    @property
    def taps(self) -> Taps:
        """Where each row of the anatomy is made, at the size of the preprocessing."""
        # Not a cached_property: Python 3.11 gives that a lock of its own, and a borrower who asks
        # would wait for somebody who asks and waits for the network.
        if self._taps is None:
            with self.borrowed() as network:
                channels = len(self.preprocessing.mean)
                example = torch.empty(1, channels, *self.preprocessing.crop)
                self._taps = self._taps or find_taps(network, example)
        return self._taps

    @contextmanager
    def borrowed(self) -> Iterator[nn.Module]:
        """Lend the network, in evaluation mode and without gradients of its weights.

        One borrower at a time: others wait. Modes, hooks, gradients, and whether a parameter
        wants one, are as before afterwards, also after an exception.
        """
        with self._lock:
            before = _State.of(self._network)
            try:
                yield self._network
            finally:
                before.restore(self._network)

    def target(self, wanted: int | str) -> int:
        """The number of a class, given by number or name. Raises BadRequest for another."""
        if isinstance(wanted, str) and not (wanted.isdecimal() and len(wanted) < 10):
            return self._named(wanted)
        number = int(wanted)
        if not 0 <= number < len(self.classes):
            raise BadRequest(
                f"{self.card.title} has the classes 0 to {len(self.classes) - 1}, not {number}."
            )
        return number

    def _named(self, name: str) -> int:
        plain = name.strip().lower()
        lowered = [each.lower() for each in self.classes]
        if name.strip() in self.classes:  # ImageNet's Cardigan is a dog, its cardigan is worn
            return self.classes.index(name.strip())
        alike = [number for number, each in enumerate(lowered) if each == plain]
        if len(alike) > 1:
            numbers = " and ".join(map(str, alike))
            raise BadRequest(f"{name.strip()} is the name of {numbers}: give one of these numbers.")
        if alike:
            return alike[0]
        near = [each for each in self.classes if plain and plain in each.lower()][:3]
        hint = (
            f"did you mean {' or '.join(near)}?" if near else "the top of a prediction names some."
        )
        raise BadRequest(f"{self.card.title} has no class called {name[:60]!r}; {hint}")


@dataclass(frozen=True)
class _State:
    """What running a network may change and must find again."""

    training: tuple[bool, ...]
    hooks: tuple[tuple[dict[int, object], ...], ...]
    wanted: tuple[bool, ...]
    gradients: tuple[Tensor | None, ...]

    @classmethod
    def of(cls, network: nn.Module) -> _State:
        modules, parameters = list(network.modules()), list(network.parameters())
        return cls(
            tuple(each.training for each in modules),
            tuple(tuple(dict(hooks) for hooks in _hooks(each)) for each in modules),
            tuple(each.requires_grad for each in parameters),
            tuple(each.grad for each in parameters),
        )

    def restore(self, network: nn.Module) -> None:
        for module, mode, kept in zip(network.modules(), self.training, self.hooks, strict=True):
            module.training = mode
            for hooks, before in zip(_hooks(module), kept, strict=True):
                if hooks or before:
                    hooks.clear()
                    hooks.update(before)
        for parameter, wanted, gradient in zip(
            network.parameters(), self.wanted, self.gradients, strict=True
        ):
            parameter.requires_grad_(wanted)
            parameter.grad = gradient


def _hooks(module: nn.Module) -> tuple[dict[int, object], ...]:
    return (
        module._forward_hooks,  # type: ignore[return-value]
        module._forward_pre_hooks,
        module._backward_hooks,
        module._backward_pre_hooks,
    )
