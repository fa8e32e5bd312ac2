"""An anatomy as JSON, CSV, Markdown and plain text. No torch here.

Shapes carry the batch. In every form an unknown number stays unknown (null, an empty cell, "not
counted"), and receptive fields have one number per axis of the input: height and width, for video
time, height and width.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from explorer import units
from explorer.anatomy.records import Anatomy, Failure, Layer, ReceptiveField, Status

CSV_COLUMNS = (
    "model",
    "index",
    "name",
    "kind",
    "op",
    "settings",
    "inputs",
    "output",
    "params",
    "trainable_params",
    "macs",
    "activation_bytes",
    "receptive_field",
    "receptive_field_status",
    "stride",
    "padding",
    "convolutional_receptive_field",
    "ran",
    "note",
)


def as_data(anatomy: Anatomy) -> dict[str, Any]:
    """Return what JSON holds, made of dicts, lists, strings, finite numbers and None."""
    return {
        "model": anatomy.model,
        "title": anatomy.title,
        "source": anatomy.source,
        "task": anatomy.task,
        "input_shapes": [list(each) for each in anatomy.input_shapes],
        "params": anatomy.params,
        "trainable_params": anatomy.trainable_params,
        "macs": anatomy.macs,
        "not_counted": [_plain(asdict(each)) for each in anatomy.not_counted],
        "activation_bytes": anatomy.activation_bytes,
        "peak_activation_bytes": anatomy.peak_activation_bytes,
        "saved_bytes": anatomy.saved_bytes,
        "param_bytes": anatomy.param_bytes,
        "buffer_bytes": anatomy.buffer_bytes,
        "depth": anatomy.depth,
        "run": _plain(asdict(anatomy.run)),
        "failure": None if anatomy.failure is None else _plain(asdict(anatomy.failure)),
        "layers": [_layer_data(each) for each in anatomy.layers],
    }


def to_json(anatomy: Anatomy) -> str:
    """Write one JSON object in ASCII, a layer per line; other alphabets are escaped."""
    data = as_data(anatomy)
    # Python's encoder is ten times slower where it indents, and the layers are nearly all of it.
    layers = ",\n".join(f"    {json.dumps(each, allow_nan=False)}" for each in data.pop("layers"))
    rest = json.dumps(data, indent=2, allow_nan=False).removesuffix("\n}")
    return f'{rest},\n  "layers": [\n{layers}\n  ]\n}}'


def to_csv(anatomy: Anatomy, *, header: bool = True) -> str:
    """Write one line per layer (columns: CSV_COLUMNS), lengths of a shape joined by "x"."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(CSV_COLUMNS)
    writer.writerows(_csv_row(anatomy.model, layer) for layer in anatomy.layers)
    return text.getvalue()


def to_markdown(anatomy: Anatomy) -> str:
    """Write a heading, the totals as a list, and the layers as a table (GitHub's Markdown)."""
    lines = [f"# {_escaped(anatomy.title)}", ""]
    lines += [f"- {name}: {_escaped(text)}" for name, text in totals(anatomy)]
    lines += [
        "",
        "| Layer | Kind | Output | Parameters | MACs | Activation | Receptive field | Stride |",
        "| --- | --- | --- | ---: | ---: | ---: | --- | --- |",
    ]
    for layer in anatomy.layers:
        name, *cells = table_row(layer)
        lines.append("| " + " | ".join([_code(name), *map(_escaped, cells)]) + " |")
    return "\n".join(lines) + "\n"


