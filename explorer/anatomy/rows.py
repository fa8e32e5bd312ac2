"""Tell a recorded forward pass as rows: which operators form a layer, and what each one costs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from torch.utils.flop_counter import flop_registry

from explorer.anatomy.extents import receptive_field
from explorer.anatomy.following import follow
from explorer.anatomy.operators import NETWORK_INPUT, OperatorCall, Storage, TensorRef
from explorer.anatomy.records import (
    Layer,
    NotCounted,
    Operation,
    Parameter,
)
from explorer.anatomy.settings import settings_of, window_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from explorer.anatomy.trace import Frame, Tracer


def macs_of(call: OperatorCall) -> int | None:
    """Multiply-adds of a call by its entry, else by torch's own formula, else None."""
    if call.func is None:
        return 0
    if call.operator is not None:
        cost = call.operator.macs
        return cost(call) if callable(cost) else cost
    formula = flop_registry.get(call.func._overloadpacket)
    if formula is None:
        return None
    shapes = [_shaped(each) for each in call.args]
    flops: int = formula(*shapes, out_val=call.output.shape)
    return flops // 2


def _shaped(value: Any) -> Any:
    if isinstance(value, TensorRef):
        return value.shape
    if isinstance(value, list):
        return [_shaped(each) for each in value]
    return value


class _Row:
    """A row while its operators are being gathered."""

    __slots__ = ("allocated", "calls", "frame", "macs", "name", "parameters", "path", "saved")

    def __init__(self, name: str, path: str, frame: Frame | None) -> None:
        """`frame` is the leaf module's call, or None for a functional operation."""
        self.name = name
        self.path = path
        self.frame = frame
        self.calls: list[OperatorCall] = []
        self.macs: list[int | None] = []
        self.parameters: list[Parameter] = []
        self.saved = 0


