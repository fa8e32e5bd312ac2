"""One network asked about one class on one picture: what every saliency method works with."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.transforms.functional import gaussian_blur

from explorer.errors import BadRequest
from explorer.vision import cam_layer
from explorer.vision.attribution_records import Completeness
from explorer.vision.instrumented import Instrumented

if TYPE_CHECKING:
    from explorer.anatomy.records import Layer
    from explorer.progress import Progress
    from explorer.vision.attribution_methods import KnobValue
    from explorer.vision.cam_layer import View
    from explorer.vision.records import Preprocessing
    from explorer.vision.taps import Taps

_process = threading.RLock()
"""Held while something happens to what all threads share: random numbers, filters of warnings."""

HOOKING = r"\s*Setting (backward hooks on ReLU|forward, backward hooks and attributes)"
"""How captum's warnings begin that it sets hooks, which we know and want."""


class Answer(NamedTuple):
    """What a method found: values (1, C, h, w) on any grid, and what is to be said of them."""

    values: Tensor
    completeness: Completeness | None = None
    notes: tuple[str, ...] = ()


class Question:
    """A network, its input (1, C, H, W), a class among its outputs, and a method's settings.

    `chunk` pictures go through the network at once. `expected` is how many will in all, for the
    progress that each pass reports; it may raise Cancelled. The input wants gradients. The first
    pass says the class; `shared`, it serves the first gradient as well.
    """

    def __init__(
        self,
        network: nn.Module,
        taps: Taps,
        x: Tensor,
        settings: Mapping[str, KnobValue],
        recipe: Preprocessing,
        progress: Progress,
        *,
        target: int | None = None,
        classes: Sequence[str] = (),
        layer: str = "",
        chunk: int = 1,
        expected: int = 1,
        shared: bool = False,
    ) -> None:
        self.network = network
        self.taps = taps
        self.x = x.detach().clone().requires_grad_()
        self.settings = settings
        self.recipe = recipe
        self.classes = classes
        self.layer = layer
        self.chunk = chunk
        self.expected = expected
        self.passes = 0
        self._progress = progress
        with torch.set_grad_enabled(shared):
            first = self.scores(self.x)
        self.output = first.detach()
        self._first: Tensor | None = first if shared else None
        self.target = int(self.output.argmax()) if target is None else target

    @property
    def score(self) -> float:
        """The class's score on the picture, before the softmax."""
        return float(self.output[0, self.target])

    def scores(self, x: Tensor) -> Tensor:
        """Run the network on pictures (N, C, H, W); what captum calls the forward function."""
        if x is self.x and self.passes and self._first is not None:
            first, self._first = self._first, None
            return first
        self.passing(x.shape[0])
        # Larger batches are quicker with the channels of a pixel side by side.
        x = x.contiguous(memory_format=torch.channels_last) if x.shape[0] > 1 else x
        output: Tensor = self.network(x)
        return output

    def passing(self, pictures: int) -> None:
        """Say that so many pictures go through the network now."""
        done = min(self.passes / max(self.expected, 1), 1.0)
        self._progress(done, f"{self.passes} of about {self.expected} passes through the network")
        self.passes += pictures

    def number(self, knob: str) -> float:
        """Return the value of a knob that is a number."""
        return float(self.settings[knob])

    def row(self) -> tuple[Layer, View]:
        """Return the row looked into and how it is seen as maps. Raises BadRequest for others."""
        layer = self.taps.layer(self.layer)
        seen = cam_layer.view(layer, self.taps)
        if seen is None:
            raise BadRequest(
                f"The output of {self.layer} is no map; choose a layer before it is flattened."
            )
        return layer, seen

    def instrumented(self, *, layer: bool = False, stand_ins: bool = False) -> Watched:
        """Return the network as a module that captum can hook, and that is thrown away after."""
        if stand_ins:
            self.passing(1)
        return Watched(self, layer=layer, stand_ins=stand_ins)

    def baseline(self, name: KnobValue) -> Tensor:
        """Return a picture (1, C, H, W) that stands for nothing to be seen, as the input is.

        Grey is the mean that is subtracted, zero to the network.
        """
        if name == "blurred":
            side = min(self.x.shape[-2:])
            kernel = 2 * (side // 4) + 1
            blurred: Tensor = gaussian_blur(self.x.detach(), [kernel, kernel], [side / 12] * 2)
            return blurred
        light = {"black": 0.0, "white": 1.0}
        if name not in light:
            return torch.zeros_like(self.x)
        mean, std = (
            torch.tensor(each, device=self.x.device)[:, None, None]
            for each in (self.recipe.mean, self.recipe.std)
        )
        return ((light[str(name)] - mean) / std).expand_as(self.x).contiguous()

    @property
    def other(self) -> int:
        """The likeliest class besides the one asked for."""
        first, *rest = self.output[0].argsort(descending=True).tolist()
        return int(first) if first != self.target or not rest else int(rest[0])

    def score_of(self, picture: Tensor) -> float:
        """Return the class's score on another picture."""
        with torch.no_grad():
            return float(self.scores(picture)[0, self.target])

    def completeness(self, values: Tensor, baseline: Tensor) -> Completeness:
        """Compare the sum of a map with the change of the score from a baseline."""
        total, difference = float(values.detach().sum()), self.score - self.score_of(baseline)
        gap = abs(total - difference)
        share = f", {gap / abs(difference):.1%} of it" if difference else ""
        return Completeness(
            total,
            difference,
            f"The values add up to {total:.3f}, the score differs from the baseline's by "
            f"{difference:.3f}: a gap of {gap:.3f}{share}.",
        )


class Watched(Instrumented):
    """An instrumented network that counts its passes and shows its row as maps (N, C, H, W).

    `row` is the module whose output they are.
    """

    def __init__(self, question: Question, *, layer: bool, stand_ins: bool) -> None:
        probed = (question.layer,) if layer else ()
        example = question.x.detach() if stand_ins else None
        super().__init__(
            question.network, question.taps, probed, stand_ins=stand_ins, example=example
        )
        self._question = (question,)
        # Captum notes the gradient at a module's output before the next module, reading the same
        # tensor, has changed it (a max pooling right behind a ReLU): so it reads a copy.
        self._stand_ins = {number: _Apart(each) for number, each in self._stand_ins.items()}
        if layer:
            seen = question.row()[1]
            self.row = nn.Identity()
            for places in self._at.values():
                for position, probe in places.items():
                    places[position] = nn.Sequential(probe, _AsMaps(seen, self.row))

    def forward(self, *inputs: Tensor) -> Tensor:
        """Run the network and count the pass."""
        self._question[0].passing(inputs[0].shape[0])
        return super().forward(*inputs)


class _Apart(nn.Module):
    """Runs a module and hands on a copy."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self._module = module

    def forward(self, x: Tensor) -> Tensor:
        """Copy what the module makes."""
        made: Tensor = self._module(x)
        return made.clone()


class _AsMaps(nn.Module):
    """Passes a row's output on, through a module that sees it as maps."""

    def __init__(self, seen: View, row: nn.Module) -> None:
        super().__init__()
        self._seen = seen
        self._row = row

    def forward(self, x: Tensor) -> Tensor:
        """Turn the output into maps, show them, and turn them back."""
        return self._seen.back(self._row(self._seen.maps(x)), x)


@contextmanager
def quiet() -> Iterator[None]:
    """Let captum set its hooks without a warning."""
    with _process, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=HOOKING)
        yield


@contextmanager
def seeded(seed: float, where: torch.device) -> Iterator[None]:
    """Draw the same random numbers every time, and leave the process's own as they were."""
    devices = [where] if where.type == "cuda" else []
    with _process, torch.random.fork_rng(devices=devices):
        torch.manual_seed(int(seed))
        # Captum draws baselines with numpy's global generator.
        before = np.random.get_state()
        np.random.seed(int(seed))
        try:
            yield
        finally:
            np.random.set_state(before)
