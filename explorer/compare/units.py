"""The units of a network that a comparison aligns: blocks, and layers with what follows them.

No torch here. Stages, lists and runs of the folded anatomy are opened; what is left are blocks
(residual blocks, inception modules) and single layers. A layer with weights takes the
normalisation, activation and dropout after it along.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.anatomy.grids import grids
from explorer.anatomy.grouping import module_tree
from explorer.anatomy.groups import LISTS, Group
from explorer.compare.levels import levels
from explorer.compare.records import NEVER, Unit

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Layer

MOST_PATHS = 16
"""Branches of one block that are told apart."""

ACTIVATIONS = {
    "relu": "ReLU",
    "relu6": "ReLU6",
    "hardtanh": "ReLU6",
    "hardswish": "hard swish",
    "hardsigmoid": "hard sigmoid",
    "silu": "SiLU",
    "gelu": "GELU",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "leakyrelu": "leaky ReLU",
    "leaky_relu": "leaky ReLU",
    "prelu": "PReLU",
    "elu": "ELU",
    "mish": "Mish",
    "softmax": "softmax",
}
_NORMALISATIONS = (
    ("batchnorm", "batch norm"),
    ("layernorm", "layer norm"),
    ("groupnorm", "group norm"),
    ("instancenorm", "instance norm"),
    ("localresponsenorm", "local response norm"),
    ("norm", "norm"),
    ("dropout", "dropout"),
    ("stochasticdepth", "stochastic depth"),
)
SQUEEZE = "squeeze-excitation"

Path = tuple[tuple[str, ...], tuple[int, ...]]


def units(anatomy: Anatomy) -> tuple[Unit, ...]:
    """The units of a network in the order they run; modules that never ran are left out."""
    at = levels(anatomy)
    kinds = {module.path: module.kind for module in anatomy.modules}
    maps = {each.layer.index: each for each in grids(anatomy)}
    found: list[Unit] = []
    for gathered in _gathered(anatomy, at):
        layers = [anatomy.layers[index] for index in gathered.layers]
        shown = layers[-1] if gathered.kind else _telling(layers)
        grid = maps.get(shown.index)
        shape = (grid.channels, grid.height, grid.width) if grid else tuple(shown.output[1:])
        found.append(_unit(gathered, layers, at[layers[-1].index], shape, kinds))
    return tuple(found)


@dataclass(slots=True)
class _Gathered:
    """The layers of a unit; `kind` is the class of a block, "" for loose layers."""

    id: str
    kind: str
    layers: list[int]


def _gathered(anatomy: Anatomy, at: Sequence[int]) -> list[_Gathered]:
    """All units, with the loose layers that only adjust put to the one before."""
    found: list[_Gathered] = []
    for each in _opened(module_tree(anatomy)):
        if isinstance(each, Group):
            if at[each.layers[0]] != NEVER:
                found.append(_Gathered(each.id, each.kind, list(each.layers)))
            continue
        layer = anatomy.layers[each]
        if at[each] == NEVER:
            continue
        if found and word(layer) is None and _belongs(layer, found[-1], at):
            found[-1].layers.append(each)
        else:
            found.append(_Gathered(layer.name, "", [each]))
    return found


def _opened(group: Group) -> Iterator[Group | int]:
    """Blocks and loose layers, with everything that only holds them opened."""
    for child in group.children:
        if isinstance(child, int) or (child.role == "block" and child.kind not in LISTS):
            yield child
        else:
            yield from _opened(child)


def _belongs(layer: Layer, before: _Gathered, at: Sequence[int]) -> bool:
    """Whether a layer that neither slides nor multiplies goes with the unit before it."""
    same = at[layer.index] == at[before.layers[-1]]
    return same and (not before.kind or adjustment(layer) is not None)


def word(layer: Layer) -> str | None:
    """What a layer does in a word or two ("3×3 depthwise /2"); None where it only adjusts."""
    if layer.kind == "Linear" or layer.op in ("addmm", "linear", "mm"):
        return "linear"
    window = layer.window
    if window is None:
        return _without_window(layer)
    size = "×".join(str(each) for each in window.kernel[-2:])
    step = max(window.stride, default=1)
    moved = f" /{step}" if step > 1 else ""
    if not layer.params:
        return f"{_pool(layer)} {size}{moved}"
    wide = layer.inputs[0][1] if layer.inputs and len(layer.inputs[0]) > 1 else 0
    groups = ""
    if window.groups > 1:
        groups = " depthwise" if window.groups == wide else f" in {window.groups} groups"
    dilated = max(window.dilation, default=1)
    spread = f" dilated {dilated}" if dilated > 1 else ""
    turned = " transposed" if window.transposed else ""
    return f"{size}{turned}{groups}{spread}{moved}"


def _without_window(layer: Layer) -> str | None:
    kind = layer.kind.lower()
    if "attention" in kind:
        return "attention"
    if "pool" in kind or "pool" in layer.op:
        return f"global {_pool(layer)}" if _single(layer) else f"adaptive {_pool(layer)}"
    if kind == "mean" and len(layer.output) == 2:
        return "global average pool"
    if layer.macs and layer.op in ("bmm", "matmul", "baddbmm"):
        return "matrix product"
    return "resize" if "upsample" in layer.op or "interpolate" in kind else None


def _pool(layer: Layer) -> str:
    said = f"{layer.kind} {layer.op}".lower()
    return "average pool" if "avg" in said or "average" in said else "max pool"


def _single(layer: Layer) -> bool:
    return len(layer.output) == 4 and layer.output[-1] == layer.output[-2] == 1


def _squeezes(layer: Layer, kinds: dict[str, str]) -> bool:
    """Whether a layer belongs to a squeeze-and-excitation module."""
    parts = layer.path.split(".")
    above = (kinds.get(".".join(parts[:end]), "") for end in range(1, len(parts) + 1))
    return any(
        ("Squeeze" in kind and "Excit" in kind) or kind.startswith("SEModule") for kind in above
    )


def _unit(
    gathered: _Gathered,
    layers: Sequence[Layer],
    level: int,
    shape: tuple[int, ...],
    kinds: dict[str, str],
) -> Unit:
    paths = _paths(layers, kinds)
    whole = [each for each in layers if not _squeezes(each, kinds)]
    adjusted = (adjustment(each) for each in whole)
    return Unit(
        id=gathered.id,
        kind=gathered.kind or _telling(layers).kind,
        level=level,
        paths=tuple(words for words, _ in paths),
        widths=tuple(widths for _, widths in paths),
        joins=tuple(sorted({x.kind for x in whole if len(x.sources) > 1 and not x.params})),
        extras=tuple(dict.fromkeys(each for each in adjusted if each is not None)),
        output=shape,
        params=sum(each.params for each in layers),
        macs=sum(each.macs or 0 for each in layers),
        layers=len(layers),
    )


def _telling(layers: Sequence[Layer]) -> Layer:
    """The layer that says what loose layers are."""
    return next((each for each in layers if word(each) is not None), layers[0])


def adjustment(layer: Layer) -> str | None:
    """Normalisation, activation or dropout, by its name; None for what mixes or moves values."""
    kind = layer.kind.rstrip("_")
    if kind.lower() in ACTIVATIONS:
        return ACTIVATIONS[kind.lower()]
    for part, name in _NORMALISATIONS:
        if part in kind.lower():
            return name
    return None


def _paths(layers: Sequence[Layer], kinds: dict[str, str]) -> list[Path]:
    """The branches of a unit, each as words and the channels after them; at most MOST_PATHS."""
    inside = {each.index for each in layers}
    known: dict[int, list[Path]] = {}
    for layer in layers:
        before: list[Path] = []
        for source in layer.sources or (-1,):
            before += known[source] if source in inside else [((), ())]
        known[layer.index] = _distinct(_extended(path, layer, kinds) for path in before)
    return known[layers[-1].index]


def _extended(path: Path, layer: Layer, kinds: dict[str, str]) -> Path:
    words, widths = path
    if _squeezes(layer, kinds):
        squeezed = words and words[-1] == SQUEEZE
        return path if squeezed else ((*words, SQUEEZE), (*widths, 0))
    said = word(layer)
    if said is None:
        return path
    return (*words, said), (*widths, _wide(layer))


def _wide(layer: Layer) -> int:
    """Channels after a layer: the last axis of tokens and rows, the first of maps."""
    last = len(layer.output) < 4 or word(layer) in ("linear", "attention")
    return layer.output[-1] if last else layer.output[1]


def _distinct(paths: Iterator[Path]) -> list[Path]:
    """The branches once each; one that only lacks the squeeze on the side is the same one."""
    found = list(dict.fromkeys(paths))
    bare = {
        tuple(each for each in words if each != SQUEEZE) for words, _ in found if SQUEEZE in words
    }
    kept = [path for path in found if path[0] not in bare or not path[0]]
    # What goes straight through is named last.
    return sorted(kept, key=lambda path: not path[0])[:MOST_PATHS]
