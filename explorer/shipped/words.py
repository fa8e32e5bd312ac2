"""What the cards of shipped weights say in sentences. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from explorer.runs import compare
from explorer.shipped.table import find

if TYPE_CHECKING:
    from explorer.training.data.records import DataSet
    from explorer.training.recipe import Recipe

HE: Mapping[str, float] = {
    "cifar_resnet20_a": 91.25,
    "cifar_resnet32_a": 92.49,
    "cifar_resnet44_a": 92.83,
    "cifar_resnet56_a": 93.03,
}
"""Test accuracy on the lossless CIFAR-10 in percent: He et al., 2016, table 6."""


def command(recipe: Recipe) -> str:
    """What makes the weights of a recipe in the table again."""
    known = find(recipe.network)
    whole = known is not None and recipe == known.full != known.recipe
    return f"python -m explorer weights make {recipe.network}{' --full' * whole}"


def on(machine: Mapping[str, str]) -> str:
    """A machine in a line, from what a run's summary says of it."""
    threads = machine.get("threads", "")
    parts = (
        machine.get("device", ""),
        f"{threads} thread{'' if threads == '1' else 's'}" * bool(threads),
        f"PyTorch {machine['torch']}" if "torch" in machine else "",
        machine.get("system", ""),
    )
    return ", ".join(filter(None, parts)) or "a machine that nobody wrote down"


def full(recipe: Recipe) -> str:
    """What the full schedule of a recipe's network is, and whether this recipe is it."""
    known = find(recipe.network)
    if known is None or recipe == known.full:
        return "This is the full schedule."
    crop = f" with crops of {known.full.crop} pixels" * (known.full.crop != recipe.crop)
    said = (
        f"The full schedule, {compare.length(known.full)}{crop}, is for a GPU and was not run; "
        f"{command(known.full)} runs it."
    )
    if recipe.network not in HE:
        return said
    return (
        f"{said} He et al. (2016, table 6) report {HE[recipe.network]} % of the lossless test "
        "pictures after about as many."
    )


def note(data: DataSet, epochs: float) -> str:
    """What a person should know who looks at what such a network says."""
    if data.key == "mnist":
        return "It knows the ten digits and nothing else: light on dark, one to a picture."
    _, height, width = data.shape
    learned = (
        f"It learned {len(data.classes)} classes at {height} × {width} pixels for {epochs:g} "
        "epochs: whatever it is shown, it answers with one of them."
    )
    return " ".join((learned, *data.notes))


def licence(data: DataSet) -> str:
    """Who trained the weights, and on what terms their data are given away."""
    terms = data.licence if data.licence.endswith(".") else f"{data.licence}."
    return f"Trained by this project on {data.title} ({data.paper}). Of the data: {terms}"
