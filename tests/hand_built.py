"""Anatomies written by hand, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.anatomy.records import (
    NETWORK_INPUT,
    Anatomy,
    Layer,
    ModuleNode,
    Operation,
    Parameter,
    ReceptiveField,
    Run,
    Shape,
    Status,
)

UNKNOWN = ReceptiveField((None, None), (None, None), (None, None), Status.UNKNOWN)


def layer(index: int, name: str, sources: Sequence[int], **columns: Any) -> Layer:
    """A row that costs what `columns` say; a functional row is told by its `path`."""
    output: Shape = columns.get("output", (1, 8, 16, 16))
    op = columns.get("op", "aten.conv2d.default")
    plain: dict[str, Any] = {
        "path": name.partition("#")[0],
        "kind": "Conv2d",
        "op": op,
        "settings": (),
        "window": None,
        "inputs": ((1, 8, 16, 16),) * len(sources),
        "output": output,
        "parameters": (),
        "params": 10 + index,
        "trainable_params": 10 + index,
        "macs": 1000 + index,
        "activation_bytes": 100 + index,
        "saved_bytes": 50 + index,
        "receptive_field": UNKNOWN,
        "operations": (Operation(op, output, columns.get("macs", 1000 + index)),),
    }
    return Layer(index=index, name=name, sources=tuple(sources), **(plain | columns))


def joined(index: int, name: str, sources: Sequence[int], op: str = "add", **columns: Any) -> Layer:
    """A functional row: no parameters, no MACs, run by the module its name stands in."""
    path = name.rpartition(".")[0]
    free = {"path": path, "kind": op, "op": op, "params": 0, "trainable_params": 0, "macs": 0}
    return layer(index, name, sources, **(free | columns))


def weight(*shape: int) -> Parameter:
    """A trainable weight of this shape."""
    count = 1
    for side in shape:
        count *= side
    return Parameter("weight", shape, count, trainable=True)


def anatomy(layers: Sequence[Layer], kinds: Mapping[str, str]) -> Anatomy:
    """The anatomy of these rows, its totals summed here and not by the code under test."""
    return Anatomy(
        model="by_hand",
        title="By hand",
        source="user",
        task="classification",
        input_shapes=((1, 3, 16, 16),),
        layers=tuple(layers),
        modules=tuple(ModuleNode(path, kind) for path, kind in kinds.items()),
        params=sum(each.params for each in layers),
        trainable_params=sum(each.trainable_params for each in layers),
        buffer_bytes=0,
        param_bytes=4 * sum(each.params for each in layers),
        macs=sum(each.macs or 0 for each in layers),
        not_counted=(),
        activation_bytes=sum(each.activation_bytes for each in layers),
        saved_bytes=sum(each.saved_bytes for each in layers),
        peak_activation_bytes=0,
        peak_layer=0,
        depth=0,
        run=Run("meta", "by hand"),
    )


def residual_network() -> Anatomy:
    """A stem, two stages of two residual blocks each, and a head, laid out as torchvision's."""
    rows = [
        layer(0, "conv1", [NETWORK_INPUT], parameters=(weight(8, 3, 3, 3),)),
        layer(1, "relu", [0], kind="ReLU", op="aten.relu.default", params=0, trainable_params=0),
    ]
    kinds = {"": "Residual", "conv1": "Conv2d", "relu": "ReLU", "fc": "Linear"}
    for stage in ("layer1", "layer2"):
        kinds[stage] = "Sequential"
        for block in ("0", "1"):
            path, start = f"{stage}.{block}", len(rows)
            kinds[path] = "BasicBlock"
            convolved = {"parameters": (weight(8, 8, 3, 3),)}
            rows.append(layer(start, f"{path}.conv1", [start - 1], **convolved))
            rows.append(layer(start + 1, f"{path}.conv2", [start], **convolved))
            rows.append(joined(start + 2, f"{path}.add", [start + 1, start - 1]))
    rows.append(joined(len(rows), "flatten", [len(rows) - 1], "flatten", output=(1, 2048)))
    rows.append(
        layer(
            len(rows),
            "fc",
            [len(rows) - 1],
            kind="Linear",
            op="aten.linear.default",
            output=(1, 10),
        )
    )
    return anatomy(rows, kinds)
