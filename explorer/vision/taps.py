"""Where to reach into a network for the output of any row of its anatomy.

Hooks on modules cannot do this: additions and concatenations belong to no module, a module used
three times has three rows, and an in-place ReLU overwrites what a hook has kept. So the calls of
torch's functions are counted instead. A pass on the meta device notes which call makes the output
of which row; a later pass, with numbers and perhaps gradients, reaches in at that call (see
`explorer.vision.instrumented`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.anatomy.execution import like_on_meta, tensors_in
from explorer.anatomy.following import field_after
from explorer.anatomy.forward import left_untouched
from explorer.anatomy.rows import Told
from explorer.anatomy.trace import Tracer, recording
from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.anatomy.fields import Field
    from explorer.anatomy.operators import OperatorCall, TensorRef
    from explorer.anatomy.records import Layer


class Place(NamedTuple):
    """A tensor in a forward pass: the number of the call that returns it, and which output."""

    call: int
    output: int


class Taps(NamedTuple):
    """Where each row's output is made (`places`) and its main operator runs (`principals`).

    `layers` are the rows themselves, `functions` how many calls a pass has. `fields` say of every
    row that sees the input which pixels each element of its output sees (`anatomy.sight.seen`).
    """

    layers: tuple[Layer, ...]
    places: dict[str, Place]
    principals: dict[str, int]
    functions: int
    fields: dict[str, Field]

    def place(self, name: str) -> Place:
        """Look up where a row's output is made. Raises BadRequest where there is no such row."""
        return self.places[self.layer(name).name]

    def layer(self, name: str) -> Layer:
        """Look up a row. The name of a block stands for the last row in it, which gives its output.

        Raises BadRequest where there is no such row.
        """
        reached = [each for each in self.layers if each.name in self.places]
        inside = [x for x in reached if name and f"{x.path}.".startswith(f"{name}.")]
        found = [each for each in reached if each.name == name] or inside[-1:]
        if not found:
            raise BadRequest(
                f"There is no layer {name[:60]!r} to look into; choose one of the anatomy's, "
                f"such as {next(iter(self.places))}."
            )
        return found[0]


class Counting(TorchFunctionMode):
    """Counts the calls of torch functions that give tensors, those inside others left out."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one function, and count it if it gives a tensor."""
        out = self.run(func, args, kwargs or {})
        if isinstance(out, Tensor):
            out = self.made(self.number, (out,))[0]
        elif type(out) in (tuple, list) and any(isinstance(each, Tensor) for each in out):
            out = type(out)(self.made(self.number, tuple(out)))
        else:
            return out
        self.number += 1
        return out

    def run(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run call `number`; a subclass may look at its arguments or run another function."""
        return func(*args, **kwargs)

    def made(self, number: int, outputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Note what a call made; what is returned goes on through the network."""
        return outputs


class _Mapping(Counting):
    """Notes which recorded operator's output each call of a function returned."""

    def __init__(self, tracer: Tracer) -> None:
        super().__init__()
        self._tracer = tracer
        self._places: dict[tuple[int, int], Place] = {}
        self._ends: list[int] = []

    def made(self, number: int, outputs: tuple[Any, ...]) -> tuple[Any, ...]:
        for position, tensor in enumerate(outputs):
            for each in tensors_in(tensor):
                ref = self._tracer.ref(each)
                self._places.setdefault((ref.node, ref.output), Place(number, position))
        self._ends.append(len(self._tracer.calls))
        return outputs

    def place(self, ref: TensorRef) -> Place | None:
        """Where a tensor is made; what a module merely passes on was made before it."""
        while ref.node >= 0 and (call := self._tracer.calls[ref.node]).func is None:
            ref = call.inputs[ref.output]
        return self._places.get((ref.node, ref.output)) if ref.node >= 0 else None

    def caller(self, call: OperatorCall) -> int:
        """The number of the function during which an operator ran."""
        return next(number for number, end in enumerate(self._ends) if call.index < end)


def find_taps(network: nn.Module, *inputs: Tensor) -> Taps:
    """Run a network once, without numbers, and say where each row's output is made.

    Only the shapes of the inputs matter. The network is left as it was.
    """
    with left_untouched(network):
        tracer = Tracer(network)
        watched = [tracer.watch_input(like_on_meta(each)) for each in inputs]
        mapping = _Mapping(tracer)
        with recording(tracer), mapping:
            network(*watched)
        told = Told(tracer)
        places = {name: mapping.place(ref) for name, ref in told.results.items()}
        principals = {
            name: mapping.caller(call)
            for name, call in told.principals.items()
            if call.func is not None and places[name] is not None
        }
        seen = {
            name: field_after(ref, max(ref.node, told.principals[name].index))
            for name, ref in told.results.items()
        }
        tracer.calls.clear()
    fields = {name: field for name, field in seen.items() if field is not None}
    found = {name: place for name, place in places.items() if place is not None}
    return Taps(told.layers, found, principals, mapping.number, fields)
