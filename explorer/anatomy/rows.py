"""Tell a recorded forward pass as rows: which operators form a layer, and what each one costs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from explorer.anatomy.costs import has_weights, kept, macs_of, makes_weights, scratch_bytes
from explorer.anatomy.extents import did_not_run, receptive_field
from explorer.anatomy.following import field_after, follow
from explorer.anatomy.operators import NETWORK_INPUT, OperatorCall, Storage, TensorRef
from explorer.anatomy.records import Layer, NotCounted, Operation, Parameter, Shape
from explorer.anatomy.settings import described

if TYPE_CHECKING:
    from explorer.anatomy.trace import Frame, Tracer


class _Row:
    """A row while its operators are being gathered."""

    __slots__ = ("calls", "frame", "macs", "name", "parameters", "path", "saved", "sources")

    def __init__(self, name: str, path: str, frame: Frame | None) -> None:
        """`frame` is the leaf module's call, or None for a functional operation."""
        self.name = name
        self.path = path
        self.frame = frame
        self.calls: list[OperatorCall] = []
        self.macs: list[int | None] = []
        self.parameters: dict[str, Parameter] = {}
        self.sources: set[int] = set()
        self.saved = 0


class Told:
    """The rows of a trace, with what can be said of all of them together."""

    def __init__(self, tracer: Tracer, *, stopped: bool = False) -> None:
        """Gathers the rows; `layers`, `not_counted` and `depth` are the results.

        `stopped` says that the pass raised, so that layers without a call may still be needed.
        By a row's name, `results` has what it returned and `principals` what it is about.
        """
        self._stopped = stopped
        self._frames = tracer.frames
        self._inventory = tracer.inventory
        # A whole network written with functions only is not one row; a lone nn.Conv2d is.
        self._root_is_a_layer = type(tracer.inventory.root).__module__.startswith("torch.")
        self._rows: list[_Row] = []
        self._of_frame: dict[int, int] = {}
        self._names: dict[str, int] = {}
        # For every call: its row (-1: it folds away), the rows its result comes from, and the
        # number of layers with weights on the longest path to it.
        self._row_at: list[int] = []
        self._reached: list[tuple[int, ...]] = []
        self._depths: list[int] = []
        self._learned: set[int] = set()
        self._writers: dict[Storage, int] = {}
        self._counted: dict[str, str] = {}
        self.results: dict[str, TensorRef] = {}
        self.principals: dict[str, OperatorCall] = {}
        for call in tracer.calls:
            self._take(call)
        self._save(tracer.calls)
        self._left_over()
        inputs = {ref: None for call in tracer.calls for ref in call.inputs if ref.node == -1}
        self._spatial = follow(tracer.calls, inputs)
        self.layers = tuple([self._layer(index, row) for index, row in enumerate(self._rows)])
        self.not_counted = self._uncounted()
        self.depth = max(self._depths, default=0)

    def row_of(self, call: int) -> int:
        """The row a call belongs to, or the last one before it."""
        return max(self._row_at[: call + 1], default=0) if call >= 0 else 0

    # -- gathering -----------------------------------------------------------------------

    def _take(self, call: OperatorCall) -> None:
        """Put a call in its row, or let its inputs' rows pass through it."""
        reached, depth = self._behind(call)
        if makes_weights(call, self._learned):
            self._learned.add(call.index)
            self._depths.append(0)
        else:
            self._depths.append(depth + has_weights(call, self._learned))
        if call.in_place:
            self._writers[call.outputs[0].storage] = call.index
        macs = macs_of(call)
        index = self._row_for(call, macs)
        self._row_at.append(index)
        if index < 0:
            self._reached.append(tuple(reached))
            return
        self._reached.append((index,))
        row = self._rows[index]
        row.calls.append(call)
        row.macs.append(macs)
        reached.discard(index)
        row.sources |= reached
        for ref in call.inputs:
            if ref.parameter is not None:
                self._attribute(ref.parameter, row)

    def _behind(self, call: OperatorCall) -> tuple[set[int], int]:
        """The rows whose results a call reads, and the longest path to them in layers."""
        reached: set[int] = set()
        depth = 0
        for ref in call.inputs:
            node = max(ref.node, self._writers.get(ref.storage, ref.node))
            if node >= 0:
                reached.update(self._reached[node])
                depth = max(depth, self._depths[node])
            elif node == NETWORK_INPUT:
                reached.add(NETWORK_INPUT)
        return reached, depth

    def _row_for(self, call: OperatorCall, macs: int | None) -> int:
        """The row of a call: its leaf module's, one of its own, or -1 where it folds away."""
        frame = self._frames[call.frame] if call.frame >= 0 else None
        if frame is not None and frame.children == 0 and (frame.path or self._root_is_a_layer):
            index = self._of_frame.get(call.frame)
            if index is None:
                index = self._of_frame[call.frame] = self._open(
                    frame.path or frame.kind, frame.path, frame
                )
            return index
        if macs == 0 and _folds(call):
            return -1
        path = frame.path if frame is not None else ""
        return self._open(f"{path}.{call.short}" if path else call.short, path, None)

    def _open(self, name: str, path: str, frame: Frame | None) -> int:
        times = self._names[name] = self._names.get(name, 0) + 1
        self._rows.append(_Row(name if times == 1 else f"{name}#{times}", path, frame))
        return len(self._rows) - 1

    def _attribute(self, name: str, row: _Row) -> None:
        """Count a parameter in the row that uses it first; later rows only mention it."""
        if name in row.parameters:
            return
        first = self._counted.setdefault(name, row.name)
        tensor = self._inventory.parameters[name]
        row.parameters[name] = Parameter(
            name.removeprefix(f"{row.path}.") if row.path else name,
            tuple(tensor.shape),
            tensor.numel(),
            tensor.requires_grad,
            None if first == row.name else first,
        )

    def _left_over(self) -> None:
        """Give every parameter no operator used a row, so that the rows add up."""
        by_path = {row.path: row for row in reversed(self._rows) if row.frame is not None}
        for name in self._inventory.parameters:
            if name in self._counted:
                continue
            path = name.rpartition(".")[0]
            if path not in by_path:
                name_of_row = path or type(self._inventory.root).__name__
                by_path[path] = self._rows[self._open(name_of_row, path, None)]
            self._attribute(name, by_path[path])

    def _save(self, calls: list[OperatorCall]) -> None:
        """Give memory the backward pass needs to the row that allocated it, or first keeps it."""
        seen: set[Storage] = set()
        for call, at in zip(calls, self._row_at, strict=True):
            if at >= 0:
                self._rows[at].saved += scratch_bytes(call)
            for storage in kept(call):
                if storage in seen:
                    continue
                owner = self._row_at[storage.born] if storage.born >= 0 else -1
                owner = owner if owner >= 0 else at
                if owner >= 0:
                    seen.add(storage)
                    self._rows[owner].saved += storage.bytes

    # -- telling -------------------------------------------------------------------------

    def _layer(self, index: int, row: _Row) -> Layer:
        if not row.calls:
            return self._not_run(index, row)
        principal = self.principals[row.name] = _principal(row)
        window, settings = described(principal)
        first, last = row.calls[0].index, row.calls[-1].index
        outputs = row.frame.outputs if row.frame and row.frame.outputs else row.calls[-1].outputs
        if outputs:
            self.results[row.name] = outputs[0]
        return Layer(
            index=index,
            name=row.name,
            path=row.path,
            kind=row.frame.kind if row.frame else principal.short,
            op=principal.plain,
            settings=settings,
            window=window,
            inputs=_read_from_outside(row.calls, first),
            output=outputs[0].shape if outputs else (),
            sources=tuple(sorted(row.sources)),
            parameters=tuple(row.parameters.values()),
            params=_counted(row),
            trainable_params=_counted(row, trainable_only=True),
            macs=_known(row.macs),
            activation_bytes=_allocated(outputs, first, last),
            saved_bytes=row.saved,
            receptive_field=receptive_field(
                field_after(outputs[0], last) if outputs else None, self._spatial
            ),
            operations=tuple(
                [
                    Operation(call.plain, call.outputs[0].shape if call.outputs else (), macs)
                    for call, macs in zip(row.calls, row.macs, strict=True)
                ]
            ),
            extra_outputs=tuple([ref.shape for ref in outputs[1:]]),
        )

    def _not_run(self, index: int, row: _Row) -> Layer:
        return Layer(
            index=index,
            name=row.name,
            path=row.path,
            kind=type(self._inventory.modules[row.path]).__name__,
            op="",
            settings=(),
            window=None,
            inputs=(),
            output=(),
            sources=(),
            parameters=tuple(row.parameters.values()),
            params=_counted(row),
            trainable_params=_counted(row, trainable_only=True),
            macs=0,
            activation_bytes=0,
            saved_bytes=0,
            receptive_field=did_not_run(self._spatial),
            operations=(),
            ran=False,
            note=f"The forward pass {'stopped before' if self._stopped else 'did not use'} it.",
        )

    def _uncounted(self) -> tuple[NotCounted, ...]:
        where: dict[str, list[str]] = defaultdict(list)
        for row in self._rows:
            for call, macs in zip(row.calls, row.macs, strict=True):
                if macs is None:
                    where[call.plain].append(row.name)
        return tuple(
            NotCounted(op, len(names), tuple(dict.fromkeys(names))) for op, names in where.items()
        )


