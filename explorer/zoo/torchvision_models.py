"""torchvision's registered models, configured as their default weights configure them.

Called without weights, a constructor builds something else than those weights are for: other
image sizes and classes, other auxiliary heads, trainable instead of frozen batch norms. So each is
called *with* its default weights, while fetching and loading them is switched off.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from torch import nn
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


def construct(name: str, weights: WeightsEnum | None = None) -> nn.Module:
    """Build a registered model as its default (or these) weights need it; nothing is loaded."""
    weights = weights or default_weights(name)
    arguments: dict[str, Any] = {}
    if name == "quantized_inception_v3":
        # Its published count includes the auxiliary head, which the builder would drop.
        arguments["aux_logits"] = True
    with _nothing_loaded(), warnings.catch_warnings():
        # GoogLeNet warns that its heads are untrained, quantised models that torch.ao will move.
        warnings.simplefilter("ignore")
        # Quantised twins are built in floating point: int8 kernels have neither shapes on the
        # meta device nor gradients.
        chosen = weights.meta.get("unquantized", weights)
        model: nn.Module = models.get_model(name, weights=chosen, **arguments)
    return model


@contextmanager
def _nothing_loaded() -> Iterator[None]:
    """Let constructors believe they loaded their weights, in this thread only."""
    here = threading.get_ident()
    with _patching:
        fetch, load = WeightsEnum.get_state_dict, nn.Module.load_state_dict

        def fetch_nothing(self: WeightsEnum, *args: Any, **kwargs: Any) -> Any:
            return {} if threading.get_ident() == here else fetch(self, *args, **kwargs)

        def load_nothing(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
            return None if threading.get_ident() == here else load(self, *args, **kwargs)

        WeightsEnum.get_state_dict = fetch_nothing
        nn.Module.load_state_dict = load_nothing  # type: ignore[method-assign]
        try:
            yield
        finally:
            WeightsEnum.get_state_dict = fetch
            nn.Module.load_state_dict = load  # type: ignore[method-assign]
