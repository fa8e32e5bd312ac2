"""`timm:NAME`: the models of PyTorch Image Models, where the optional package is installed.

timm is imported by what needs it, because it is optional and takes seconds to load.
"""

from __future__ import annotations

import contextlib
import importlib.util
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from explorer.errors import UnknownModel
from explorer.zoo import catalogue
from explorer.zoo.cards import ModelCard, Paper, Weights

if TYPE_CHECKING:
    from torch import nn

PREFIX = "timm:"

_PAPER = Paper("PyTorch Image Models", "Wightman", 2019, "https://doi.org/10.5281/zenodo.4414861")


def installed() -> bool:
    """Whether the package timm is there."""
    return importlib.util.find_spec("timm") is not None


def names() -> tuple[str, ...]:
    """Every `timm:NAME`, sorted; none where timm is not installed."""
    if not installed():
        return ()
    return tuple(PREFIX + name for name in _timm().list_models())


def construct(name: str, **arguments: Any) -> nn.Module:
    """Build `timm:NAME` or `timm:NAME.TAG` as its pretrained configuration says, without weights.

    `arguments` are timm's own, such as `num_classes`. Raises UnknownModel if timm is not installed
    or has no such model.
    """
    _configuration(name)
    model: nn.Module = _timm().create_model(_bare(name), pretrained=False, **arguments)
    return model


def draft(name: str) -> ModelCard:
    """Make the card of a timm model; `params` and `macs` still have to be counted.

    Raises UnknownModel if timm is not installed or has no such model.
    """
    configuration = _configuration(name)
    architecture = _bare(name).partition(".")[0]
    size = configuration.test_input_size or configuration.input_size
    family = _timm().models.model_entrypoint(architecture).__module__.rpartition(".")[2]
    return ModelCard(
        name=name,
        title=f"{architecture} (timm)",
        family=f"timm {family}",
        year=_PAPER.year,
        idea=f"One of the {len(names()):,} models of timm, from its module `{family}`, whose "
        "source names the paper.",
        paper=_PAPER,
        source="timm",
        task="classification",
        input_shape=tuple(size),
        smallest=_smallest(configuration),
        largest=min(size[-2:]) if configuration.fixed_input_size else None,
        params=0,
        macs=0,
        weights=_weights(configuration, tuple(size[-2:])),
        differs=("The year and paper shown are those of timm, not of this architecture.",),
    )


def _smallest(configuration: Any) -> int:
    size = configuration.input_size if configuration.fixed_input_size else None
    size = size or configuration.min_input_size or (1,)
    return int(min(size[-2:]))


def _weights(configuration: Any, size: tuple[int, int]) -> tuple[Weights, ...]:
    hub, url = configuration.hf_hub_id, configuration.url
    if not hub and not url:
        return ()
    tag = configuration.tag or "default"
    trained_on = "ImageNet-1K" if tag.endswith("in1k") else ""
    link = f"https://huggingface.co/{hub}" if hub else url
    return (Weights(tag, trained_on, size, 0, None, None, (), link, default=True),)


def _configuration(name: str) -> Any:
    """timm's own description of a model's default (or tagged) weights."""
    if not installed():
        raise UnknownModel(
            f"{name[:80]} needs the optional package timm: install it with "
            "`pip install 'convzoo[timm]'`."
        )
    models = _timm().models
    bare = _bare(name)
    if bare.partition(".")[0] in models.list_models():
        with contextlib.suppress(RuntimeError):  # no such tag
            return models.get_pretrained_cfg(bare, allow_unregistered=False)
    raise catalogue.unknown(name, names())


def _bare(name: str) -> str:
    return name.removeprefix(PREFIX)


@cache
def _timm() -> ModuleType:
    import timm  # noqa: PLC0415 - see the module's docstring

    module: ModuleType = timm
    return module
