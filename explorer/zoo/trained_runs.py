"""`run:ID`: networks that were trained here, as models of the zoo. No torch here.

`explorer.training.trained` builds them.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from explorer.errors import BadRequest, UnknownModel, UnknownRun
from explorer.runs import shipped
from explorer.runs.store import RunStore
from explorer.training import network_catalogue
from explorer.training.data import catalogue as data_catalogue
from explorer.training.recipe import OWN
from explorer.zoo import catalogue
from explorer.zoo.cards import ModelCard, Paper
from explorer.zoo.weight_records import WeightsChoice

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.runs.records import Run
    from explorer.training.records import Began

PREFIX = "run:"
WEIGHTS = ("last", "best")
LIGHT_ON_DARK = ("digits", "mnist")
"""Data all of whose pictures have a dark border: a digit on white paper is inverted for them."""

_WITH_SIDE_HEADS = ("googlenet", "googlenet_2014", "inception_v3")
_TITLES = {"last": "Its last weights", "best": "Its best weights"}
_LEARNED = {
    "head": "its last layer is new, and nothing below it has changed.",
    "last": "its last layer is new, and only the blocks next to it have changed.",
    "all": "its last layer is new, and everything else went on learning.",
}
_SCORES = (
    "Its scores were trained to be 0 and 1 by squared error; the percentages of the picture pages "
    "are their softmax, which is flatter."
)


def is_run(name: str) -> bool:
    """Whether a model's name is that of a run."""
    return name.startswith(PREFIX)


def find(name: str) -> Run:
    """Return the run of a model's name. Raises UnknownModel for one that is not there."""
    if shipped.known(id := name.removeprefix(PREFIX)):
        raise UnknownModel(
            f"The network of a run that comes with ConvZoo is {shipped.model_of(id)[:40]!r} in the "
            "zoo; open it there."
        )
    try:
        return RunStore().run(name.removeprefix(PREFIX))
    except UnknownRun:
        raise UnknownModel(
            f"There is no run called {name.removeprefix(PREFIX)[:40]!r}, or it was deleted; the "
            "page Runs lists those there are."
        ) from None


def began(run: Run) -> Began:
    """What is known of a run since it began. Raises BadRequest for one that has not yet."""
    if run.began is None:
        raise BadRequest(f"{run.name} has not begun to train; open it when it has.")
    return run.began


def visible(name: str, owner: str) -> Run:
    """Return a run that is this visitor's own or shared. Raises UnknownModel for any other."""
    run = find(name)
    if run.owner != owner and not run.shared:
        raise UnknownModel(
            f"The run {run.id!r} is another visitor's and not shared; the page Runs lists yours."
        )
    return run


def offered(owner: str) -> tuple[Run, ...]:
    """The runs of this visitor, and the shared ones, that have weights to look at; newest first."""
    return tuple(run for run in RunStore().runs(owner) if run.weights and run.began is not None)


def draft(name: str) -> ModelCard:
    """Make the card of a run; multiply-adds and the sizes it accepts still have to be found.

    Raises UnknownModel, BadRequest.
    """
    run = find(name)
    known = began(run)
    return ModelCard(
        name=name,
        title=run.name,
        family="Trained here",
        year=datetime.datetime.fromtimestamp(run.created, tz=datetime.UTC).year,
        idea=f"{known.title}, trained on {data_title(run)}.",
        paper=_paper(run),
        source="run",
        task="classification",
        input_shape=known.shape,
        smallest=1,
        params=known.params,
        macs=0,
        differs=_differs(run),
    )


def _differs(run: Run) -> tuple[str, ...]:
    """What the recipe made of the architecture, in sentences."""
    recipe = run.recipe
    swapped = [
        f"{knob} {value}"
        for knob in ("normalisation", "activation", "initialisation")
        if (value := getattr(recipe, knob)) != OWN
    ]
    told = [f"Its last layer has {len(began(run).classes)} outputs, one for each class."]
    if recipe.weights:
        source = f"{recipe.weights} of {recipe.network}"
        told.append(f"It was fine-tuned from {source}: {_LEARNED[recipe.regime]}")
    if swapped:
        told.append(f"Its recipe asks for {', '.join(swapped)}.")
    if recipe.dropout:
        told.append(f"{100 * recipe.dropout:g} % of what reaches the last layer was dropped.")
    if recipe.network in _WITH_SIDE_HEADS:
        told.append("The heads on its side, which help in training alone, were left out.")
    return (*told, *((_SCORES,) if recipe.loss == "squared error" else ()))


def data_title(run: Run) -> str:
    """What a person calls the data that a run learned from."""
    known = {each.key: each.title for each in data_catalogue.data_sets()}
    return known.get(run.recipe.data, "pictures of your own")


def weights(name: str) -> tuple[WeightsChoice, ...]:
    """The weights a run has kept: those that were tested first, then the others.

    A key is "last" or "best" with a mark of the file, so that nothing remembered under it is taken
    for what a run that went on has kept later. Raises UnknownModel.
    """
    run = find(name)
    tested = "last" if run.result is None else run.result.weights
    files = {which: run.folder / f"{which}.safetensors" for which in WEIGHTS}
    kept = sorted((each for each in WEIGHTS if files[each].is_file()), key=lambda it: it != tested)
    return tuple(_choice(run, which, files[which]) for which in kept)


def current_key(name: str, key: str) -> str:
    """The key of weights asked for as "last", "best" or under the mark of an older file."""
    asked = key.partition("-")[0]
    if not is_run(name) or asked not in WEIGHTS:
        return key
    return next((each.key for each in weights(name) if each.key.startswith(f"{asked}-")), key)


def _choice(run: Run, which: str, path: Path) -> WeightsChoice:
    state = path.stat()
    result = run.result
    test = result.test if result is not None and result.weights == which else None
    return WeightsChoice(
        key=f"{which}-{state.st_mtime_ns // 1_000_000:x}",
        title=f"{_TITLES[which]} · {run.name}",
        kind="trained",
        on_disk=True,
        path=str(path),
        file=path.name,
        folder=str(path.parent),
        megabytes=state.st_size / 2**20,
        top1=None if test is None else test.top1,
        dataset=data_title(run),
    )


def _paper(run: Run) -> Paper:
    """Where the architecture was published; whoever designed it, where nobody published it."""
    name = network_catalogue.full_name(run.recipe.network)
    small = network_catalogue.small(name)
    if small is not None:
        found = re.fullmatch(r"(?P<authors>.+?), (?P<title>[A-Z].+), (?P<year>\d{4})", small.paper)
        if found is not None:
            return Paper(found["title"], found["authors"], int(found["year"]), small.link)
    try:
        return catalogue.find(name).paper
    except UnknownModel:
        year = datetime.datetime.fromtimestamp(run.created, tz=datetime.UTC).year
        return Paper(began(run).title, "Your own", year, "")
