"""torchvision's registered models, configured as their default weights configure them.

Called without weights, a constructor builds something else than those weights are for: other
image sizes and classes, other auxiliary heads, trainable instead of frozen batch norms. So each is
called *with* its default weights, while fetching and loading them is switched off.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from torch import Tensor, nn
from torchvision import models
from torchvision.models import WeightsEnum

_patching = threading.Lock()


@cache
def names() -> tuple[str, ...]:
    """All names in torchvision's registry, sorted."""
    return tuple(models.list_models())


def default_weights(name: str) -> WeightsEnum:
    """The weights torchvision itself would choose for a registered model."""
    return models.get_model_weights(name).DEFAULT


def construct(
    name: str,
    weights: WeightsEnum | None = None,
    numbers: Mapping[str, Tensor] | None = None,
) -> nn.Module:
    """Build a registered model as its default (or these) weights need it.

    `numbers` is the content of the weights' file: torchvision's own loader puts them in place, and
    so renames DenseNet's keys and drops the heads that only training needs. Without them nothing
    is loaded.
    """
    weights = weights or default_weights(name)
    arguments: dict[str, Any] = {}
    if name == "quantized_inception_v3":
        # Its published count includes the auxiliary head, which the builder would drop.
        arguments["aux_logits"] = True
    with _loading(numbers), warnings.catch_warnings():
        # GoogLeNet warns that its heads are untrained, quantised models that torch.ao will move.
        warnings.simplefilter("ignore")
        # Quantised twins are built in floating point: int8 kernels have neither shapes on the
        # meta device nor gradients.
        chosen = weights.meta.get("unquantized", weights)
        model: nn.Module = models.get_model(name, weights=chosen, **arguments)
    return model


@contextmanager
def _loading(numbers: Mapping[str, Tensor] | None) -> Iterator[None]:
    """Hand these numbers to constructors that ask for their weights, in this thread only.

    Without numbers they believe they have loaded some.
    """
    here = threading.get_ident()
    with _patching:
        fetch, load = WeightsEnum.get_state_dict, nn.Module.load_state_dict

        def fetch_these(self: WeightsEnum, *args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != here:
                return fetch(self, *args, **kwargs)
            return dict(numbers or {})

        def load_these(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if numbers is None and threading.get_ident() == here:
                return None
            return load(self, *args, **kwargs)

        WeightsEnum.get_state_dict = fetch_these
        nn.Module.load_state_dict = load_these  # type: ignore[method-assign]
        try:
            yield
        finally:
            WeightsEnum.get_state_dict = fetch
            nn.Module.load_state_dict = load  # type: ignore[method-assign]
