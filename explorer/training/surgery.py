"""Swap a network's head, normalisations, activations and dropout for others, as real modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import nn
from torch.overrides import TorchFunctionMode
from torchvision.ops import SqueezeExcitation

from explorer.blocks.joining import Multiply
from explorer.errors import BadRequest
from explorer.training.slots import ACTIVATIONS, normalisation
from explorer.training.trial import FUNCTIONS
from explorer.zoo.classics.lenet import Squash

if TYPE_CHECKING:
    from explorer.training.trial import Trial

_NORMS = (
    nn.BatchNorm1d, nn.BatchNorm2d, nn.GroupNorm, nn.InstanceNorm2d, nn.LayerNorm,
    nn.LocalResponseNorm,
)  # fmt: skip
_ACTIVATIONS = (
    nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish,
    nn.Tanh, Squash,
)  # fmt: skip
_GATES = (nn.Sigmoid, nn.Hardsigmoid)
"""Activations, unless their result multiplies maps, as in squeeze-and-excitation."""


def replace(network: nn.Module, name: str, module: nn.Module) -> None:
    """Put another module where the network has the one of this dotted name."""
    parent, _, last = name.rpartition(".")
    setattr(network.get_submodule(parent), last, module)


def swap_normalisation(network: nn.Module, kind: str, trial: Trial, title: str) -> None:
    """Put this normalisation, or none, in the place of every one that ran in a trial.

    Raises BadRequest where there is none to swap, or one that normalises tokens.
    """
    found = [
        (name, module)
        for name, module in network.named_modules()
        if isinstance(module, _NORMS) and name in trial.reads
    ]
    if not found and kind != "none":
        raise BadRequest(
            f"{title} has no normalisation that could be swapped; leave it as its own, or take a "
            "network that has one, such as small_cnn."
        )
    for name, module in found:
        reads = trial.reads[name]
        if type(module) is nn.LayerNorm and len(reads) == 3 and kind != "none":
            if kind == "layer":
                continue
            raise BadRequest(
                f"{title} normalises tokens, where {kind} normalisation has no maps; choose layer, "
                "none or its own."
            )
        replace(network, name, _with_its_activation(module, _fresh(kind, reads, title)))


def _fresh(kind: str, reads: tuple[int, ...], title: str) -> nn.Module:
    if kind != "none" and len(reads) not in (2, 4):
        raise BadRequest(
            f"{title} normalises tokens, where {kind} normalisation has no maps; choose none or "
            "its own."
        )
    return normalisation(kind, reads[1], len(reads))


def _with_its_activation(old: nn.Module, new: nn.Module) -> nn.Module:
    """timm has normalisations that activate as well; the activation stays."""
    act = getattr(old, "act", None)
    return nn.Sequential(new, act) if isinstance(act, nn.Module) else new


def swap_activation_modules(network: nn.Module, kind: str) -> bool:
    """Put this activation in the place of every module that is one; say whether there was any."""
    found = [
        name
        for name, module in network.named_modules()
        if isinstance(module, _ACTIVATIONS)
        or (isinstance(module, _GATES) and not _is_gate(network, name))
    ]
    for name in found:
        replace(network, name, ACTIVATIONS[kind]())
    return bool(found)


def _is_gate(network: nn.Module, name: str) -> bool:
    parts = name.split(".")
    above = [network.get_submodule(".".join(parts[:end])) for end in range(len(parts))]
    return parts[-1] == "gate" or any(
        isinstance(each, Multiply | SqueezeExcitation) for each in above
    )


class _Instead(TorchFunctionMode):
    """Calls one activation wherever the code within calls another."""

    def __init__(self, activation: Callable[[Any], Any]) -> None:
        super().__init__()
        self._activation = activation

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func in FUNCTIONS:
            return self._activation(args[0] if args else (kwargs or {})["input"])
        return func(*args, **(kwargs or {}))


def swap_activation_functions(network: nn.Module, kind: str) -> None:
    """Let a network use this activation where its own forward calls another as a function.

    Names of modules and weights stay as they are: its class becomes one that runs the same forward
    in a context in which those functions mean something else.
    """
    its_class = type(network)
    activation = ACTIVATIONS[kind]()

    def forward(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        with _Instead(activation):
            return its_class.forward(self, *args, **kwargs)

    network.__class__ = type(its_class.__name__, (its_class,), {"forward": forward})


def swap_head(
    network: nn.Module, trial: Trial, classes: int, title: str, *, always: bool = False
) -> str:
    """Let the last layer give a score for each of the classes, and return the layer's name.

    A layer that has as many outputs already stays, unless it is to be a fresh one `always`. Raises
    BadRequest for a network that does not end in a layer with one output for each class.
    """
    outputs = trial.output[1] if len(trial.output) > 1 else 0
    there = dict(network.named_modules())  # less what was swapped since the trial
    ran = [(name, there[name]) for name in reversed(trial.reads) if name in there]
    name = next((name for name, each in ran if _outputs(each) == outputs), "")
    if name and (always or outputs != classes):
        replace(network, name, _resized(network.get_submodule(name), classes))
    elif outputs != classes:
        raise BadRequest(
            f"{title} does not end in one number for each class; end it with a linear layer, or a "
            "convolution and global pooling."
        )
    return name or next(name for name, each in ran if not any(each.children()))


def _outputs(layer: nn.Module) -> int | None:
    if isinstance(layer, nn.Linear):
        return layer.out_features
    return layer.out_channels if isinstance(layer, nn.Conv2d) else None


def _resized(old: nn.Module, classes: int) -> nn.Module:
    """A fresh layer like this one, with another number of outputs."""
    if isinstance(old, nn.Linear):
        return nn.Linear(old.in_features, classes, old.bias is not None)
    assert isinstance(old, nn.Conv2d)
    form = (old.kernel_size, old.stride, old.padding, old.dilation)
    return nn.Conv2d(old.in_channels, classes, *form, bias=old.bias is not None)  # type: ignore[arg-type]


def drop_before(network: nn.Module, name: str, probability: float) -> None:
    """Zero a share of what reaches the layer of this name, at random, while training."""
    layers = nn.Sequential()
    layers.add_module("dropout", nn.Dropout(probability))
    layers.add_module("layer", network.get_submodule(name))
    replace(network, name, layers)
