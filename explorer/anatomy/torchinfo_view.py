"""Why torchinfo's multiply-adds differ from ours, row by row. No torch here.

torchinfo 1.8 looks at the parameters called `weight` and `bias` of modules without children. A
class with "Conv" in its name counts both at every output position; any other class counts them
once per sample (layer_info.py, `calculate_macs`).
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from explorer.anatomy.conventions import module_calls

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Layer, Parameter

CONV_BIASES = "biases of convolutions, which it counts as multiply-adds"
LINEAR_BIASES = "biases of fully connected layers, which it counts as multiply-adds"
SCALES = "scales and shifts of normalisation, which it counts once per sample"
TRANSPOSED = "transposed convolutions, which it counts at every output position"
TOKENS = "fully connected layers on many positions, which it counts once per sample"
UNSEEN = "attention and other products outside modules without children, which it does not see"
OTHER = "other modules"


def differences(anatomy: Anatomy) -> dict[str, int]:
    """What torchinfo counts more (or, negative, less) than we do, by reason; no zeros."""
    parents = {each.path.rpartition(".")[0] for each in anatomy.modules if each.path}
    found: Counter[str] = Counter()
    seen: set[int] = set()
    for layer in module_calls(anatomy):
        if layer.path not in parents:
            seen.add(layer.index)
            _add_leaf(found, layer)
    for layer in anatomy.layers:
        if layer.index not in seen:
            found[UNSEEN] -= layer.macs or 0
    return {reason: number for reason, number in found.items() if number}


def mult_adds(anatomy: Anatomy) -> int:
    """The number torchinfo prints as total mult-adds, computed from our rows."""
    return anatomy.macs + sum(differences(anatomy).values())


def _add_leaf(found: Counter[str], layer: Layer) -> None:
    """Enter the difference of one call of a module without children."""
    weights = sum(_counted(layer, each) for each in layer.parameters if each.name != "bias")
    biases = sum(_counted(layer, each) for each in layer.parameters if each.name == "bias")
    ours = layer.macs or 0
    if "norm" in layer.op or "Norm" in layer.kind:
        found[SCALES] += weights + biases - ours
    elif "Conv" in layer.kind:
        found[CONV_BIASES] += biases
        transposed = layer.window is not None and layer.window.transposed
        found[TRANSPOSED if transposed else OTHER] += weights - ours
    elif "linear" in layer.op:
        found[LINEAR_BIASES] += biases
        found[TOKENS] += weights - ours
    else:
        found[OTHER] += weights + biases - ours


def _counted(layer: Layer, parameter: Parameter) -> int:
    """What torchinfo makes of one parameter at this module's (first) output."""
    if parameter.name in ("weight", "bias"):
        if "Conv" in layer.kind:
            return parameter.count * math.prod((*layer.output[:1], *layer.output[2:]))
        return parameter.count * layer.output[0]
    if "weight" in parameter.name or "bias" in parameter.name:
        return parameter.count * math.prod(layer.output[:2])
    return 0
