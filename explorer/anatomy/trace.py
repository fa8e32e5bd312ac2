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

from explorer.anatomy.execution import KNOWN, Execution, Known, known_as, tensors_in
from explorer.anatomy.inventory import Inventory
from explorer.anatomy.operators import (
    CONSTANT,
    NETWORK_INPUT,
    OperatorCall,
    Storage,
    TensorRef,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_is_alias = torch._C._is_alias_of  # type: ignore[attr-defined]


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
        self.calls: list[OperatorCall] = []
        self.frames: list[Frame] = []
        self.stack: list[Frame] = []
        self.failed_at = ""
        self._error: BaseException | None = None
        self._numbers: dict[str, int] = {}
        # Tensors that were not made by a recorded operator are told by id, and kept alive.
        self._names = {id(each): name for name, each in inventory.parameters.items()}
        owned = self._names.keys() | {id(each) for each in inventory.buffers.values()}
        self.execution = Execution(owned, real=real, rules=rules, assume=assume)
        self._refs: dict[int, TensorRef] = {}
        self._keep: list[Tensor] = []

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What was assumed of the data, in sentences."""
        return tuple(self.execution.assumptions)

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Wrapping the handler against torch.compile costs more than all the rest of it.
        return False

    def watch_input(self, tensor: Tensor) -> Tensor:
        """Mark a tensor as an input of the network."""
        storage = Storage(tensor.numel() * tensor.element_size(), NETWORK_INPUT)
        tensor._convzoo_ref = TensorRef(  # type: ignore[attr-defined]
            tuple(tensor.shape), NETWORK_INPUT, storage, self.calls
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
        if ref is None or ref.trace is not self.calls:
            ref = self._refs.get(id(tensor))
            if ref is None:
                ref = self._found(tensor)
        return ref

    def _found(self, tensor: Tensor) -> TensorRef:
        """Remember a tensor that no recorded operator made."""
        self._keep.append(tensor)
        storage = Storage(tensor.numel() * tensor.element_size(), CONSTANT)
        ref = self._refs[id(tensor)] = TensorRef(
            tuple(tensor.shape), CONSTANT, storage, self.calls,
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
        constant, selected = True, self.execution.selecting
        for each in call.inputs:
            if not each.constant:
                constant = False
            if each.selected:
                selected = True
            if each.parameter is not None and each.storage is storage:
                parameter = each.parameter
        ref = TensorRef(
            shape, call.index, storage, self.calls, output=number, parameter=parameter,
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
        known = KNOWN.get(id(func)) or known_as(func)
        if known.decomposes:
            with self:
                out = func.decompose(*args, **(kwargs or {}))
            if out is not NotImplemented:
                return out
        out = self.execution.run(known, args, kwargs or {})
        if not known.reads:
            self._record(known, args, kwargs, out)
        return out

    def _record(self, known: Known, args: tuple[Any, ...], kwargs: Any, out: Any) -> None:
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
        self.execution.selecting = False

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
            first = self.execution.twins.get(id(first), first)
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
