"""A recipe: everything that is needed to repeat a run of training. No torch here.

As JSON, with what differs from the defaults alone:

    {"convzoo": "recipe", "version": 1, "network": "resnet20", "data": "cifar10", "length": 10}
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.errors import BadRequest
from explorer.knobs import settled
from explorer.training.recipe_knobs import KNOBS

OWN = "own"
"""Normalisation, activation, initialisation: as the network's own code has it."""
DESIGN = "design"
"""The network of a recipe whose `design` says what it is made of."""
MOST_CHARACTERS = 200_000
_MARK, _VERSION = "recipe", 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """What learns, from what, how long and in which way; `explorer.training.recipe_knobs` explains.

    `network` is a name of the zoo, of the small networks of the lab, or "design" with its JSON
    (`explorer.blocks.exchange`) in `design`. `data` is a key of `explorer.training.data`. `size`,
    `depth`, `width` and `samples` of 0 stand for the network's or data's own, `batch_size` 0 for
    all pictures at once. Percentages are of 100. Build one with `checked`.

    `weights` is the key of the network's weights (`explorer.zoo.weights`) that it starts from, ""
    for a network that knows nothing yet; with them `network` may be a run's, "run:ID".
    """

    network: str = "lenet5"
    design: str = ""
    depth: int = 0
    width: int = 0
    normalisation: str = OWN
    activation: str = OWN
    initialisation: str = OWN
    data: str = "digits"
    size: int = 0
    samples: int = 0
    validation: float = 10.0
    label_noise: float = 0.0
    folds: int = 0
    fold: int = 1
    length: float = 10.0
    unit: str = "epochs"
    batch_size: int = 64
    patience: int = 0
    optimiser: str = "momentum"
    learning_rate: float = 0.05
    momentum: float = 0.9
    second_moment: float = 0.999
    weight_decay: float = 0.0
    clip_norm: float = 0.0
    schedule: str = "cosine"
    warm_up: float = 0.0
    loss: str = "cross-entropy"
    label_smoothing: float = 0.0
    dropout: float = 0.0
    input_noise: float = 0.0
    weight_noise: float = 0.0
    mirror: float = 0.0
    crop: int = 0
    rotation: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0
    colour: float = 0.0
    pca: float = 0.0
    erasing: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0
    ensemble: str = "one"
    members: int = 1
    seed: int = 0
    precision: str = "fp32"
    layout: str = "channels first"
    compiled: str = "no"
    weights: str = ""
    regime: str = "all"
    blocks: int = 1
    backbone_rate: float = 1.0
    unfreezing: float = 0.0
    balance: str = "none"


_WORDS = ("network", "design", "data", "weights")
_FIELDS = tuple(field.name for field in dataclasses.fields(Recipe))
_DEFAULTS = Recipe()


def checked(**given: Any) -> Recipe:
    """Make a recipe, each setting in its range and fitting the others.

    Raises BadRequest for a setting that does not exist, is out of range or contradicts another.
    """
    words = {name: given.pop(name) for name in _WORDS if name in given}
    for name, value in words.items():
        if not isinstance(value, str):
            raise BadRequest(f"The {name} of a recipe is a text, not {value!r}.")
    recipe = Recipe(**words, **settled(KNOBS, given))
    _fits(recipe)
    return recipe


