"""Record one forward pass: every operator, in which module it ran, and what it made of what.

The pass runs on the meta device: tensors have shapes and no numbers. The module's own parameters
and buffers stay where they are and are never written to or copied; operators only look at their
shapes. Frequent operators take their output shape from their entry in
`explorer.anatomy.operators`, all others from torch's own meta kernels.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)
from torch.utils._python_dispatch import TorchDispatchMode

from explorer.anatomy.operators import (
    CONSTANT,
    NETWORK_INPUT,
    Operator,
    OperatorCall,
    Storage,
    TensorRef,
    lookup,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_META = torch.device("meta")
_REF = "_convzoo_ref"

# Reading a number out of a tensor works on real tensors only.
READ = (
    "Numbers read from the data are taken to be 1, comparisons false: masks are drawn 1 pixel big."
)
_READS = ("aten::item", "aten::_local_scalar_dense", "aten::is_nonzero", "aten::equal")


class Frame:
    """One call of a module: `number` counts the calls of the same module from 1."""

    __slots__ = ("children", "index", "inputs", "kind", "number", "outputs", "parent", "path")

    def __init__(self, index: int, path: str, kind: str, number: int, parent: int) -> None:
        """`parent` is the index of the frame it was called from, -1 for none."""
        self.index = index
        self.path = path
        self.kind = kind
        self.number = number
        self.parent = parent
        self.children = 0
        self.outputs: list[TensorRef] = []

    @property
    def leaf(self) -> bool:
        """Whether no other module was called during this call."""
        return self.children == 0


class _Known:
    """What the tracer needs of an operator at every call, looked up once."""

    __slots__ = ("assumes", "decomposes", "dtype", "func", "in_place", "operator", "reads", "rule")

    def __init__(self, func: Any) -> None:
        self.func = func
        schema = func._schema
        self.operator = lookup(func)
        self.in_place = schema.is_mutable and schema.name.endswith("_") and bool(schema.arguments)
        self.rule = self.operator.shape if self.operator and not self.in_place else None
        self.assumes = self.operator.assumes if self.operator else ""
        self.dtype = (
            getattr(torch, self.operator.dtype) if self.rule and self.operator.dtype else None
        )
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
    """Records the operators that run inside it (see `record`)."""

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
        super().__init__()
        self.real = real
        self.rules = rules
        self.assume = assume
        self.assumptions: dict[str, None] = {}
        self._selecting = False
        self.calls: list[OperatorCall] = []
        self.frames: list[Frame] = []
        self.stack: list[int] = []
        self.paths: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._keep: list[Tensor] = []
        self._refs: dict[int, TensorRef] = {}
        self._twins: dict[int, Tensor] = {}
        self._thread = threading.get_ident()
        for path, each in module.named_modules():
            self.paths[id(each)] = path
        for name, tensor in module.named_parameters():
            self._own(tensor, name)
        for _, tensor in module.named_buffers():
            self._own(tensor, None)

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Wrapping the handler against torch.compile costs more than all the rest of it.
        return False

    def _own(self, tensor: Tensor, parameter: str | None) -> None:
        storage = Storage(tensor.numel() * tensor.element_size(), CONSTANT)
        self._refs[id(tensor)] = TensorRef(
            tuple(tensor.shape), CONSTANT, storage, self, parameter=parameter, constant=True
        )
        self._keep.append(tensor)

    def watch_input(self, tensor: Tensor) -> Tensor:
        """Mark a tensor as an input of the network."""
        storage = Storage(tensor.numel() * tensor.element_size(), NETWORK_INPUT)
        ref = TensorRef(tuple(tensor.shape), NETWORK_INPUT, storage, self)
        setattr(tensor, _REF, ref)
        return tensor

    # -- modules -------------------------------------------------------------------------

    def enter(self, module: nn.Module, args: Any) -> None:
        """Note that a module is called (a global forward hook)."""
        path = self.paths.get(id(module))
        if path is None or threading.get_ident() != self._thread:
            return
        parent = self.stack[-1] if self.stack else -1
        if parent >= 0:
            self.frames[parent].children += 1
        number = self._numbers[path] = self._numbers.get(path, 0) + 1
        self.stack.append(len(self.frames))
        self.frames.append(Frame(len(self.frames), path, type(module).__name__, number, parent))

    def leave(self, module: nn.Module, args: Any, output: Any) -> None:
        """Note that a module has returned (a global forward hook)."""
        path = self.paths.get(id(module))
        if path is None or threading.get_ident() != self._thread:
            return
        frame = self.frames[self.stack.pop()]
        while frame.path != path:  # a forward between raised, and its caller went on
            frame = self.frames[self.stack.pop()]
        tensors = [output] if type(output) is Tensor else list(_tensors(output))
        if frame.children == 0 and (not self.calls or self.calls[-1].frame != frame.index):
            self._pass_through(frame, tensors)
        frame.outputs = [self.ref(each) for each in tensors]

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
        ref = getattr(tensor, _REF, None)
        if ref is not None and ref.trace is self:
            return cast(TensorRef, ref)
        ref = self._refs.get(id(tensor))
        if ref is None:
            self._own(tensor, None)
            ref = self._refs[id(tensor)]
        return ref

    def _mark(
        self, tensor: Tensor, shape: Any, call: OperatorCall, number: int, storage: Storage | None
    ) -> None:
        """Remember that a call made (or wrote to) a tensor."""
        if storage is None:
            storage = Storage(tensor.numel() * tensor.element_size(), call.index)
        parameter = None
        constant = True
        selected = self._selecting
        for each in call.inputs:
            selected |= each.selected
            if not each.constant:
                constant = False
            if each.parameter is not None and each.storage is storage:
                parameter = each.parameter
        ref = TensorRef(
            shape, call.index, storage, self,
            output=number, parameter=parameter, constant=constant,
            selected=selected,
        )  # fmt: skip
        call.outputs.append(ref)
        if id(tensor) in self._refs:
            self._refs[id(tensor)] = ref
        else:
            setattr(tensor, _REF, ref)

    # -- operators -----------------------------------------------------------------------

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator and record it."""
        kwargs = kwargs or {}
        known = _KNOWN.get(id(func)) or _known(func)
        if known.decomposes:
            with self:
                out = func.decompose(*args, **kwargs)
            if out is not NotImplemented:
                return out
        out = self._run(known, args, kwargs)
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
        if known.in_place and self.rules:
            return args[0]
        if known.rule is not None and (self.rules or known.assumes):
            out = self._by_rule(known, args, kwargs, first.dtype)
            if out is not None:
                return out
        return self._ask_torch(known, args, kwargs)

    def _by_rule(
        self, known: _Known, args: tuple[Any, ...], kwargs: dict[str, Any], dtype: torch.dtype
    ) -> Any:
        """Make the output an operator's own rule tells; None where it leaves that to torch."""
        if known.assumes and not self.assume:
            return None
        assert known.rule is not None
        shape = known.rule(*args, **kwargs)
        if shape is None:
            return None
        if known.assumes:
            self.assumptions[known.assumes] = None
            self._selecting = True
        if type(shape) is list:
            return tuple(
                torch.empty(each, dtype=known.dtype or dtype, device=_META) for each in shape
            )
        return torch.empty(shape, dtype=known.dtype or dtype, device=_META)

    def _run_mixed(self, known: _Known, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run an operator whose first argument is no meta tensor, or that reads a number.

        Constants that a forward pass makes for itself are computed for real, so that it may
        branch on them. The module's own tensors are not touched: their meta twins stand in.
        """
        tensors = [*_tensors(args), *_tensors(list(kwargs.values()))]
        meta = any(each.is_meta for each in tensors)
        if known.reads:
            if meta and self.assume:
                self.assumptions[READ] = None
                return 1 if known.func._schema.name != "aten::is_nonzero" else False
            return known.func(*args, **kwargs)
        if not meta and not any(self._owns(each) for each in tensors):
            return known.func(*args, **kwargs)
        if known.in_place and not args[0].is_meta:
            return args[0]  # the module's own, or about to hold what has no numbers
        args, kwargs = self._on_meta(args), self._on_meta(kwargs)
        return self._run(known, args, kwargs)

    def _owns(self, tensor: Tensor) -> bool:
        ref = self._refs.get(id(tensor))
        return ref is not None and ref.node == CONSTANT

    def _ask_torch(self, known: _Known, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Let torch decide the shape, on meta twins of everything that is not meta yet."""
        return known.func(*self._on_meta(args), **self._on_meta(kwargs))

    def _on_meta(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return value if value.is_meta else self._twin(value)
        if isinstance(value, torch.device):
            return _META
        if isinstance(value, (list, tuple)):
            return type(value)(self._on_meta(each) for each in value)
        if isinstance(value, dict):
            return {key: self._on_meta(each) for key, each in value.items()}
        return value

    def _twin(self, tensor: Tensor) -> Tensor:
        twin = self._twins.get(id(tensor))
        if twin is None:
            twin = torch.empty_strided(
                tensor.shape, tensor.stride(), dtype=tensor.dtype, device=_META
            )
            self._twins[id(tensor)] = twin
            self._keep.append(tensor)
        return twin

    def _record(
        self, known: _Known, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any
    ) -> None:
        inputs: list[TensorRef] = []
        light = tuple([self._lightened(each, inputs) for each in args])
        light_kwargs = {k: self._lightened(v, inputs) for k, v in kwargs.items()}
        call = OperatorCall(
            len(self.calls), known.func, known.operator, light, light_kwargs, inputs, [],
            self.stack[-1] if self.stack else -1, known.in_place,
        )  # fmt: skip
        self.calls.append(call)
        if known.in_place:
            storage = inputs[0].storage
            storage.writer = call.index
            self._mark(args[0], inputs[0].shape, call, 0, storage)
        elif type(out) is Tensor:
            storage_of = None if known.rule else self._shared(out, args, inputs)
            self._mark(out, tuple(out.shape), call, 0, storage_of)
        else:
            for number, each in enumerate(_tensors(out)):
                self._mark(each, tuple(each.shape), call, number, self._shared(each, args, inputs))

        self._selecting = False

    def _lightened(self, value: Any, inputs: list[TensorRef]) -> Any:
        """Replace the tensors in an argument by what is remembered of them."""
        if isinstance(value, Tensor):
            ref = self.ref(value)
            inputs.append(ref)
            return ref
        if type(value) is list and value and not isinstance(value[0], (int, float)):
            return [self._lightened(each, inputs) for each in value]
        return value

    def _shared(
        self, out: Tensor, args: tuple[Any, ...], inputs: list[TensorRef]
    ) -> Storage | None:
        """The storage of the first argument, if the output is a view of it."""
        first = args[0] if args else None
        if not isinstance(first, Tensor):
            return None
        source = self._twins.get(id(first), first) if out.is_meta else first
        return inputs[0].storage if torch._C._is_alias_of(out, source) else None


def _tensors(value: Any) -> Iterator[Tensor]:
    """All tensors in a nested structure, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _tensors(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _tensors(each)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _tensors(getattr(value, name))


@contextmanager
def recording(tracer: Tracer) -> Iterator[None]:
    """Record what runs inside, on this thread; hooks are gone afterwards whatever happens."""
    before = register_module_forward_pre_hook(tracer.enter)
    after = register_module_forward_hook(tracer.leave)
    try:
        with torch.inference_mode(), tracer:
            yield
    finally:
        before.remove()
        after.remove()


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


__all__ = ["Frame", "Operator", "Tracer", "mapped", "recording"]