class Told:
    """The rows of a trace, with what can be said of all of them together."""

    def __init__(self, tracer: Tracer, network: nn.Module) -> None:
        """Gathers the rows; `layers`, `not_counted` and `depth` are the results."""
        self._tracer = tracer
        self._rows: list[_Row] = []
        self._of_frame: dict[int, int] = {}
        self._names: dict[str, int] = defaultdict(int)
        # For every call, the rows its result comes from, and the layers with weights before it.
        self._reached: list[tuple[int, ...]] = []
        self._depths: list[int] = []
        self._row_at: list[int] = []
        self._sources: list[dict[int, None]] = []
        self._counted: dict[str, str] = {}
        self._sizes = {
            name: (tuple(each.shape), each.numel(), each.requires_grad)
            for name, each in network.named_parameters()
        }
        for call in tracer.calls:
            self._take(call)
        self._save()
        inputs = [ref for call in tracer.calls for ref in call.inputs if ref.node == NETWORK_INPUT]
        self._spatial = follow(tracer.calls, dict.fromkeys(inputs))
        self._left_over(network)
        self.layers = tuple(self._layer(index, row) for index, row in enumerate(self._rows))
        self.not_counted = self._uncounted()
        self.depth = max(self._depths, default=0)

    def row_of(self, call: int) -> int:
        """The row a call belongs to, or the last one before it."""
        if not self._row_at:
            return 0
        return max(self._row_at[: max(call, 0) + 1])

    # -- gathering -----------------------------------------------------------------------

    def _take(self, call: OperatorCall) -> None:
        reached: dict[int, None] = {}
        deepest = 0
        for ref in call.inputs:
            if ref.node == NETWORK_INPUT:
                reached[NETWORK_INPUT] = None
            elif ref.node >= 0:
                for row in self._reached[ref.node]:
                    reached[row] = None
                deepest = max(deepest, self._depths[ref.node])
        self._depths.append(deepest + _has_weights(call))
        macs = macs_of(call)
        index = self._row_for(call, macs)
        self._row_at.append(-1 if index is None else index)
        if index is None:
            self._reached.append(tuple(reached))
            return
        self._reached.append((index,))
        row = self._rows[index]
        row.calls.append(call)
        row.macs.append(macs)
        sources = self._sources[index]
        for each in reached:
            if each != index:
                sources[each] = None
        for ref in call.inputs:
            if ref.parameter is not None:
                self._attribute(ref.parameter, row)

    def _row_for(self, call: OperatorCall, macs: int | None) -> int | None:
        """The row of a call: its leaf module's, one of its own, or none (it folds away)."""
        frame = self._tracer.frames[call.frame] if call.frame >= 0 else None
        if frame is not None and frame.leaf:
            index = self._of_frame.get(frame.index)
            if index is None:
                index = self._open(frame.path or frame.kind, frame.path, frame)
                self._of_frame[frame.index] = index
            return index
        if not macs and _folds(call):
            return None
        path = frame.path if frame is not None else ""
        name = f"{path}.{call.short}" if path else call.short
        return self._open(name, path, None)

    def _open(self, name: str, path: str, frame: Frame | None) -> int:
        self._names[name] += 1
        times = self._names[name]
        self._rows.append(_Row(name if times == 1 else f"{name}#{times}", path, frame))
        self._sources.append({})
        return len(self._rows) - 1

    def _attribute(self, name: str, row: _Row) -> None:
        """Count a parameter in the row that uses it first; later rows only mention it."""
        local = name.removeprefix(f"{row.path}.") if row.path else name
        if any(each.name == local for each in row.parameters):
            return
        first = self._counted.setdefault(name, row.name)
        shape, count, trainable = self._sizes[name]
        shared = None if first == row.name else first
        row.parameters.append(Parameter(local, shape, count, trainable, shared))

    def _left_over(self, network: nn.Module) -> None:
        """Give every parameter no operator used a row, so that the rows add up."""
        by_path = {row.path: row for row in reversed(self._rows) if row.frame is not None}
        for name in self._sizes:
            if name in self._counted:
                continue
            path = name.rpartition(".")[0]
            if path not in by_path:
                index = self._open(path or type(network).__name__, path, None)
                by_path[path] = self._rows[index]
            self._attribute(name, by_path[path])
        self._kinds = {path: type(each).__name__ for path, each in network.named_modules()}

    def _save(self) -> None:
        """Give each block of memory the backward pass needs to the row that allocated it."""
        seen: set[Storage] = set()
        for call, at in zip(self._tracer.calls, self._row_at, strict=True):
            for storage in _kept(call):
                if storage in seen:
                    continue
                seen.add(storage)
                owner = self._row_at[storage.born] if storage.born >= 0 else at
                if owner < 0:
                    owner = at if at >= 0 else 0
                self._rows[owner].saved += storage.bytes
            if at >= 0:
                self._rows[at].saved += _extra_bytes(call)

    # -- telling -------------------------------------------------------------------------

    def _layer(self, index: int, row: _Row) -> Layer:
        if not row.calls:
            return self._not_run(index, row)
        principal = _principal(row)
        window = window_of(principal)
        outputs = row.frame.outputs if row.frame and row.frame.outputs else row.calls[-1].outputs
        inside = {call.index for call in row.calls}
        inputs = {
            id(ref): tuple(ref.shape)
            for call in row.calls
            for ref in call.inputs
            if not ref.constant and ref.node not in inside
        }
        own = [each for each in row.parameters if each.shared_with is None]
        macs = None if None in row.macs else sum(each or 0 for each in row.macs)
        allocated = {ref.storage for ref in outputs if ref.storage.born in inside}
        return Layer(
            index=index,
            name=row.name,
            path=row.path,
            kind=row.frame.kind if row.frame else principal.short,
            op=_plain(principal),
            settings=settings_of(principal, window),
            window=window,
            inputs=tuple(inputs.values()),
            output=tuple(outputs[0].shape) if outputs else (),
            sources=tuple(sorted(self._sources[index])),
            parameters=tuple(row.parameters),
            params=sum(each.count for each in own),
            trainable_params=sum(each.count for each in own if each.trainable),
            macs=macs,
            activation_bytes=sum(each.bytes for each in allocated),
            saved_bytes=row.saved,
            receptive_field=receptive_field(outputs[0].field if outputs else None, self._spatial),
            operations=tuple(
                Operation(_plain(call), tuple(call.outputs[0].shape) if call.outputs else (), cost)
                for call, cost in zip(row.calls, row.macs, strict=True)
            ),
            extra_outputs=tuple(tuple(ref.shape) for ref in outputs[1:]),
        )

    def _not_run(self, index: int, row: _Row) -> Layer:
        own = [each for each in row.parameters if each.shared_with is None]
        return Layer(
            index=index, name=row.name, path=row.path,
            kind=self._kinds.get(row.path, ""), op="", settings=(), window=None, inputs=(),
            output=(), sources=(), parameters=tuple(row.parameters),
            params=sum(each.count for each in own),
            trainable_params=sum(each.count for each in own if each.trainable),
            macs=0, activation_bytes=0, saved_bytes=0,
            receptive_field=receptive_field(None, self._spatial),
            operations=(), ran=False, note="The forward pass did not use it.",
        )  # fmt: skip

    def _uncounted(self) -> tuple[NotCounted, ...]:
        where: dict[str, list[str]] = defaultdict(list)
        for row in self._rows:
            for call, macs in zip(row.calls, row.macs, strict=True):
                if macs is None:
                    where[_plain(call)].append(row.name)
        return tuple(
            NotCounted(op, len(names), tuple(dict.fromkeys(names))) for op, names in where.items()
        )


