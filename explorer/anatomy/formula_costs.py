"""A layer's parameters and MACs, as formulas with its numbers. No torch here."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from explorer import units
from explorer.anatomy.formula import Formula, Numbers, Rule, applied, said

if TYPE_CHECKING:
    from explorer.anatomy.records import Layer, Operation, Window

_PARAMS, _MACS = "Parameters", "MACs"
_KERNEL = {1: ("k",), 2: ("k_h", "k_w"), 3: ("k_t", "k_h", "k_w")}
_PLACES = {1: ("L",), 2: ("H", "W"), 3: ("T", "H", "W")}
_NORMS = ("batch_norm", "layer_norm", "group_norm", "instance_norm")

LINEAR_MACS = Rule("MACs", "N·C_in·C_out", lambda v: v["N"] * v["C_in"] * v["C_out"])
ATTENTION_MACS = Rule(
    "MACs", "N·L_q·L_k·(E_k + E_v)", lambda v: v["N"] * v["L_q"] * v["L_k"] * (v["E_k"] + v["E_v"])
)


def parameters(layer: Layer) -> Formula:
    """Explain the number of parameters by the shapes of the tensors that hold them."""
    shared = sorted({each.shared_with for each in layer.parameters if each.shared_with})
    own = {each.name: each.shape for each in layer.parameters if each.shared_with is None}
    note = f"Those it shares are counted at {', '.join(shared)}." if shared else ""
    if not own:
        return said(_PARAMS, note or "It has no parameters.", (layer.params,))
    if set(own) <= {"weight", "bias"} and "weight" in own:
        weight, bias = own["weight"], "bias" in own
        if layer.window is not None and len(weight) == 2 + len(layer.window.kernel):
            return _of_convolution(layer.window, weight, bias, note)
        if len(weight) == 2 and bare(layer.op) == "linear":
            rule = _with_bias("C_in·C_out", bias)
            return applied(_PARAMS, rule, [{"C_in": weight[1], "C_out": weight[0]}], (), note)
        if bias and weight == own["bias"] and bare(layer.op) in _NORMS:
            rule = Rule("parameters", "2·C", lambda v: 2 * v["C"])
            words = f"A scale and a shift for each of {prod(weight)} channels or features. {note}"
            return applied(_PARAMS, rule, [{"C": prod(weight)}], (), words.strip())
    return _of_tensors(own, note)


def macs(layer: Layer) -> Formula:
    """Explain the number of multiply-adds."""
    if layer.macs is None:
        return said(_MACS, "An operator without a formula took part, so it is not counted.")
    busy = [operation for operation in layer.operations if operation.macs]
    if not busy:
        words = "Counted are convolutions, matrix products and attention; nothing here is one."
        return said(_MACS, words, (layer.macs,))
    if len(busy) == 1 and busy[0].op == layer.op and layer.inputs:
        rule, numbers = _rule_for(layer, busy[0])
        if rule is not None:
            return applied(_MACS, rule, [numbers])
    text = " + ".join(str(each.macs) for each in busy)
    words = "The sum over its operations: " + ", ".join(
        f"{bare(each.op)} {units.count(each.macs)}" for each in busy
    )
    return _sum_of(_MACS, "MACs", text, layer.macs, f"{words}.")


def _rule_for(layer: Layer, operation: Operation) -> tuple[Rule | None, Numbers]:
    op, given, output = bare(operation.op), layer.inputs, operation.output
    if layer.window is not None and len(layer.operations) == 1:
        return _convolution_rule(layer, layer.window)
    if op == "linear" and output:
        rows = prod(output[:-1])
        return LINEAR_MACS, {"N": rows, "C_in": given[0][-1], "C_out": output[-1]}
    if op == "scaled_dot_product_attention" and len(given) >= 3:
        query, key, value = given[:3]
        return ATTENTION_MACS, {
            "N": prod(query[:-2]), "L_q": query[-2], "L_k": key[-2],
            "E_k": query[-1], "E_v": value[-1],
        }  # fmt: skip
    return None, {}


def _convolution_rule(layer: Layer, window: Window) -> tuple[Rule, Numbers]:
    """A product per kernel element and channel of the group: per output, or per input spread."""
    axes = len(window.kernel)
    wide, narrow = ("in", "out") if window.transposed else ("out", "in")
    shape = {"in": layer.inputs[0], "out": layer.output}
    places = [f"{each}_{wide}" for each in _PLACES[axes]]
    numbers = {
        "N": prod(layer.output[: -axes - 1]),
        f"C_{wide}": shape[wide][-axes - 1],
        **dict(zip(places, shape[wide][-axes:], strict=True)),
        f"C_{narrow}": shape[narrow][-axes - 1],
        "g": window.groups,
        **dict(zip(_KERNEL[axes], window.kernel, strict=True)),
    }
    spread = "·".join(places)
    text = f"N·C_{wide}·{spread}·(C_{narrow} / g)·{'·'.join(_KERNEL[axes])}"

    def value(v: Numbers) -> int:
        group = int(v[f"C_{narrow}"]) // int(v["g"])
        factors = ["N", f"C_{wide}", *places, *_KERNEL[axes]]
        return group * prod(int(v[name]) for name in factors)

    return Rule("MACs", text, value), numbers


def _of_convolution(window: Window, weight: tuple[int, ...], bias: bool, note: str) -> Formula:
    kernel = _KERNEL[len(window.kernel)]
    first, second = ("in", "out") if window.transposed else ("out", "in")
    numbers = {
        f"C_{first}": weight[0],
        f"C_{second}": weight[1] * window.groups,
        "g": window.groups,
        **dict(zip(kernel, weight[2:], strict=True)),
    }

    def value(v: Numbers) -> int:
        whole = prod(int(v[name]) for name in (f"C_{first}", f"C_{second}", *kernel))
        return whole // int(v["g"]) + (int(v["C_out"]) if bias else 0)

    text = f"C_{first}·(C_{second} / g)·{'·'.join(kernel)}{' + C_out' if bias else ''}"
    return applied(_PARAMS, Rule("parameters", text, value), [numbers], (), note)


def _with_bias(text: str, bias: bool) -> Rule:
    if bias:
        return Rule("parameters", f"{text} + C_out", lambda v: v["C_in"] * v["C_out"] + v["C_out"])
    return Rule("parameters", text, lambda v: v["C_in"] * v["C_out"])


def _of_tensors(tensors: dict[str, tuple[int, ...]], note: str) -> Formula:
    text = " + ".join("·".join(map(str, shape)) or "1" for shape in tensors.values())
    total = sum(prod(shape) for shape in tensors.values())
    words = ", ".join(f"{name} {units.shape(shape)}" for name, shape in tensors.items())
    return _sum_of(_PARAMS, "parameters", text, total, f"The elements of {words}. {note}".strip())


def _sum_of(title: str, symbol: str, text: str, total: int, words: str) -> Formula:
    return applied(title, Rule(symbol, text, lambda _: total), [{}], (), words)


def bare(op: str) -> str:
    """The operator's name without namespace, overload and in-place mark."""
    return op.removeprefix("aten.").partition(".")[0].rstrip("_")
