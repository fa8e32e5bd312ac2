"""Load networks with their weights; the last few stay loaded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import safetensors.torch
import torch
from torch import Tensor, nn
from torchvision import models

from explorer import device
from explorer.anatomy.measure import exhaustion
from explorer.errors import BadCheckpoint, BadRequest, ExplorerError
from explorer.training import trained
from explorer.vision import passes, preprocess
from explorer.vision.loaded import LoadedModel
from explorer.vision.question import seeded
from explorer.zoo import build, state_dicts, torchvision_models, trained_runs, weights
from explorer.zoo.own_weights import own

if TYPE_CHECKING:
    from explorer.vision.records import Preprocessing
    from explorer.zoo.cards import ModelCard
    from explorer.zoo.weight_records import WeightsChoice

SEED = 0
"""Random weights are the same every time, so that what they show can be compared."""
MOST_NETWORKS = 8
MOST_BYTES = 3 << 30
"""What stays loaded for the next call; the network in use stays in any case."""

CIFAR10 = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip

_loaded: OrderedDict[tuple[str, str, str], LoadedModel] = OrderedDict()
_loading = threading.Lock()


def load(name: str, weights_key: str | None = None) -> LoadedModel:
    """Load a classifier of the zoo with its weights, or find it loaded; the last few are kept.

    Without a key the best weights on disk are taken, random ones where there are none. Raises
    UnknownModel, MissingWeights, BadCheckpoint, BuildFailed, OutOfMemory, and BadRequest for a
    model that is no classifier.
    """
    card = build.card(name)
    if card.task != "classification":
        raise BadRequest(
            f"{card.title} is for {card.task}; a picture is opened in classifiers only, "
            "such as resnet50."
        )
    choice = weights.choose(card, weights_key)
    where = device.choose()
    key = (card.name, choice.key, str(where))
    with _loading:
        if key not in _loaded:
            _loaded[key] = _load(card, choice, where)
        _loaded.move_to_end(key)
        found = _loaded[key]
        _forget_oldest()
    return found


def let_go() -> None:
    """Forget all networks that are loaded."""
    with _loading:
        _loaded.clear()
    passes.forget()


def _forget_oldest() -> None:
    while len(_loaded) > 1 and (
        len(_loaded) > MOST_NETWORKS or sum(m.size_bytes for m in _loaded.values()) > MOST_BYTES
    ):
        _, gone = _loaded.popitem(last=False)
        passes.forget(gone)


def _load(card: ModelCard, choice: WeightsChoice, where: torch.device) -> LoadedModel:
    try:
        with exhaustion(card.title, 1, where):
            built = network(card, choice)
    except ExplorerError:
        raise
    except Exception as error:
        if choice.kind == "random":
            raise
        what = " ".join(str(error).split())[:200]
        again = "train it" if choice.kind == "trained" else "remove it and download it"
        raise BadCheckpoint(
            f"The file {choice.path} does not fit {card.title}; {again} again ({what})."
        ) from error
    return LoadedModel(card, choice, built, preprocessing(card, choice), _classes(card), where)


def network(card: ModelCard, choice: WeightsChoice) -> nn.Module:
    """Build a model with weights that are on disk, on the CPU; nothing is kept of it.

    Raises BuildFailed, BadCheckpoint, and whatever torch does for a file that does not fit.
    """
    if choice.kind == "published":
        numbers = torch.load(choice.path, map_location="cpu", weights_only=True)
        members = models.get_model_weights(card.name)
        return torchvision_models.construct(card.name, members[choice.key], numbers)
    if choice.kind == "trained":
        return trained.network(card.name, choice.path)
    with seeded(SEED, torch.device("cpu")):
        built = build.real_network(card.name)
    if choice.kind != "random":
        state_dicts.load(built, safetensors.torch.load_file(choice.path))
    return built


def preprocessing(card: ModelCard, choice: WeightsChoice) -> Preprocessing:
    """How pictures are prepared for a model with these weights, whether they are on disk or not."""
    if card.source == "run":
        return trained.preprocessing(card.name)
    shipped = own(card.name) if choice.kind == "own" else None
    if shipped is not None:
        return preprocess.as_trained(
            shipped.pictures,
            (card.input_shape[0], *card.input_size),
            shipped.mean,
            shipped.std,
            source=f"as in training on {shipped.dataset}",
            invert_light=shipped.invert_light,
        )
    if card.source != "torchvision":
        return preprocess.customary(card)
    members = models.get_model_weights(card.name)
    member = members[choice.key] if choice.kind == "published" else members.DEFAULT
    return preprocess.published(member.transforms(), f"torchvision's {member}")


def _classes(card: ModelCard) -> tuple[str, ...]:
    """Names of the outputs; numbers where nobody named them."""
    if card.source == "run":
        return trained_runs.began(trained_runs.find(card.name)).classes
    shipped = own(card.name)
    if shipped is not None:
        return shipped.classes
    outputs = _outputs(card)
    if outputs == 1000:
        return tuple(models.ResNet18_Weights.DEFAULT.meta["categories"])
    if outputs == 10 and card.input_shape[0] == 3 and card.source != "user":
        return CIFAR10
    return tuple(f"class {number}" for number in range(outputs))


def _outputs(card: ModelCard) -> int:
    """How many scores the network gives."""
    skeleton = build.network(card.name)
    with torch.inference_mode():
        scores = skeleton(*build.example_inputs(card, device="meta"))
    if not isinstance(scores, Tensor) or scores.dim() != 2:
        raise BadRequest(
            f"{card.title} gives no scores of classes, so a picture cannot be opened in it."
        )
    return int(scores.shape[1])
