"""The kernels a network of the zoo begins with."""

from __future__ import annotations

from typing import cast

import numpy as np
from torch import nn

from explorer.convolution.records import FirstLayer, Pair
from explorer.errors import BadRequest
from explorer.vision.loading import load


def first_layer(model: str, weights_key: str | None = None) -> FirstLayer:
    """Return the first convolution of a classifier with its weights.

    Without a key the best weights on disk are taken, random ones where there are none. Raises
    what `load` does, and `BadRequest` for a network that begins with something else.
    """
    loaded = load(model, weights_key)
    with loaded.borrowed() as network:
        for name, module in network.named_modules():
            if isinstance(module, nn.Conv2d):
                weight = module.weight.detach().cpu().double().numpy()
                bias = module.bias
                return FirstLayer(
                    loaded.card.name,
                    loaded.card.title,
                    name,
                    weight.copy(),
                    np.zeros(len(weight)) if bias is None else bias.detach().cpu().double().numpy(),
                    cast("Pair", module.stride),
                    cast("Pair", module.padding),
                    loaded.choice.title,
                    loaded.use.random,
                )
    raise BadRequest(f"{loaded.card.title} has no convolution; choose another network.")