def to_text(anatomy: Anatomy) -> str:
    """Write the totals and an aligned table for a terminal."""
    headings = ("layer", "kind", "output", "params", "MACs", "activation", "sees", "stride")
    numbers = {3, 4, 5}
    rows = [headings, *map(table_row, anatomy.layers)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [anatomy.title, *(f"  {name}: {text}" for name, text in totals(anatomy)), ""]
    for row in rows:
        cells = (
            text.rjust(width) if column in numbers else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    lines.insert(-len(anatomy.layers) or len(lines), "-" * (sum(widths) + 2 * len(widths) - 2))
    return "\n".join(lines) + "\n"


def totals(anatomy: Anatomy) -> tuple[tuple[str, str], ...]:
    """Return what a reader asks first, as (name, text)."""
    found = [
        ("Model", f"{anatomy.model} ({', '.join(filter(None, (anatomy.source, anatomy.task)))})"),
        ("Input", ", ".join(units.shape(each) for each in anatomy.input_shapes)),
        ("Parameters", _parameters(anatomy)),
        ("Cost", f"{units.cost(anatomy.macs)} ({units.count(anatomy.macs)} multiply-adds)"),
        ("Activations", f"{units.memory(anatomy.activation_bytes)} in all layers together"),
        ("Activation peak", f"{units.memory(anatomy.peak_activation_bytes)} alive at once"),
        ("Depth", f"{anatomy.depth} layers with weights on the longest path"),
    ]
    if anatomy.not_counted:
        missing = (f"{each.op} (x{each.times})" for each in anatomy.not_counted)
        found.append(("Not counted", ", ".join(missing)))
    found += [("Assumed", each) for each in anatomy.run.assumptions]
    if anatomy.failure is not None:
        found.append(("Stopped", stopped(anatomy.failure)))
    return tuple(found)


def stopped(failure: Failure) -> str:
    """Write in one line where a forward pass ended, why, and which size would do."""
    message = " ".join(failure.message.split()).rstrip(".")
    text = f"{f'at {failure.layer}' if failure.layer else 'between its layers'}: {message}."
    if failure.sufficient_size is None:
        return text
    return f"{text} An input of {units.shape(failure.sufficient_size)} pixels suffices."


def table_row(layer: Layer) -> tuple[str, ...]:
    """Return name, kind, output, parameters, MACs, activation, receptive field and stride."""
    field = layer.receptive_field
    if not layer.ran:
        return layer.name, layer.kind, "did not run", units.count(layer.params), "", "", "", ""
    return (
        layer.name,
        layer.kind,
        units.shape(layer.output),
        units.count(layer.params),
        units.NOT_COUNTED if layer.macs is None else units.count(layer.macs),
        units.memory(layer.activation_bytes),
        receptive_field(field),
        "" if _nothing(field.stride) else units.axes(field.stride),
    )


def receptive_field(field: ReceptiveField) -> str:
    """Write how far a layer sees: "427 × 427", "≤ 9 × 9", "whole input (convolutions 9 × 9)"."""
    if field.status is Status.EXACT:
        return units.axes(field.size)
    if field.status is Status.UPPER_BOUND:
        return f"≤ {units.axes(field.size)}"
    if field.status is Status.WHOLE_INPUT and field.convolutional is not None:
        return f"{field.status.value} (convolutions {receptive_field(field.convolutional)})"
    return str(field.status.value)


def _layer_data(layer: Layer) -> dict[str, Any]:
    return {
        "index": layer.index,
        "name": layer.name,
        "path": layer.path,
        "kind": layer.kind,
        "op": layer.op,
        "settings": dict(layer.settings),
        "window": None if layer.window is None else _plain(asdict(layer.window)),
        "inputs": [list(each) for each in layer.inputs],
        "output": list(layer.output),
        "extra_outputs": [list(each) for each in layer.extra_outputs],
        "sources": list(layer.sources),
        "params": layer.params,
        "trainable_params": layer.trainable_params,
        "macs": layer.macs,
        "activation_bytes": layer.activation_bytes,
        "saved_bytes": layer.saved_bytes,
        "receptive_field": _field_data(layer.receptive_field),
        "ran": layer.ran,
        "note": layer.note,
    }


def _field_data(field: ReceptiveField) -> dict[str, Any]:
    found: dict[str, Any] = {
        "size": _plain(field.size),
        "stride": _plain(field.stride),
        "padding": _plain(field.padding),
        "status": field.status.value,
    }
    if field.convolutional is not None:
        found["convolutional"] = _field_data(field.convolutional)
    if field.note:
        found["note"] = field.note
    return found


def _plain(value: Any) -> Any:
    """Turn a record's value into JSON's: lists for tuples, 32 for 32.0, None for infinity."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() else value
    return value


def _csv_row(model: str, layer: Layer) -> tuple[object, ...]:
    field = layer.receptive_field
    along = field.convolutional
    return (
        model,
        layer.index,
        layer.name,
        layer.kind,
        layer.op,
        "; ".join(f"{name}={value}" for name, value in layer.settings),
        ";".join(map(_joined, layer.inputs)),
        _joined(layer.output),
        layer.params,
        layer.trainable_params,
        layer.macs,
        layer.activation_bytes,
        _joined(field.size),
        field.status.value,
        _joined(field.stride),
        _joined(field.padding),
        "" if along is None else _joined(along.size),
        layer.ran,
        layer.note,
    )


def _joined(numbers: Sequence[float | None]) -> str:
    """Write lengths for a CSV cell: (1, 64, 7, 7) -> "1x64x7x7"; nothing known, nothing written."""
    return "" if _nothing(numbers) else units.axes(numbers).replace(units.TIMES, "x")


def _nothing(numbers: Sequence[float | None]) -> bool:
    return all(each is None for each in numbers)


def _parameters(anatomy: Anatomy) -> str:
    text = f"{units.count(anatomy.params)} ({units.memory(anatomy.param_bytes)})"
    if anatomy.trainable_params == anatomy.params:
        return text
    return f"{text}, {units.count(anatomy.trainable_params)} of them trainable"


def _escaped(text: str) -> str:
    """Take the meaning from Markdown's special characters; a line break becomes a space."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """Write as code that a table may hold."""
    return "`" + " ".join(text.split()).replace("|", "\\|").replace("`", "'") + "`"