def _fits(recipe: Recipe) -> None:
    """Refuse what contradicts itself."""
    if (recipe.network == DESIGN) != bool(recipe.design):
        raise BadRequest('A design goes with the network "design"; give both or neither.')
    if recipe.folds == 1 or (recipe.folds and not 1 <= recipe.fold <= recipe.folds):
        raise BadRequest("Of k folds, k is at least two and the fold one from 1 to k.")
    if recipe.mixup and recipe.cutmix:
        raise BadRequest("Mix pictures by mixup or by CutMix; set the other to 0.")
    if (recipe.ensemble == "one") != (recipe.members == 1):
        raise BadRequest("An ensemble has two members or more; a single network has one.")
    if recipe.unit != "seconds" and recipe.length % 1 and recipe.length > 1:
        raise BadRequest(f"A length in {recipe.unit} is a whole number, not {recipe.length:g}.")
    if recipe.patience and not (recipe.validation or recipe.folds):
        raise BadRequest("Stopping early needs pictures to validate on; hold some out.")
    if recipe.loss != "cross-entropy" and recipe.label_smoothing:
        raise BadRequest("Label smoothing belongs to the cross-entropy; choose that loss or 0.")
    _fits_weights(recipe)


def _fits_weights(recipe: Recipe) -> None:
    """Refuse what only a network with weights can do, and what it cannot."""
    if not recipe.weights:
        if recipe.regime != "all" or recipe.unfreezing or recipe.backbone_rate != 1:
            raise BadRequest(
                "Parts of a network can be kept or slowed down only where it has learned before; "
                "name the weights it starts from."
            )
        return
    if recipe.design:
        raise BadRequest("A design has no weights yet; leave them out, or take a network's name.")
    if recipe.ensemble != "one":
        raise BadRequest("A network that has learned before is trained alone; set one member.")
    if {recipe.normalisation, recipe.activation, recipe.initialisation} != {OWN}:
        raise BadRequest(
            "Weights belong to the network as it was trained; leave normalisation, activation and "
            "initialisation as its own."
        )
    if recipe.depth or recipe.width:
        raise BadRequest("Weights belong to one depth and width; leave both at 0.")
    if recipe.regime == "head" and recipe.unfreezing:
        raise BadRequest("With the head alone there is nothing to unfreeze; set it to 0.")


def told(recipe: Recipe) -> dict[str, Any]:
    """What differs from the defaults, with network and data in any case."""
    return {
        name: getattr(recipe, name)
        for name in _FIELDS
        if name in ("network", "data") or getattr(recipe, name) != getattr(_DEFAULTS, name)
    }


def to_json(recipe: Recipe) -> str:
    """Write a recipe, as `from_json` takes it."""
    data = {"convzoo": _MARK, "version": _VERSION, **told(recipe)}
    return json.dumps(data, indent=2, ensure_ascii=False)


def from_json(text: str | bytes) -> Recipe:
    """Read a recipe. Raises BadRequest for a text that is none."""
    if len(text) > MOST_CHARACTERS:
        raise BadRequest(f"A recipe has at most {MOST_CHARACTERS:,} characters.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest("This is no JSON; take a recipe that ConvZoo wrote.") from None
    if not isinstance(data, dict) or data.pop("convzoo", None) != _MARK:
        raise BadRequest("This is no recipe of ConvZoo; take one that it wrote.")
    if data.pop("version", None) != _VERSION:
        raise BadRequest("This recipe was written by another version of ConvZoo.")
    return checked(**data)


def to_link(recipe: Recipe) -> str:
    """Write a recipe as letters that may stand in an address."""
    packed = zlib.compress(json.dumps(told(recipe), separators=(",", ":")).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def from_link(letters: str) -> Recipe:
    """Read a recipe from an address. Raises BadRequest for letters that are none."""
    try:
        packed = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4))
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(packed, MOST_CHARACTERS)
        data = json.loads(text)
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        raise BadRequest("The link's recipe is cut off or damaged; ask for it again.") from None
    if not isinstance(data, dict):
        raise BadRequest("The link's recipe is cut off or damaged; ask for it again.")
    return checked(**data)


def differences(recipes: Sequence[Recipe]) -> Mapping[str, tuple[Any, ...]]:
    """The settings in which recipes differ, each with its value in every one of them."""
    rows = {name: tuple(getattr(each, name) for each in recipes) for name in _FIELDS}
    return {name: values for name, values in rows.items() if len(set(values)) > 1}
