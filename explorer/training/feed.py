"""Pictures of a set, as the network is given them: on its device, at its size, normalised."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from explorer import device as devices
from explorer.training.data.splits import statistics

if TYPE_CHECKING:
    from explorer.training.data.loading import Pictures

MOST_FITTED = 2 << 30
"""Bytes up to which all pictures are held at the network's size; more are brought to it in batches.
A fixed number, so that the same recipe takes the same way whatever else the memory holds."""
MOST_NORMALISED = 1 << 30
"""Bytes up to which they are also held as the normalised floats that the network takes."""
SHARE_OF_DEVICE = 0.5
MEASURED = 2_000
"""Of pictures that are not held at the network's size, so many, evenly spaced, are measured."""

Fit = Callable[[Tensor], Tensor]


class Feed:
    """Gives pictures by number, as (N, C, H, W) floats on the device.

    `fit` brings uint8 pictures to the network's `shape`; `normalisation` is the mean and standard
    deviation (C,) of pictures in [0, 1], their own where it is left out. Points (float values) are
    normalised alone. All are moved to the device if they take no more than half of what is free.
    """

    def __init__(
        self,
        pictures: Pictures,
        shape: Sequence[int],
        fit: Fit,
        device: torch.device,
        normalisation: tuple[Tensor, Tensor] | None = None,
    ) -> None:
        values, self._fit = pictures.values, fit
        self.values = math.prod(shape)
        """Numbers of one picture."""
        size = len(values) * self.values * values.element_size()
        self._fitted = size <= MOST_FITTED
        self._values = self._fit(values) if self._fitted else values
        self.normalisation = normalisation or self._measured()
        self._device = device
        if device.type == "cpu" or size <= SHARE_OF_DEVICE * devices.free_bytes(device):
            self._values = self._values.to(device)
        self.labels = pictures.labels.to(device)
        self._mean, self._std = (each.view(-1, 1, 1).to(device) for each in self.normalisation)
        self._whole = 255.0 if values.dtype == torch.uint8 else 1.0
        self._ready: Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def _measured(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation; a channel that never changes is left at its size."""
        values = self._values
        if not self._fitted:
            values = self._fit(values[:: max(1, len(values) // MEASURED)])
        mean, std = statistics(values)
        return mean, torch.where(std > 0, std, torch.ones_like(std))

    def unit(self, numbers: Tensor) -> Tensor:
        """Pictures with black 0 and white 1, not normalised yet."""
        chosen = self._values[numbers.to(self._values.device)].to(self._device)
        return (chosen if self._fitted else self._fit(chosen)).div(self._whole)

    def normalise(self, pictures: Tensor) -> Tensor:
        """Bring each channel to the mean 0 and standard deviation 1 of the training pictures."""
        return pictures.sub(self._mean).div_(self._std)

    def keep_ready(self) -> None:
        """Normalise all pictures at once, if they are not too many: for those shown unchanged."""
        if self._fitted and 4 * self.values * len(self) <= MOST_NORMALISED:
            everything = torch.arange(len(self), device=self._device)
            self._ready = self.normalise(self.unit(everything))

    def normalised(self, numbers: Tensor) -> Tensor:
        """Pictures as the network takes them."""
        if self._ready is not None:
            return self._ready[numbers]
        return self.normalise(self.unit(numbers))
