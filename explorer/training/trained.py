"""The networks of runs: built as they were trained, and how their pictures were prepared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from safetensors import safe_open
from safetensors.torch import load_file

from explorer.errors import BadRequest
from explorer.training import networks
from explorer.training.crowds import alone, assembled, crowd
from explorer.vision import preprocess
from explorer.zoo import trained_runs

if TYPE_CHECKING:
    from torch import nn

    from explorer.runs.records import Run
    from explorer.vision.records import Preprocessing


def construct(name: str) -> nn.Module:
    """Build the network of `run:ID` as it was before it learned.

    Of an ensemble as many members as it has kept. Raises UnknownModel, BadRequest, and as
    `networks.build` does.
    """
    run = trained_runs.find(name)
    shape, classes = _form(run)
    if run.recipe.weights:
        return _tuned(run)
    if run.recipe.ensemble == "one":
        return networks.build(run.recipe, shape, classes).network
    count = _members(run)
    member = alone(run.recipe)
    built = [networks.build(member, shape, classes).network for _ in range(count)]
    return crowd(run.recipe, built, [1.0] * count)


def network(name: str, path: str) -> nn.Module:
    """Build the network of `run:ID` with weights it has kept. Raises as `construct` does."""
    run = trained_runs.find(name)
    state = load_file(path)
    if run.recipe.ensemble != "one":
        shape, classes = _form(run)
        return assembled(run.recipe, state, shape, classes).network
    built = construct(name)
    built.load_state_dict(state)
    return built


def preprocessing(name: str) -> Preprocessing:
    """How pictures were prepared for the network of `run:ID`, as data.

    Raises BadRequest for one that learned from points.
    """
    run = trained_runs.find(name)
    if run.recipe.weights:
        from explorer.finetune import starting  # noqa: PLC0415 - which opens runs by this module

        return starting.preprocessing(run.recipe)
    known = trained_runs.began(run)
    pictures, shape = known.pictures, known.shape
    if pictures is None or not known.mean or pictures[1:] == (1, 1):
        raise BadRequest(
            f"{run.name} learned from points, not from pictures; its structure is on the page "
            "Anatomy."
        )
    return preprocess.as_trained(
        pictures,
        shape,
        known.mean,
        known.std,
        source=f"as in training on {trained_runs.data_title(run)}",
        invert_light=run.recipe.data in trained_runs.LIGHT_ON_DARK,
    )


def _tuned(run: Run) -> nn.Module:
    """The network of a run that started from weights, with its own head."""
    from explorer.finetune import starting  # noqa: PLC0415 - which opens runs by this module

    return starting.structure(run.recipe, len(trained_runs.began(run).classes)).network


def _form(run: Run) -> tuple[tuple[int, int, int], int]:
    """The shape of the data, and the number of classes."""
    known = trained_runs.began(run)
    return known.pictures or known.shape, len(known.classes)


def _members(run: Run) -> int:
    """How many members an ensemble has kept, by the names in its file."""
    path = run.folder / "last.safetensors"
    if not path.is_file():
        return run.recipe.members
    with safe_open(path, framework="numpy") as file:
        found = {
            each[1] for key in file.offset_keys() if (each := re.match(r"members\.(\d+)\.", key))
        }
    return len(found) or run.recipe.members