def told(tracer: Tracer, network: nn.Module) -> Told:
    """Tell a trace as rows, in execution order; parameters nothing used come last."""
    return Told(tracer, network)


def _folds(call: OperatorCall) -> bool:
    """Whether a functional call is not worth a row: a view, or arithmetic on constants."""
    if call.operator is not None and not call.operator.row:
        # A copy that really allocates is no mere view, unless it copies constants.
        allocates = any(ref.storage.born == call.index for ref in call.outputs)
        return not allocates or all(ref.constant for ref in call.outputs)
    if any(ref.selected for ref in call.inputs) and not (call.operator and call.operator.regions):
        return True  # decoding boxes and sorting out candidates: not the network any more
    constant = all(ref.constant for ref in (*call.inputs, *call.outputs))
    return constant and not any(ref.parameter for ref in call.inputs)


def _has_weights(call: OperatorCall) -> bool:
    if call.operator is None or not call.operator.weighted:
        return False
    return any(ref.parameter is not None for ref in call.inputs)


def _kept(call: OperatorCall) -> Sequence[Storage]:
    """What autograd would keep of a call's tensors for the backward pass."""
    rule = call.operator.saved if call.operator is not None else "inputs"
    if rule in ("nothing", "mask") or call.func is None:
        return ()
    if rule == "output":
        refs: Sequence[TensorRef] = call.outputs[:1]
    elif rule == "inputs":
        refs = call.inputs
    else:
        refs = call.inputs[:1]
    return [ref.storage for ref in refs if not ref.constant]


def _extra_bytes(call: OperatorCall) -> int:
    """Memory the backward pass needs beside tensors of the forward: masks and indices."""
    rule = call.operator.saved if call.operator is not None else "nothing"
    if rule == "mask":
        return call.output.numel
    return 8 * call.output.numel if rule == "input and indices" else 0


def _principal(row: _Row) -> OperatorCall:
    """The operator a row is about: the costliest, else the first that is not a mere view."""
    costliest = max(zip(row.macs, row.calls, strict=True), key=lambda pair: pair[0] or 0)
    if costliest[0]:
        return costliest[1]
    for call in row.calls:
        if call.operator is None or call.operator.row:
            return call
    return row.calls[0]


def _plain(call: OperatorCall) -> str:
    return call.name.rpartition(".")[0] or call.name
