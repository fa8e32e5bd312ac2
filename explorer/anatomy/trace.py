"""Record one forward pass: every operator, in which module it ran, and what it made of what.

The pass runs on the meta device: tensors have shapes and no numbers. The module's own parameters
and buffers stay where they are and are never written to or copied; operators only look at their
shapes. Frequent operators take their output shape from their entry in
`explorer.anatomy.operators`, all others from torch's own meta kernels.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from explorer.anatomy.inventory import Inventory
from explorer.anatomy.operators import (
    CONSTANT,
    NETWORK_INPUT,
    OperatorCall,
    Storage,
    TensorRef,
    lookup,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_META = torch.device("meta")
_is_alias = torch._C._is_alias_of  # type: ignore[attr-defined]

READ = (
    "Numbers read from the data are taken to be 1, comparisons false: masks are drawn 1 pixel big."
)
_READS = ("aten::item", "aten::_local_scalar_dense", "aten::is_nonzero", "aten::equal")


class Frame:
    """One call of a module: `number` counts the calls of the same module from 1."""

    __slots__ = ("children", "index", "kind", "number", "outputs", "path")

    def __init__(self, index: int, path: str, kind: str, number: int) -> None:
        """`children` is the number of modules called during this call."""
        self.index = index
        self.path = path
        self.kind = kind
        self.number = number
        self.children = 0
        self.outputs: list[TensorRef] = []

    @property
    def leaf(self) -> bool:
        """Whether no other module was called during this call."""
        return self.children == 0


class _Known:
    """What the tracer needs of an operator at every call, looked up once."""

    __slots__ = (
        "assumed", "assumes", "decomposes", "dtype", "func", "in_place", "like", "operator",
        "reads", "rule",
    )  # fmt: skip

    def __init__(self, func: Any) -> None:
        self.func = func
        schema = func._schema
        self.operator = lookup(func)
        self.in_place = schema.is_mutable and schema.name.endswith("_") and bool(schema.arguments)
        self.rule = self.operator.shape if self.operator and not self.in_place else None
        self.assumed = self.operator.assumed if self.operator else None
        self.assumes = self.operator.assumes if self.operator else ""
        self.dtype: torch.dtype | None = None
        if self.operator and self.operator.dtype:
            self.dtype = getattr(torch, self.operator.dtype)
        self.like = self.operator is not None and self.operator.like
        self.reads = schema.name in _READS
        self.decomposes = (
            self.operator is None and func.namespace == "aten" and func._can_decompose()
        )


_KNOWN: dict[int, _Known] = {}


def _known(func: Any) -> _Known:
    # Operators live as long as torch, so their id may stand for them (their hash is slow).
    known = _KNOWN[id(func)] = _Known(func)
    return known


class Tracer(TorchDispatchMode):
    """Records the operators that run inside it (see `recording`)."""

    def __init__(
        self,
        module: nn.Module,
        *,
        real: bool = False,
        rules: bool = True,
        assume: bool = False,
    ) -> None:
        """`real` runs operators on their data, `rules=False` asks torch for every shape.

        With `assume`, operators whose output depends on the data are answered on the meta device,
        and `assumptions` says how; without it they raise there.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        self.inventory = inventory = Inventory(module)
        self.real = real
        self.rules = rules
        self.assume = assume
        self.assumptions: dict[str, None] = {}
        self.calls: list[OperatorCall] = []
        self.frames: list[Frame] = []
        self.stack: list[Frame] = []
        self.failed_at = ""
        self._error: BaseException | None = None
        self._numbers: dict[str, int] = {}
        self._selecting = False
        # Tensors that were not made by a recorded operator are told by id, and kept alive.
        self._names = {id(each): name for name, each in inventory.parameters.items()}
        self._owned = self._names.keys() | {id(each) for each in inventory.buffers.values()}
        self._refs: dict[int, TensorRef] = {}
        self._twins: dict[int, Tensor] = {}
        self._keep: list[Tensor] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Wrapping the handler against torch.compile costs more than all the rest of it.
        return False

    def watch_input(self, tensor: Tensor) -> Tensor:
        """Mark a tensor as an input of the network."""
        storage = Storage(tensor.numel() * tensor.element_size(), NETWORK_INPUT)
        tensor._convzoo_ref = TensorRef(  # type: ignore[attr-defined]
            tuple(tensor.shape), NETWORK_INPUT, storage, self
        )
        return tensor

    # -- modules -------------------------------------------------------------------------

    def enter(self, path: str, kind: str) -> Frame:
        """Note that a module is called."""
        stack = self.stack
        if stack:
            stack[-1].children += 1
        number = self._numbers[path] = self._numbers.get(path, 0) + 1
        frame = Frame(len(self.frames), path, kind, number)
        stack.append(frame)
        self.frames.append(frame)
        return frame

    def leave(self, frame: Frame, output: Any) -> None:
        """Note that a module has returned."""
        self.stack.pop()
        tensors = [output] if type(output) is Tensor else list(tensors_in(output))
        if frame.children == 0 and (not self.calls or self.calls[-1].frame != frame.index):
            self._pass_through(frame, tensors)
        frame.outputs = [self.ref(each) for each in tensors]

    def abandon(self, frame: Frame, error: BaseException) -> None:
        """Note that a module raised; `failed_at` is the innermost that this exception left."""
        self.stack.pop()
        if error is not self._error:
            self._error = error
            self.failed_at = frame.path

    def _pass_through(self, frame: Frame, outputs: list[Tensor]) -> None:
        """Give a leaf module that ran no operator (Identity) a call, so that it is seen."""
        refs = [self.ref(each) for each in outputs]
        call = OperatorCall(len(self.calls), None, None, (), {}, refs, [], frame.index, False)
        self.calls.append(call)
        for number, (tensor, ref) in enumerate(zip(outputs, refs, strict=True)):
            self._mark(tensor, ref.shape, call, number, ref.storage)

    # -- tensors -------------------------------------------------------------------------

    def ref(self, tensor: Tensor) -> TensorRef:
        """What is remembered of a tensor."""
        ref: TensorRef | None = getattr(tensor, "_convzoo_ref", None)
        if ref is None or ref.trace is not self:
            ref = self._refs.get(id(tensor))
            if ref is None:
                ref = self._found(tensor)
        return ref

    def _found(self, tensor: Tensor) -> TensorRef:
        """Remember a tensor that no recorded operator made."""
        self._keep.append(tensor)
        storage = Storage(tensor.numel() * tensor.element_size(), CONSTANT)
        ref = self._refs[id(tensor)] = TensorRef(
            tuple(tensor.shape), CONSTANT, storage, self,
            parameter=self._names.get(id(tensor)), constant=True,
        )  # fmt: skip
        return ref

    def _mark(
        self, tensor: Tensor, shape: Any, call: OperatorCall, number: int, storage: Storage | None
    ) -> None:
        """Remember that a call made (or wrote to) a tensor; a new `storage` if none is given."""
        parameter = None
        if storage is None:
            storage = Storage(tensor.numel() * tensor.element_size(), call.index)
        constant, selected = True, self._selecting
        for each in call.inputs:
            if not each.constant:
                constant = False
            if each.selected:
                selected = True
            if each.parameter is not None and each.storage is storage:
                parameter = each.parameter
        ref = TensorRef(
            shape, call.index, storage, self, output=number, parameter=parameter,
            constant=constant, selected=selected,
        )  # fmt: skip
        call.outputs.append(ref)
        if id(tensor) in self._refs:
            self._refs[id(tensor)] = ref
        else:
            tensor._convzoo_ref = ref  # type: ignore[attr-defined]

    # -- operators -----------------------------------------------------------------------

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator and record it."""
        known = _KNOWN.get(id(func)) or _known(func)
        if known.decomposes:
            with self:
                out = func.decompose(*args, **(kwargs or {}))
            if out is not NotImplemented:
                return out
        out = self._run(known, args, kwargs or {})
        if not known.reads:
            self._record(known, args, kwargs, out)
        return out

    def _run(self, known: _Known, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.real:
            return known.func(*args, **kwargs)
        first = args[0] if args else None
        if type(first) is list and first:
            first = first[0]
        if not isinstance(first, Tensor) or not first.is_meta or known.reads:
            return self._run_mixed(known, args, kwargs)
        out = None
        if known.rule is not None and self.rules:
            out = self._by_rule(known, first, args, kwargs)
        elif known.in_place and self.rules:
            out = args[0]
        if out is None and known.assumed is not None and self.assume:
            out = self._by_assumption(known, first, args, kwargs)
        if out is None:
            out = known.func(*self._on_meta(args), **self._on_meta(kwargs))
        return out

    def _by_rule(self, known: _Known, first: Tensor, args: Any, kwargs: dict[str, Any]) -> Any:
        """Make the output an entry's shape rule tells; None where it leaves that to torch."""
        shape = known.rule(*args, **kwargs)  # type: ignore[misc]
        if shape is None:
            return None
        dtype = known.dtype or first.dtype
        if type(shape) is list:
            return self._several(shape, dtype)
        if known.like and not first.is_contiguous() and shape == first.shape:
            return _laid_out_like(first, dtype)
        return torch.empty(shape, dtype=dtype, device=_META)

    def _by_assumption(
        self, known: _Known, first: Tensor, args: Any, kwargs: dict[str, Any]
    ) -> Any:
        """Make the output as assumed of an operator whose output depends on the data."""
        shape = known.assumed(*args, **kwargs)  # type: ignore[misc]
        if shape is None:
            return None
        self.assumptions[known.assumes] = None
        self._selecting = True
        dtype = known.dtype or first.dtype
        if type(shape) is list:
            return self._several(shape, dtype)
        return torch.empty(shape, dtype=dtype, device=_META)

    @staticmethod
    def _several(shapes: list[Any], dtype: torch.dtype) -> tuple[Tensor, ...]:
        return tuple(torch.empty(shape, dtype=dtype, device=_META) for shape in shapes)

    def _run_mixed(self, known: _Known, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run an operator whose first argument is no meta tensor, or that reads a number.

        Constants that a forward pass makes for itself are computed for real, so that it may
        branch on them. The module's own tensors are not touched: their meta twins stand in.
        """
        tensors = [*tensors_in(args), *tensors_in(kwargs)]
        meta = any(each.is_meta for each in tensors)
        if known.reads:
            if meta and self.assume:
                self.assumptions[READ] = None
                return 0 if known.func._schema.name == "aten::is_nonzero" else 1
            return known.func(*args, **kwargs)
        if not meta and not any(id(each) in self._owned for each in tensors):
            return known.func(*args, **kwargs)
        if known.in_place and not args[0].is_meta:
            return args[0]  # the module's own, or about to hold what has no numbers
        return self._run(known, self._on_meta(args), self._on_meta(kwargs))

    def _on_meta(self, value: Any) -> Any:
        """Replace real tensors in an argument by meta twins, and devices by the meta device."""
        if isinstance(value, Tensor):
            return value if value.is_meta else self._twin(value)
        if isinstance(value, torch.device):
            return _META
        if isinstance(value, (list, tuple)) and value:
            return type(value)([self._on_meta(each) for each in value])
        if isinstance(value, dict) and value:
            return {key: self._on_meta(each) for key, each in value.items()}
        return value

    def _twin(self, tensor: Tensor) -> Tensor:
        twin = self._twins.get(id(tensor))
        if twin is None:
            # A view of an inference tensor cannot stand for a view of a tensor that is none.
            with torch.inference_mode(tensor.is_inference()):
                twin = self._twins[id(tensor)] = like_on_meta(tensor)
            self._keep.append(tensor)
        return twin

    def _record(self, known: _Known, args: tuple[Any, ...], kwargs: Any, out: Any) -> None:
        inputs: list[TensorRef] = []
        light = tuple([self._lightened(each, inputs) for each in args])
        light_kwargs = {k: self._lightened(v, inputs) for k, v in kwargs.items()} if kwargs else {}
        index = len(self.calls)
        call = OperatorCall(
            index, known.func, known.operator, light, light_kwargs, inputs, [],
            self.stack[-1].index if self.stack else -1, known.in_place,
        )  # fmt: skip
        self.calls.append(call)
        if known.in_place:
            storage = inputs[0].storage
            self._mark(args[0], inputs[0].shape, call, 0, storage)
        elif type(out) is Tensor:
            shared = None if known.rule else self._shared(out, args, inputs)
            self._mark(out, tuple(out.shape), call, 0, shared)
        else:
            for number, each in enumerate(tensors_in(out)):
                shared = self._shared(each, args, inputs)
                self._mark(each, tuple(each.shape), call, number, shared)
        self._selecting = False

    def _lightened(self, value: Any, inputs: list[TensorRef]) -> Any:
        """Replace the tensors in an argument by what is remembered of them."""
        if isinstance(value, Tensor):
            ref = self.ref(value)
            inputs.append(ref)
            return ref
        if type(value) is list and value and type(value[0]) is not int:
            return [self._lightened(each, inputs) for each in value]
        return value

    def _shared(
        self, out: Tensor, args: tuple[Any, ...], inputs: list[TensorRef]
    ) -> Storage | None:
        """The storage of the first argument, if the output is a view of it."""
        first = args[0] if args else None
        if not isinstance(first, Tensor):
            return None
        if out.is_meta:
            first = self._twins.get(id(first), first)
        return inputs[0].storage if _is_alias(out, first) else None


@contextmanager
def recording(tracer: Tracer) -> Iterator[None]:
    """Record what runs inside, on this thread; the modules are as before afterwards.

    Each module's `forward` is watched by an attribute of the instance, which costs a fraction of
    a forward hook. Calls from other threads pass through unrecorded.
    """
    shadowed = []
    try:
        for path, module in tracer.inventory.modules.items():
            before = module.__dict__.get("forward")
            module.__dict__["forward"] = _watched(tracer, path, module)
            shadowed.append((module, before))
        with torch.inference_mode(), tracer:
            yield
    finally:
        for module, before in shadowed:
            if before is None:
                module.__dict__.pop("forward", None)
            else:
                module.__dict__["forward"] = before


def _watched(tracer: Tracer, path: str, module: nn.Module) -> Callable[..., Any]:
    forward = module.forward
    kind = type(module).__name__
    thread = threading.get_ident()

    def watched(*args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() != thread:
            return forward(*args, **kwargs)
        frame = tracer.enter(path, kind)
        try:
            output = forward(*args, **kwargs)
        except BaseException as error:
            tracer.abandon(frame, error)
            raise
        tracer.leave(frame, output)
        return output

    return watched


def _laid_out_like(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    """A new tensor with the strides of a permuted one; contiguous if that one has repeats."""
    if 0 in tensor.stride() or not torch.ops.aten.is_non_overlapping_and_dense(tensor):
        return torch.empty(tensor.shape, dtype=dtype, device=_META)
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=dtype, device=_META)


def like_on_meta(tensor: Tensor) -> Tensor:
    """A tensor of the same shape, strides and type without numbers."""
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=_META)


def tensors_in(value: Any) -> Iterator[Tensor]:
    """All tensors in a nested structure, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from tensors_in(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from tensors_in(each)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from tensors_in(getattr(value, name))


def mapped(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Apply a function to every tensor in nested lists, tuples and dictionaries."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(mapped(each, change) for each in value))
    if isinstance(value, (list, tuple)):
        return type(value)(mapped(each, change) for each in value)
    if isinstance(value, dict):
        return {key: mapped(each, change) for key, each in value.items()}
    return value