def _folds(call: OperatorCall) -> bool:
    """Whether a functional call is not worth a row.

    Views fold away, and so does arithmetic on constants and on candidates that were selected by
    their values (decoding boxes and sorting them out is no longer the network).
    """
    entry = call.operator
    if entry is not None and not entry.row:
        # A copy that really allocates is no mere view, unless it copies constants.
        copied = any(ref.storage.born == call.index for ref in call.outputs)
        weights = any(ref.parameter is not None for ref in call.inputs)
        return not copied or (not weights and all(ref.constant for ref in call.outputs))
    if any(ref.selected for ref in call.inputs) and not (entry and entry.regions):
        return True
    if any(ref.parameter is not None for ref in call.inputs):
        return False
    return all(ref.constant for ref in call.inputs) and all(ref.constant for ref in call.outputs)


def _read_from_outside(calls: list[OperatorCall], first: int) -> tuple[Shape, ...]:
    """Shapes of the tensors a row reads that depend on the input, each once."""
    found: dict[TensorRef, Shape] = {}
    for call in calls:
        for ref in call.inputs:
            if ref.node < first and not ref.constant:
                found[ref] = ref.shape
    return tuple(found.values())


def _allocated(outputs: list[TensorRef], first: int, last: int) -> int:
    if len(outputs) == 1:
        storage = outputs[0].storage
        return storage.bytes if first <= storage.born <= last else 0
    storages = {ref.storage for ref in outputs if first <= ref.storage.born <= last}
    return sum(each.bytes for each in storages)


def _known(macs: list[int | None]) -> int | None:
    """The sum of what could be counted; None where nothing could and something should."""
    return sum(each or 0 for each in macs) or (None if None in macs else 0)


def _counted(row: _Row, *, trainable_only: bool = False) -> int:
    return sum(
        each.count
        for each in row.parameters.values()
        if each.shared_with is None and (each.trainable or not trainable_only)
    )


def _principal(row: _Row) -> OperatorCall:
    """The operator a row is about: the costliest, else the first that is not a mere view."""
    if len(row.calls) == 1:
        return row.calls[0]
    costliest = max(range(len(row.calls)), key=lambda at: row.macs[at] or 0)
    if row.macs[costliest]:
        return row.calls[costliest]
    for call in row.calls:
        # A count of batches that batch norm keeps is no more than a constant.
        if (call.operator is None or call.operator.row) and not _keeps_count(call):
            return call
    return row.calls[0]


def _keeps_count(call: OperatorCall) -> bool:
    return call.in_place and all(ref.constant for ref in call.outputs)
