"""What a network computed for a picture at a row, kept a while for the next question about it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from explorer.vision import preprocess
from explorer.vision.instrumented import arguments_of, captured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.pictures.records import Picture
    from explorer.vision.activation_records import Floats
    from explorer.vision.loaded import LoadedModel

MOST_BYTES = 256 << 20
"""What is kept for the next question; the answer to the last one stays in any case."""


class Called(NamedTuple):
    """The function behind a row, with what it was given and what it returned."""

    function: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Tensor


_kept: OrderedDict[tuple[str, ...], Any] = OrderedDict()
_lock = threading.Lock()


def outputs(loaded: LoadedModel, picture: Picture, layers: Sequence[str]) -> dict[str, Floats]:
    """Return the outputs of rows for one picture, each in its own shape, float32, read-only.

    Raises BadRequest for a row there is not, or one that no number can be had of.
    """
    keys = {layer: _key(loaded, picture, "output", layer) for layer in layers}
    known: dict[str, Floats | None] = {layer: _find(key) for layer, key in keys.items()}
    missing = [layer for layer, array in known.items() if array is None]
    if missing:
        with loaded.borrowed() as network, torch.inference_mode():
            found, _ = captured(network, loaded.taps, missing, input_of(loaded, picture))
        for layer, tensor in found.items():
            known[layer] = as_array(tensor)
            _keep(keys[layer], known[layer])
    # What was found is held here: keeping one may have pushed another out.
    return {layer: array for layer, array in known.items() if array is not None}


def called(loaded: LoadedModel, picture: Picture, layer: str) -> Called:
    """Return what the main function of a row was given for a picture, and what it returned.

    Raises BadRequest for a row there is not, or one that only passes its input on.
    """
    key = _key(loaded, picture, "call", layer)
    known: Called | None = _find(key)
    if known is not None:
        return known
    with loaded.borrowed() as network, torch.inference_mode():
        function, args, kwargs = arguments_of(
            network, loaded.taps, layer, input_of(loaded, picture)
        )
        # An in-place function writes into what it was given: keep that, and let it have a copy.
        given = tuple(each.clone() if isinstance(each, Tensor) else each for each in args)
        found = Called(function, args, kwargs, function(*given, **kwargs))
    _keep(key, found)
    return found


def input_of(loaded: LoadedModel, picture: Picture) -> Tensor:
    """Return the network's input for a picture, (1, C, H, W), on its device."""
    return preprocess.input_tensor(picture, loaded.preprocessing).to(loaded.device)


def as_array(tensor: Tensor) -> Floats:
    """Copy a tensor's numbers to float32 on the CPU; they cannot be written to."""
    array: Floats = tensor.detach().to("cpu", torch.float32, copy=True).numpy()
    array.flags.writeable = False
    return array


def forget(loaded: LoadedModel | None = None) -> None:
    """Let go of everything that is kept, or of one network's, whose weights calls hold."""
    with _lock:
        for key in [each for each in _kept if loaded is None or each[:3] == _of(loaded)]:
            del _kept[key]


def _key(loaded: LoadedModel, picture: Picture, what: str, layer: str) -> tuple[str, ...]:
    return (*_of(loaded), picture.digest, what, layer)


def _of(loaded: LoadedModel) -> tuple[str, str, str]:
    return loaded.card.name, loaded.choice.key, str(loaded.device)


def _find(key: tuple[str, ...]) -> Any:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    return None


def _keep(key: tuple[str, ...], value: Any) -> None:
    with _lock:
        _kept[key] = value
        while len(_kept) > 1 and sum(map(_bytes, _kept.values())) > MOST_BYTES:
            _kept.popitem(last=False)


def _bytes(value: Any) -> int:
    """Memory of what is kept; the network's own weights are not counted."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    tensors = [*value.args, *value.kwargs.values(), value.result]
    return sum(
        each.numel() * each.element_size()
        for each in tensors
        if isinstance(each, Tensor) and not isinstance(each, torch.nn.Parameter)
    )
