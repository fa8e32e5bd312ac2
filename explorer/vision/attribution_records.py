"""What saliency maps are made of: methods and their knobs, maps, and checks of them. No torch here.

All values of a map are signed: positive where the picture speaks for the class, negative where it
speaks against it (or only positive, where a method says so). Scores are the network's outputs
before the softmax.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from explorer.knobs import Knob
from explorer.vision.attribution_methods import METHODS, Group, Knobs, KnobValue, Method

if TYPE_CHECKING:
    from explorer.vision.records import Box, NetworkUse

__all__ = [
    "METHODS", "Attribution", "CamLayer", "CamLayers", "Cell", "Completeness", "Curves", "Estimate",
    "Failed", "Group", "Knob", "KnobValue", "Knobs", "Map", "Method", "Randomisation", "Step",
]  # fmt: skip

Map: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whether a map's values add up to what they explain.

    `total` is their sum, `difference` the class's score on the picture minus that on the
    baseline, and `sentence` says both with the gap between them.
    """

    total: float
    difference: float
    sentence: str

    @property
    def gap(self) -> float:
        """What is missing or too much: total minus difference."""
        return self.total - self.difference


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """What one method says of one class on one picture.

    `target` is the class's number among the outputs and `probability` its softmax. `values` is
    (H, W) at the network's input resolution, channels summed; `window` says where that lies in
    the picture. `layer` is the row a layer method looked into ("" if none) and `layer_field` its
    receptive field in words. `passes` counts pictures that went through the network. `notes` are
    sentences that a reader of the map should know.
    """

    use: NetworkUse
    method: str
    target: int
    target_name: str
    probability: float
    layer: str
    layer_field: str
    values: Map
    window: Box
    seconds: float
    passes: int
    completeness: Completeness | None
    knobs: Knobs
    notes: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        """Whether there is nothing to see: all values are zero or no numbers."""
        return not np.any(np.nan_to_num(self.values, posinf=0, neginf=0))


@dataclass(frozen=True, slots=True)
class Failed:
    """A cell of a grid that could not be filled, and one sentence why."""

    model: str
    method: str
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What a grid is asked for, one of these per map; arguments as `attribute` takes them."""

    model: str
    method: str
    target: int | str | None = None
    weights: str | None = None
    layer: str | None = None
    knobs: Knobs = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a map will cost: seconds, bytes beyond the network itself, pictures passed.

    `chunk` is how many pictures go through the network at once, and `sentence` says it all.
    """

    seconds: float
    bytes: int
    passes: int
    chunk: int
    sentence: str


@dataclass(frozen=True, slots=True)
class CamLayer:
    """A row of the anatomy whose output is a map: its grid, channels, and how far it sees."""

    name: str
    kind: str
    channels: int
    height: int
    width: int
    field: str


@dataclass(frozen=True, slots=True)
class CamLayers:
    """The rows a CAM can be made from, in the order they run, and the one that is customary."""

    candidates: tuple[CamLayer, ...]
    chosen: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step of a cascading randomisation: every layer from the top down to `layer` is random.

    `rank_correlation` is Spearman's between this map and that of the trained network, of absolute
    values; None where a map is constant. `similarity` is their structural similarity (SSIM).
    """

    layer: str
    rank_correlation: float | None
    similarity: float | None
    values: Map


@dataclass(frozen=True, slots=True, eq=False)
class Randomisation:
    """How a map changes while the network forgets what it learned, and what follows."""

    original: Attribution
    steps: tuple[Step, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Curves:
    """A class's probability while the picture appears or vanishes in the order of a map.

    `fractions` are of its pixels, most important first. `insertion` starts from a blurred
    picture, `deletion` ends in a grey one. Areas lie between 0 and 1; `random_insertion_area` and
    `random_deletion_area` are those of pixels in random order.
    """

    fractions: tuple[float, ...]
    insertion: tuple[float, ...]
    deletion: tuple[float, ...]
    insertion_area: float
    deletion_area: float
    random_insertion_area: float
    random_deletion_area: float
    sentence: str
