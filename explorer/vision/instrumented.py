"""A network whose rows can be read, hooked and replaced during a pass, and which keeps no trace.

Non-linearities and chosen rows pass through modules of their own, one for each call, as captum's
methods require: an in-place ReLU becomes a plain one for the pass, a module used three times
becomes three, and functional calls become modules. The network itself gets no hook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.errors import BadRequest
from explorer.vision.taps import Counting, Taps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


class Probe(nn.Module):
    """Stands where a row's output passes, to be hooked."""

    def forward(self, x: Tensor) -> Tensor:
        """Pass the row's output on."""
        return x


class _Reaching(Counting):
    """One pass: rows pass through probes, and non-linearities through their stand-ins."""

    def __init__(self, probes: Mapping[int, dict[int, nn.Module]], stand_ins: Mapping[int, Any]):
        super().__init__()
        self._probes = probes
        self._stand_ins = stand_ins

    def run(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        stand_in = self._stand_ins.get(self.number)
        if stand_in is None or func not in STAND_INS:
            return func(*args, **kwargs)
        return stand_in(args[0] if args else kwargs["input"])

    def made(self, number: int, outputs: tuple[Any, ...]) -> tuple[Any, ...]:
        probes = self._probes.get(number)
        if probes is None:
            return outputs
        # What goes on is a copy: an in-place operation behind the row must not reach the probe's.
        return tuple(
            probes[position](each).clone() if position in probes else each
            for position, each in enumerate(outputs)
        )


class _Finding(Counting):
    """Makes the stand-ins: one module for each call of a non-linearity."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[int, nn.Module] = {}

    def run(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        make = STAND_INS.get(func)
        if make is not None:
            self.found[self.number] = make(*args, **kwargs)
        return func(*args, **kwargs)


class Instrumented(nn.Module):
    """A network with probes at rows and, if asked, a module of its own for each non-linearity."""

    def __init__(
        self,
        network: nn.Module,
        taps: Taps,
        probed: Sequence[str] = (),
        *,
        stand_ins: bool = False,
        example: Tensor | None = None,
    ) -> None:
        """`probed` are names of rows; `stand_ins` needs an `example` of the input.

        Raises BadRequest for a row that there is not.
        """
        super().__init__()
        # In a tuple, so that captum's walk over the modules sees only ours.
        self._network = (network,)
        self.probes = nn.ModuleList(Probe() for _ in probed)
        self._at: dict[int, dict[int, nn.Module]] = {}
        for name, probe in zip(probed, self.probes, strict=True):
            place = taps.place(name)
            # Two rows may share a tensor (a row that passes it on): then so do their probes.
            at = self._at.setdefault(place.call, {})
            at[place.output] = (
                nn.Sequential(at[place.output], probe) if place.output in at else probe
            )
        found = _stand_ins(network, example) if stand_ins and example is not None else {}
        self.stand_ins = nn.ModuleDict({str(number): each for number, each in found.items()})
        self._stand_ins = found
        self.eval()

    def forward(self, *inputs: Tensor) -> Tensor:
        """Run the network, its rows passing through the probes."""
        with _Reaching(self._at, self._stand_ins):
            output: Tensor = self._network[0](*inputs)
        return output


def _stand_ins(network: nn.Module, example: Tensor) -> dict[int, nn.Module]:
    finding = _Finding()
    with torch.inference_mode(), finding:
        network(example)
    return finding.found


def captured(
    network: nn.Module, taps: Taps, layers: Iterable[str], *inputs: Tensor
) -> tuple[dict[str, Tensor], Tensor]:
    """Run a network and return the outputs of the rows named, and its own output.

    Works with gradients and without, as the caller has set them. What is returned of a row is its
    own tensor: nothing the network does later overwrites it.
    """
    names = tuple(dict.fromkeys(layers))
    kept: dict[str, Tensor] = {}
    instrumented = Instrumented(network, taps, names)
    for name, probe in zip(names, instrumented.probes, strict=True):
        probe.register_forward_hook(_keeper(kept, name))
    output = instrumented(*inputs)
    return kept, output


def _keeper(kept: dict[str, Tensor], name: str) -> Callable[..., None]:
    def keep(module: nn.Module, args: Any, output: Tensor) -> None:
        kept[name] = output

    return keep


class _Arguments(Counting):
    """Keeps what one call of a function was given."""

    def __init__(self, wanted: int) -> None:
        super().__init__()
        self._wanted = wanted
        self.found: tuple[Any, tuple[Any, ...], dict[str, Any]] | None = None

    def run(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        # A function that gives no tensor (`x.shape`) has the number of the next that does.
        if self.number == self._wanted:
            self.found = (func, _copied(args), {k: _copied(v) for k, v in kwargs.items()})
        return func(*args, **kwargs)


def arguments_of(
    network: nn.Module, taps: Taps, layer: str, *inputs: Tensor
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """Run a network and return the function behind a row with the arguments it was called with.

    Raises BadRequest for a row that there is not, or one that only passes its input on.
    """
    taps.place(layer)
    number = taps.principals.get(layer)
    if number is None:
        raise BadRequest(f"{layer} computes nothing: it passes its input on.")
    watching = _Arguments(number)
    with torch.inference_mode(), watching:
        network(*inputs)
    assert watching.found is not None
    return watching.found


def _copied(value: Any) -> Any:
    """Copy tensors that a later in-place operation could overwrite; weights are not copied."""
    if isinstance(value, nn.Parameter) or not isinstance(value, (Tensor, tuple, list)):
        return value
    if isinstance(value, Tensor):
        return value.clone()
    return type(value)(_copied(each) for each in value)


def _max_pool(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> nn.Module:
    return nn.MaxPool2d(kernel_size, stride, padding, dilation, return_indices, ceil_mode)


def _softmax(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: Any = None,
) -> nn.Module:
    return nn.Softmax(dim)


STAND_INS: dict[Any, Callable[..., nn.Module]] = {
    **dict.fromkeys(
        (F.relu, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_), lambda *_, **__: nn.ReLU()
    ),
    **dict.fromkeys((torch.sigmoid, Tensor.sigmoid), lambda *_, **__: nn.Sigmoid()),
    **dict.fromkeys((torch.tanh, Tensor.tanh), lambda *_, **__: nn.Tanh()),
    F.max_pool2d: _max_pool,
    F.softmax: _softmax,
}
"""The modules that stand in for functions, wherever captum has a rule for them."""
