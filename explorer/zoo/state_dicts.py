"""Does a state dict fit an architecture, and if not, what is wrong with it? Loads torch."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from explorer import units
from explorer.errors import BadCheckpoint
from explorer.zoo import build, catalogue

if TYPE_CHECKING:
    from torch import Tensor, nn

WRAPPERS = ("module.", "_orig_mod.", "model.", "net.")
"""What DataParallel, torch.compile and training frameworks put before every name."""

_HEADS = ("aux1.", "aux2.")
"""GoogLeNet's auxiliary heads: its published file has them, the network is used without."""

_BATCHES = ".num_batches_tracked"
"""Counters of batch norms that files from before PyTorch 0.4.1 lack; they start at zero."""

_OLD_DENSENET = re.compile(
    r"^(.*denselayer\d+\.(?:norm|relu|conv))\."
    r"((?:[12])\.(?:weight|bias|running_mean|running_var))$"
)
"""Names with a dot that modules may not have any more, as in torchvision.models.densenet."""

_ALIKE = 0.9
"""Which share of names and shapes must agree for a file to look like another architecture."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A state dict with the architecture's names, shapes and number types, on the CPU.

    `notes` are sentences: what had to be done to it, and what is odd about it.
    """

    state: dict[str, Tensor]
    notes: tuple[str, ...]


def fit(state: Mapping[str, Tensor], network: nn.Module, title: str) -> Fitted:
    """Bring a state dict into the form in which a network takes it.

    Prefixes that stand before every name go, numbers of other precision become the network's,
    every tensor gets memory of its own. `network` may be on the meta device, `title` is what a
    person calls it. Raises BadCheckpoint with all that is missing, left over or of another shape.
    """
    expected: dict[str, Tensor] = network.state_dict()
    named, prefix = _unwrapped(modern(state), expected)
    named = {key: each for key, each in named.items() if not _is_spare(key, expected)}
    complete = _counters(named, expected) | named
    if problem := _problem(complete, expected):
        raise BadCheckpoint(f"It does not fit {title}: {problem}{_guess(named, title)}.")
    fitted = {key: _converted(complete[key], like) for key, like in expected.items()}
    notes = [f"“{prefix}” before every name was left out."] if prefix else []
    return Fitted(fitted, (*notes, *_precision(named, expected), *_not_finite(fitted)))


def load(network: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Copy a fitted state dict into a network that has memory for it."""
    complete: Any = OrderedDict(state)
    # Some modules (MNASNet's) ask which version wrote the file: these names are today's.
    complete._metadata = getattr(network.state_dict(), "_metadata", {})
    network.load_state_dict(complete, strict=True)


def modern(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under the names that today's torchvision gives them."""
    return {_OLD_DENSENET.sub(r"\1\2", key): each for key, each in state.items()}


def _unwrapped(
    state: dict[str, Tensor], expected: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], str]:
    """Take off what stands before every name but not before every name of the architecture."""
    taken = ""
    while prefix := next((each for each in WRAPPERS if _all_begin(state, each)), ""):
        if _all_begin(expected, prefix):
            break
        state = {key.removeprefix(prefix): each for key, each in state.items()}
        taken += prefix
    return state, taken


def _all_begin(state: Mapping[str, Tensor], prefix: str) -> bool:
    return bool(state) and all(key.startswith(prefix) for key in state)


def _counters(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The counters of the batch norms that are there, at zero."""
    means = {key: key.replace(_BATCHES, ".running_mean") for key in expected if _BATCHES in key}
    return {
        key: torch.zeros_like(expected[key], device="cpu") for key in means if means[key] in state
    }


def _is_spare(key: str, expected: Mapping[str, Tensor]) -> bool:
    return key.startswith(_HEADS) and not any(each.startswith(_HEADS) for each in expected)


def _problem(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> str:
    """What does not fit, as parts of one sentence; empty if all does."""
    missing = [key for key in expected if key not in state]
    left_over = [key for key in state if key not in expected]
    common = [key for key in expected if key in state]
    other = [key for key in common if state[key].shape != expected[key].shape]
    kind = [key for key in common if _is_real(expected[key]) and not _is_real(state[key])]
    parts = []
    if missing:
        parts.append(f"{len(missing)} of its {len(expected)} tensors are missing ({_few(missing)})")
    if left_over:
        parts.append(f"{len(left_over)} are not part of it ({_few(left_over)})")
    if other:
        parts.append(_shapes(other, state, expected))
    if kind:
        parts.append(f"{len(kind)} hold whole numbers instead of real ones ({_few(kind)})")
    return ", ".join(parts)


def _is_real(tensor: Tensor) -> bool:
    return tensor.dtype.is_floating_point


def _few(names: Sequence[str], most: int = 3) -> str:
    return ", ".join([each[:60] for each in names[:most]]) + (", …" if len(names) > most else "")


def _shapes(
    other: Sequence[str], state: Mapping[str, Tensor], expected: Mapping[str, Tensor]
) -> str:
    modules = {key.rpartition(".")[0] for key in other}
    first = other[0]
    has, needs = state[first].shape, expected[first].shape
    if len(modules) == 1 and len(has) == len(needs) and has[1:] == needs[1:]:
        return (
            f"its head {modules.pop()} has {units.count(has[0])} classes where the architecture "
            f"has {units.count(needs[0])}"
        )
    return (
        f"{len(other)} have another shape ({first[:60]} is {units.shape(has)} where it must be "
        f"{units.shape(needs)})"
    )


def _guess(state: Mapping[str, Tensor], title: str) -> str:
    """Which other architecture of the catalogue it looks like, to be added to a sentence."""
    here = {(key, tuple(each.shape)) for key, each in state.items() if _BATCHES not in key}
    best, name = max((_likeness(here, card.name), card.title) for card in _candidates())
    return f"; it looks like {name}" if best >= _ALIKE and name != title else ""


def _candidates() -> list[Any]:
    return [card for card in catalogue.cards() if card.task in ("classification", "segmentation")]


def _likeness(here: set[tuple[str, tuple[int, ...]]], name: str) -> float:
    """Intersection over union of names with shapes."""
    expected = build.network(name).state_dict()
    there = {(key, tuple(each.shape)) for key, each in expected.items() if _BATCHES not in key}
    return len(here & there) / max(len(here | there), 1)


def _converted(tensor: Tensor, like: Tensor) -> Tensor:
    return tensor.detach().to(device="cpu", dtype=like.dtype, copy=True).contiguous()


def _precision(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> list[str]:
    kinds = {
        str(each.dtype).removeprefix("torch.")
        for key, each in state.items()
        if each.dtype != expected[key].dtype
    }
    return [f"Its numbers were {' and '.join(sorted(kinds))} and became float32."] if kinds else []


def _not_finite(state: Mapping[str, Tensor]) -> list[str]:
    odd = [key for key, each in state.items() if not each.isfinite().all()]
    if not odd:
        return []
    return [
        f"{len(odd)} of its tensors hold NaN or infinity ({_few(odd)}), so what it computes "
        "from a picture may be no number either."
    ]
