"""What the anatomy knows of each ATen operator: one operator, one entry.

An entry holds together how an operator's output shape, its cost and its receptive field follow
from the shapes of its inputs. Every rule is called with the operator's own arguments, in which
each tensor has at least a `.shape`: real tensors while the forward runs, `TensorRef` afterwards.

Convention of the costs, the field's own: multiply-adds are counted for convolutions, matrix
products, attention and bilinear forms. Normalisation, activations, pooling, element-wise
arithmetic and moving data count 0 (`macs=0`), said in their entries. An operator without an entry
is `not counted`, unless torch.utils.flop_counter has a formula (floating-point operations, halved).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Shape: TypeAlias = tuple[int, ...]
ShapeRule: TypeAlias = Callable[..., Any]
CostRule: TypeAlias = Callable[["OperatorCall"], "int | None"]
Saved: TypeAlias = Literal[
    "nothing", "input", "inputs", "output", "mask", "input and indices", "input or result"
]


class Storage:
    """A block of memory that one or more tensors look at."""

    __slots__ = ("born", "bytes")

    def __init__(self, nbytes: int, born: int) -> None:
        """`born` is the index of the call that allocated it, or NETWORK_INPUT or CONSTANT."""
        self.bytes = nbytes
        self.born = born


class TensorRef:
    """What a trace remembers of a tensor: its shape and where it came from.

    `node` is the index of the call that made it, or a negative number: NETWORK_INPUT for an
    input of the network, CONSTANT for a parameter, a buffer or any other tensor found lying
    about. `output` says which of the call's outputs it is. `parameter` is the name of the
    parameter it is, or is a view of. `constant` tensors do not depend on the network's input;
    how many elements `selected` ones have depends on the data. `field` is what its elements see
    of the input, once explorer.anatomy.following has said so; `rewritten` what they saw before
    each call that wrote into a view of the tensor.
    """

    __slots__ = (
        "constant", "field", "node", "output", "parameter", "rewritten", "selected", "shape",
        "storage", "trace",
    )  # fmt: skip

    def __init__(
        self,
        shape: Shape,
        node: int,
        storage: Storage,
        trace: list[OperatorCall],
        *,
        output: int = 0,
        parameter: str | None = None,
        constant: bool = False,
        selected: bool = False,
    ) -> None:
        """See the class for the meaning of the fields; `trace` is the list of its trace's calls.

        Not the tracer: in a circle with it, a whole network would wait for the collector.
        """
        self.shape = shape
        self.node = node
        self.storage = storage
        self.trace = trace
        self.output = output
        self.parameter = parameter
        self.constant = constant
        self.selected = selected
        self.field: Any = None
        self.rewritten: list[tuple[int, Any]] | None = None

    @property
    def numel(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    def __repr__(self) -> str:
        return f"TensorRef({self.shape}, node={self.node}, parameter={self.parameter})"


NETWORK_INPUT = -1
CONSTANT = -2


class OperatorCall:
    """One operator as it ran: its arguments with every tensor replaced by a TensorRef.

    `name` is the full name ("aten.conv2d.default"), `operator` its entry or None, `inputs` all
    tensors among the arguments in order, `outputs` what it returned, `frame` the module call it
    ran in, `in_place` whether it wrote into its first argument.
    """

    __slots__ = (
        "args", "frame", "func", "in_place", "index", "inputs", "kwargs", "operator", "outputs",
    )  # fmt: skip

    def __init__(
        self,
        index: int,
        func: Any,
        operator: Operator | None,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: list[TensorRef],
        outputs: list[TensorRef],
        frame: int,
        in_place: bool,
    ) -> None:
        """See the class for the meaning of the fields."""
        self.index = index
        self.func = func
        self.operator = operator
        self.args = args
        self.kwargs = kwargs
        self.inputs = inputs
        self.outputs = outputs
        self.frame = frame
        self.in_place = in_place

    @property
    def name(self) -> str:
        """Full name, such as "aten.conv2d.default"; "identity" where no operator ran."""
        return str(self.func) if self.func is not None else "identity"

    @property
    def plain(self) -> str:
        """Name without the overload, such as "aten.conv2d" or "aten.relu_"."""
        return _names(self.func)[0]

    @property
    def short(self) -> str:
        """The operator's plain name, such as "conv2d" or "add" (also for `add_`)."""
        return _names(self.func)[1]

    def argument(self, position: int, keyword: str, default: Any = None) -> Any:
        """The argument at a position or of a name; arguments left out take `default`."""
        if position < len(self.args):
            return self.args[position]
        return self.kwargs.get(keyword, default)

    @property
    def output(self) -> TensorRef:
        """The first output."""
        return self.outputs[0]


@dataclass(frozen=True, slots=True)
class Operator:
    """An entry: what is known of one ATen operator.

    `shape` gives the output's shape from the arguments (a list for several outputs, None to let
    torch decide, as does leaving it out). `macs` is 0, or a function of the call. `field` gives
    the receptive field of the outputs (see explorer.anatomy.fields); without it, `unknown`.
    `saved` is what autograd keeps for the backward pass: of several `inputs` those that
    another's gradient needs, `input or result` the result where it overwrites the input.
    `row`: whether it becomes a row of its own when no leaf module ran it; operators that only
    move a view fold away.
    `weighted`: a layer with weights, when one of its arguments is a parameter. `dtype` is the
    output's type where it is not the first argument's; an output `like` its first argument has
    its layout in memory too, where their shapes agree. `assumed` gives
    the shape where it really depends on the data, under what the sentence `assumes` says;
    `regions` marks pooling of proposals.
    """

    shape: ShapeRule | None = None
    macs: CostRule | int | None = 0
    field: Callable[..., Any] | None = None
    saved: Saved = "nothing"
    row: bool = True
    weighted: bool = False
    dtype: str = ""
    like: bool = False
    assumed: ShapeRule | None = None
    assumes: str = ""
    regions: bool = False


_ENTRIES: dict[str, Operator] = {}


def register(*names: str, **facts: Any) -> Operator:
    """Enter operators of one behaviour, by their names without the library ("conv2d").

    A name covers all overloads and the in-place variant; a name with an overload
    ("conv2d.padding") stands above it. Other libraries than aten are named ("torchvision::nms").
    """
    entry = Operator(**facts)
    for name in names:
        key = name if "::" in name else f"aten::{name}"
        if key in _ENTRIES:
            raise ValueError(f"{key} is registered twice")
        _ENTRIES[key] = entry
    return entry


def lookup(func: Any) -> Operator | None:
    """Find the entry of an operator, if it has one."""
    schema = func._schema
    full = f"{schema.name}.{schema.overload_name or 'default'}"
    entry = _ENTRIES.get(full) or _ENTRIES.get(schema.name)
    if entry is None and schema.name.endswith("_"):
        entry = _ENTRIES.get(schema.name[:-1])
    return entry


def _names(func: Any) -> tuple[str, str]:
    """Plain and short name of an operator; operators live as long as torch, so by their id."""
    names = _NAMES.get(id(func))
    if names is None:
        library, _, name = (func._schema.name if func is not None else "identity").rpartition("::")
        names = _NAMES[id(func)] = (f"{library}.{name}" if library else name, name.strip("_"))
    return names


_NAMES: dict[int, tuple[str, str]] = {}


def entries() -> dict[str, Operator]:
    """All entries by name, for tests and documentation."""
    return dict(_ENTRIES)
