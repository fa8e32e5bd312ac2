"""May a saliency map be trusted? Weights made random, and pixels shown and hidden in its order."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.functional import gaussian_blur

from explorer.errors import BadRequest
from explorer.progress import Progress, silent
from explorer.vision import costs, preprocess
from explorer.vision.attribution import attribute_loaded
from explorer.vision.attribution_methods import METHODS
from explorer.vision.attribution_records import Attribution, Curves, KnobValue, Randomisation, Step
from explorer.vision.loaded import LoadedModel
from explorer.vision.loading import load
from explorer.vision.similarity import rank_correlation, similarity
from explorer.zoo.weight_records import RANDOM

if TYPE_CHECKING:
    from explorer.pictures.records import Picture

MOST_STOPS = 10
"""Maps made on the way from the last layer to the first; all layers between are random too."""
POINTS = 33
"""Of each curve: every 32nd part of the pixels."""
ALIKE, ALMOST_THE_SAME = 0.5, 0.9


def randomisation(
    name: str,
    picture: Picture,
    method: str,
    *,
    target: int | str | None = None,
    weights: str | None = None,
    layer: str | None = None,
    knobs: Iterable[tuple[str, KnobValue]] = (),
    progress: Progress = silent,
) -> Randomisation:
    """Make a map again and again while the network's layers become random, from the top down.

    Cascading randomisation as in Adebayo et al., "Sanity Checks for Saliency Maps" (2018). It
    happens in a copy: the network that is loaded stays as it is. The random weights are those of
    the architecture before training. Raises BadRequest where the weights are random already, and
    what `attribute` raises.
    """
    loaded = load(name, weights)
    if loaded.use.random:
        raise BadRequest(
            "These weights are random already; choose trained ones to see what a map loses."
        )
    knobs = tuple(knobs)
    original = attribute_loaded(
        loaded, picture, method, target=target, layer=layer, knobs=knobs,
        progress=_between(progress, 0, 1 / (MOST_STOPS + 1)),
    )  # fmt: skip
    forgetting = _copied(loaded)
    steps: list[Step] = []
    stops = list(_stops(forgetting))
    for number, (row, names) in enumerate(stops, 1):
        _forget(forgetting, load(name, RANDOM), names)
        share = (number / (len(stops) + 1), (number + 1) / (len(stops) + 1))
        found = attribute_loaded(
            forgetting, picture, method, target=original.target, layer=original.layer or None,
            knobs=knobs, progress=_between(progress, *share),
        )  # fmt: skip
        steps.append(_step(row, original, found))
    return Randomisation(original, tuple(steps), _forgotten(steps))


def curves(
    name: str,
    picture: Picture,
    method: str,
    *,
    target: int | str | None = None,
    weights: str | None = None,
    layer: str | None = None,
    knobs: Iterable[tuple[str, KnobValue]] = (),
    progress: Progress = silent,
) -> Curves:
    """Follow a class's probability while pixels appear and vanish in the order of its map.

    Insertion and deletion as in Petsiuk, Das and Saenko, "RISE" (2018): the picture appears in a
    blurred one, and vanishes into the mean that the network subtracts. Raises what `attribute`
    raises.
    """
    loaded = load(name, weights)
    found = attribute_loaded(
        loaded, picture, method, target=target, layer=layer, knobs=knobs,
        progress=_between(progress, 0, 0.3),
    )  # fmt: skip
    values = np.nan_to_num(found.values, posinf=0, neginf=0).ravel()
    orders = (np.argsort(-values, kind="stable"), np.random.default_rng(0).permutation(values.size))
    followed = [
        probabilities
        for number, order in enumerate(orders)
        for probabilities in _followed(
            loaded, picture, found.target, order,
            _between(progress, 0.3 + 0.35 * number, 0.65 + 0.35 * number),
        )
    ]  # fmt: skip
    areas = [float(np.trapezoid(each, dx=1 / (POINTS - 1))) for each in followed]
    return Curves(
        fractions=tuple(float(each) for each in np.linspace(0, 1, POINTS)),
        insertion=followed[0],
        deletion=followed[1],
        insertion_area=areas[0],
        deletion_area=areas[1],
        random_insertion_area=areas[2],
        random_deletion_area=areas[3],
        sentence=_mattering(areas),
    )


def _copied(loaded: LoadedModel) -> LoadedModel:
    with loaded.borrowed() as network:
        own = copy.deepcopy(network)
    return LoadedModel(
        loaded.card, loaded.choice, own, loaded.preprocessing, loaded.classes, loaded.device,
        loaded.taps,
    )  # fmt: skip


def _stops(loaded: LoadedModel) -> Iterator[tuple[str, tuple[str, ...]]]:
    """From the top down: a row to make a map at, and the tensors to be random from then on.

    Norms fall with the convolution they follow. What no row owns falls with the first layer.
    """
    with loaded.borrowed() as network:
        waiting = {name: tensor.dim() for name, tensor in network.state_dict().items()}
    rows: list[tuple[str, tuple[str, ...]]] = []
    gathered: list[str] = []
    for layer in reversed([each for each in loaded.taps.layers if each.ran and each.params]):
        own = [name for name in waiting if name.startswith(f"{layer.path}.")]
        gathered += own
        if any(waiting.pop(name) > 1 for name in own):
            rows.append((layer.name, tuple(gathered)))
            gathered = []
    if not rows:
        return
    last, names = rows[-1]
    rows[-1] = (last, (*names, *gathered, *waiting))
    chosen = {round(each) for each in np.linspace(0, len(rows) - 1, min(MOST_STOPS, len(rows)))}
    names = ()
    for number, (row, own_names) in enumerate(rows):
        names = (*names, *own_names)
        if number in chosen:
            yield row, names
            names = ()


def _forget(loaded: LoadedModel, fresh: LoadedModel, names: Sequence[str]) -> None:
    """Overwrite tensors of a network with those of an untrained one."""
    with fresh.borrowed() as other:
        untrained = other.state_dict()
    with loaded.borrowed() as network, torch.no_grad():
        own = network.state_dict()
        for name in names:
            if name in untrained and untrained[name].shape == own[name].shape:
                own[name].copy_(untrained[name])


def _step(row: str, original: Attribution, found: Attribution) -> Step:
    return Step(
        row,
        rank_correlation(original.values, found.values),
        similarity(original.values, found.values),
        found.values,
    )


def _forgotten(steps: Sequence[Step]) -> str:
    """Say what follows, with the numbers it follows from."""
    if not steps:
        return "The network has no weights that could be made random."
    first, last = steps[0].rank_correlation, steps[-1].rank_correlation
    if last is None or first is None:
        return "A map on the way is blank or has values that are no numbers: it cannot be compared."
    if first > ALMOST_THE_SAME:
        meaning = f"Randomising the last layer leaves the map almost unchanged ({_rank(first)})"
        if last > ALIKE:
            return (
                f"{meaning}, and all layers {_rank(last)}: it does not depend on what was learned."
            )
        return (
            f"{meaning}: it hardly depends on what the last layer learned; all layers: {last:.2f}."
        )
    if last > ALIKE:
        return (
            f"With all layers random the map still looks alike ({_rank(last)}): it shows the "
            "picture more than what the network learned."
        )
    all_of_them = (
        f"randomising all of them more ({_signed(last)})"
        if last < first
        else f"and so does randomising all of them ({_signed(last)})"
    )
    return (
        f"Randomising the last layer changes the map ({_rank(first)}), {all_of_them}: it depends "
        "on what the network learned."
    )


def _rank(number: float) -> str:
    return f"rank correlation {_signed(number)}"


def _signed(number: float) -> str:
    return f"{number:.2f}".replace("-", "−")


def _followed(
    loaded: LoadedModel, picture: Picture, target: int, order: np.ndarray, progress: Progress
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Probabilities while pixels appear in this order, and while they vanish."""
    x = preprocess.input_tensor(picture, loaded.preprocessing).to(loaded.device)
    side = min(x.shape[-2:])
    kernel = 2 * (side // 4) + 1
    blurred = gaussian_blur(x, [kernel, kernel], [side / 12] * 2)
    ranks = torch.empty(order.size, device=x.device)
    ranks[torch.from_numpy(order.copy()).to(x.device)] = torch.arange(
        order.size, dtype=torch.float, device=x.device
    )
    # The first `count` pixels of the order are shown, or hidden.
    counts = torch.linspace(0, order.size, POINTS, device=x.device).round()
    first = (ranks[None] < counts[:, None]).reshape(-1, 1, *x.shape[-2:])
    shown = _probabilities(loaded, x, blurred, first, target, _between(progress, 0, 0.5))
    hidden = _probabilities(
        loaded, torch.zeros_like(x), x, first, target, _between(progress, 0.5, 1)
    )
    return shown, hidden


def _probabilities(
    loaded: LoadedModel,
    new: Tensor,
    old: Tensor,
    masks: Tensor,
    target: int,
    progress: Progress,
) -> tuple[float, ...]:
    """The class's probability where each mask shows the new picture and hides the old one."""
    found: list[float] = []
    at_once = costs.chunk(METHODS["occlusion"], loaded.taps, loaded.device)
    with loaded.borrowed() as network, torch.inference_mode():
        for part in masks.split(at_once):
            progress(len(found) / len(masks), f"{len(found)} of {len(masks)} pictures asked")
            found += network(torch.where(part, new, old)).softmax(1)[:, target].tolist()
    return tuple(found)


def _mattering(areas: Sequence[float]) -> str:
    if not np.isfinite(areas).all():
        return "Some of the probabilities are no numbers: nothing follows from these curves."
    insertion, deletion, by_chance, against = areas
    numbers = (
        f"Inserted in the map's order the area is {insertion:.2f} (random order {by_chance:.2f}), "
        f"deleted {deletion:.2f} (random order {against:.2f})"
    )
    better = (insertion > by_chance) + (deletion < against)
    if better == 2:
        return f"{numbers}: the pixels it names matter to the network."
    if better == 1:
        return f"{numbers}: only one of the two speaks for the map."
    return f"{numbers}: the pixels it names matter no more than any others."


def _between(progress: Progress, low: float, high: float) -> Progress:
    def report(fraction: float, sentence: str) -> None:
        progress(low + (high - low) * min(fraction, 1.0), sentence)

    return report
