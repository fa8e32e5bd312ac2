"""Which weights a model can be used with, and which of them are here. No torch here.

torchvision's files are looked for where `torch.hub` keeps them, under torchvision's own names, so
that what either of the two has downloaded serves both.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlparse

from explorer import config, units
from explorer.errors import BadRequest, MissingWeights
from explorer.zoo import handed_in, trained_runs, transfer
from explorer.zoo.own_weights import own
from explorer.zoo.weight_records import FILE, OWN, RANDOM, WeightsChoice

if TYPE_CHECKING:
    from explorer.zoo.cards import ModelCard, Weights

TASKS = ("classification", "segmentation")
"""The tasks whose weights are of use here."""

_DERIVED = (
    "Whether you may use them is left to you: terms may derive from the data, and ImageNet is for "
    "non-commercial research and education."
)
_SWAG = "SWAG weights are under CC BY-NC 4.0: not for commercial use."
_UNTRAINED = "Random weights: nothing was learned, so what is shown tells of the structure alone."


def available(card: ModelCard) -> tuple[WeightsChoice, ...]:
    """Return every set of weights a model can be used with, the best first and random last.

    torchvision's default comes first, then its others by accuracy, what this project trained, what
    a run has kept, and the checkpoints handed in, the newest first.
    """
    if card.task not in TASKS:
        return (_random(),)
    if trained_runs.is_run(card.name):
        return (*trained_runs.weights(card.name), *handed_in.of_model(card.name), _random())
    return (*_published(card), *_own(card), *handed_in.of_model(card.name), _random())


def choose(card: ModelCard, wanted: str | None = None) -> WeightsChoice:
    """Return the weights of this key, or the best ones that are on disk when none is asked for.

    A checkpoint that was handed in is used only where it is asked for. Raises MissingWeights for
    weights that are not on disk, BadRequest for a key this model does not have.
    """
    if wanted is None:
        return next(each for each in available(card) if each.on_disk and each.kind != "yours")
    found = find(card, wanted)
    if not found.on_disk:
        raise MissingWeights(
            f"The weights {found.key} of {card.title} are not on this computer: download them "
            f"here, or put the file {found.file} into the folder {found.folder}."
        )
    return found


def find(card: ModelCard, key: str) -> WeightsChoice:
    """Return the weights of this key, on disk or not.

    Raises BadRequest for a key this model does not have, MissingWeights for a checkpoint that is
    not kept any more.
    """
    known = available(card)
    key = trained_runs.current_key(card.name, key)
    for each in known:
        if each.key == key:
            return each
    if key.startswith(FILE):
        raise MissingWeights(
            f"The checkpoint {key[:40]!r} for {card.title} is not kept here; hand it in again."
        )
    names = ", ".join(each.key for each in known)
    raise BadRequest(f"{card.title} has no weights called {key[:40]!r}; it has {names}.")


def file_name(url: str) -> str:
    """The name under which `torch.hub` stores what it fetches from an address."""
    return PurePosixPath(urlparse(url).path).name


def digest_in(name: str) -> str:
    """What the SHA-256 of a file begins with, as its name says ("resnet18-f37072fd.pth")."""
    found = re.search(r"-([a-f0-9]+)\.", name)
    return found[1] if found else ""


def _published(card: ModelCard) -> list[WeightsChoice]:
    if card.source != "torchvision":
        return []
    # VGG-16's weights for its features alone have no classifier (it is filled with NaN), and
    # nobody measured them.
    useful = [each for each in card.weights if each.metrics]
    useful.sort(key=lambda each: (not each.default, -(each.top1 or 0.0)))
    return [_of_torchvision(each) for each in useful]


def _of_torchvision(weights: Weights) -> WeightsChoice:
    folder, file = config.torch_checkpoints(), file_name(weights.url)
    here = _bytes(folder / file) > 0
    return WeightsChoice(
        key=weights.name,
        title=_title(weights),
        kind="published",
        on_disk=here,
        path=str(folder / file) if here else "",
        file=file,
        folder=str(folder),
        url=weights.url,
        megabytes=weights.megabytes,
        top1=weights.top1,
        dataset=weights.dataset,
        licence=_SWAG if "SWAG" in weights.name else _DERIVED,
        note="" if here else _begun(folder / f"{file}{transfer.PART}"),
        digest=digest_in(file),
    )


def _title(weights: Weights) -> str:
    """ "ImageNet-1K · V2", "COCO-val2017-VOC-labels · V1"."""
    recipe = re.sub(r"^(IMAGENET1K|COCO_WITH_VOC_LABELS)_", "", weights.name).replace("_", " ")
    return f"{weights.dataset} · {recipe}"


def _begun(part: Path) -> str:
    """How much an interrupted download has left."""
    size = _bytes(part)
    return f"{units.memory(size)} of it are here already; a download goes on from there." * (
        size > 0
    )


def _own(card: ModelCard) -> list[WeightsChoice]:
    weights = own(card.name)
    if weights is None:
        return []
    path = Path(weights.path)
    return [
        WeightsChoice(
            key=OWN,
            title=f"{weights.dataset} · trained by ConvZoo",
            kind="own",
            on_disk=True,
            path=weights.path,
            file=path.name,
            folder=str(path.parent),
            megabytes=_bytes(path) / 2**20,
            top1=weights.top1,
            dataset=weights.dataset,
            licence=weights.licence,
            note=weights.note,
        )
    ]


def _random() -> WeightsChoice:
    return WeightsChoice(
        key=RANDOM, title="Random weights", kind="random", on_disk=True, note=_UNTRAINED
    )


def _bytes(path: Path) -> int:
    """The size of a file, 0 where there is none that can be seen."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
