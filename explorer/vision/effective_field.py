"""What really moves a unit: its gradient by the input's pixels, averaged over several passes.

After Luo, Li, Urtasun and Zemel, "Understanding the Effective Receptive Field in Deep
Convolutional Neural Networks" (NeurIPS 2016): the derivative of one unit by every input pixel,
averaged. A unit here is all channels at one place; they are added with random signs, drawn anew
for each pass, for a plain sum would cancel: that of a layer norm's output is always zero.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from explorer.errors import BadRequest
from explorer.pictures import samples
from explorer.progress import Progress, silent
from explorer.vision import preprocess
from explorer.vision.field_records import (
    OVERS,
    EffectiveField,
    FieldGrowth,
    FieldRow,
    Over,
    Unit,
)
from explorer.vision.field_rows import of_loaded
from explorer.vision.grids import unit as elements
from explorer.vision.instrumented import Instrumented
from explorer.vision.loading import load
from explorer.vision.spreads import spread

if TYPE_CHECKING:
    from explorer.pictures.records import Picture
    from explorer.vision.loaded import LoadedModel
    from explorer.vision.taps import Taps

MOST_PASSES = 64
PASSES = 4
SEED = 0
"""Signs and noise are the same every time, so that two units can be compared."""

Map: TypeAlias = npt.NDArray[np.float64]


class Aim(NamedTuple):
    """A unit of a row whose gradient is wanted."""

    row: FieldRow
    unit: Unit


class _Reached(Exception):
    """The last row of interest has run: the rest of the network need not."""


def effective_field(
    name: str,
    picture: Picture,
    row: str | None = None,
    unit: Unit | None = None,
    *,
    weights: str | None = None,
    over: Over = "picture",
    passes: int = PASSES,
    progress: Progress = silent,
) -> EffectiveField:
    """Measure what moves a unit (row, column) of a row of the anatomy.

    Without a row it is the last map of the main path, without a unit its middle one. `over` is
    what the passes run on: all on the picture, on it and the sample photographs, or on Gaussian
    noise. Raises UnknownModel, MissingWeights, BadPicture, and BadRequest for a row without
    units, a unit outside it, or a number of passes outside 1 to 64.
    """
    model = load(name, weights)
    known = of_loaded(model)
    wanted = known.main[-1] if row is None else known.row(row)
    middle = wanted.nearest(*(side / 2 for side in wanted.pixels))
    aim = Aim(wanted, middle if unit is None else wanted.checked(*unit))
    return _measured(model, picture, [aim], over, passes, progress)[0]


def field_growth(
    name: str,
    picture: Picture,
    point: tuple[float, float] | None = None,
    *,
    rows: Sequence[str] | None = None,
    weights: str | None = None,
    over: Over = "picture",
    passes: int = 1,
    progress: Progress = silent,
) -> FieldGrowth:
    """Measure the fields around a point (down, across) of the input, row by row.

    At each row it is the unit whose field's centre lies nearest to the point, by default the
    input's middle; the rows are those of the main path unless named. One forward pass serves all
    rows; the maps are kept in half precision, relative to their largest value. Raises what
    `effective_field` does.
    """
    began = time.perf_counter()
    model = load(name, weights)
    known = of_loaded(model)
    chosen = known.main if rows is None else tuple(known.row(each) for each in rows)
    height, width = chosen[0].pixels
    down, across = point or (height / 2, width / 2)
    aims = [Aim(each, each.nearest(down, across)) for each in chosen]
    fields = _measured(model, picture, aims, over, passes, progress, relative=True)
    seconds = time.perf_counter() - began
    return FieldGrowth(model.use, (down, across), (height, width), tuple(fields), seconds)


def gradients(
    network: nn.Module,
    taps: Taps,
    aims: Sequence[Aim],
    inputs: Sequence[Tensor],
    *,
    passes: int = 1,
    noted: Callable[[int, int], None] = lambda done, of: None,
) -> list[Map]:
    """Return the mean absolute gradient of each aim's unit by the input's pixels, (H, W) each.

    Pass i runs on input i, (1, C, H, W), over and over; an input that several passes share is
    run through the network once. The network runs no further than the last of the rows. `noted`
    is told how many gradients are there, and of how many.
    """
    sums: list[Map] = [np.zeros(tuple(inputs[0].shape[-2:])) for _ in aims]
    done = 0
    for number, given in enumerate(inputs):
        turns = range(number, passes, len(inputs))
        if not turns:
            break
        x = given.detach().clone().requires_grad_()
        with torch.enable_grad():
            outputs = _outputs(network, taps, [aim.row.name for aim in aims], x)
            units = [_values(outputs[aim.row.name], aim) for aim in aims]
        outputs.clear()
        for turn in turns:
            for at, values in enumerate(units):
                noted(done, passes * len(aims))
                last = turn == turns[-1] and at == len(units) - 1
                sums[at] += _gradient(values, x, SEED + turn, keep=not last)
                done += 1
    return [each / passes for each in sums]


def _outputs(network: nn.Module, taps: Taps, names: Sequence[str], x: Tensor) -> dict[str, Tensor]:
    """Outputs of rows, with their history; the network stops at the last of them."""
    names = tuple(dict.fromkeys(names))
    found: dict[str, Tensor] = {}
    instrumented = Instrumented(network, taps, names)

    def keeper(name: str) -> Callable[..., None]:
        def keep(module: nn.Module, args: Any, output: Tensor) -> None:
            found[name] = output
            if len(found) == len(names):
                raise _Reached

        return keep

    for name, probe in zip(names, instrumented.probes, strict=True):
        probe.register_forward_hook(keeper(name))
    with suppress(_Reached):
        instrumented(x)
    return found


def _values(output: Tensor, aim: Aim) -> Tensor:
    """The numbers that make up a unit, in one dimension."""
    for dim, indices in enumerate(elements(aim.row.field, *aim.unit)):
        if len(indices) < output.shape[dim]:
            chosen = torch.tensor(indices, device=output.device)
            output = output.index_select(dim, chosen)
    return output.flatten()


def _gradient(values: Tensor, x: Tensor, seed: int, *, keep: bool) -> Map:
    """The absolute gradient of the values, added with random signs, its colours added up."""
    generator = torch.Generator().manual_seed(seed)
    signs = torch.randint(0, 2, values.shape, generator=generator).to(values) * 2 - 1
    if not values.requires_grad:
        return np.zeros(tuple(x.shape[-2:]))
    (found,) = torch.autograd.grad(values, x, signs, retain_graph=keep, allow_unused=True)
    if found is None:
        return np.zeros(tuple(x.shape[-2:]))
    total: Map = found[0].abs().sum(0).cpu().double().numpy()
    return total


def _measured(
    model: LoadedModel,
    picture: Picture,
    aims: Sequence[Aim],
    over: Over,
    passes: int,
    progress: Progress,
    *,
    relative: bool = False,
) -> list[EffectiveField]:
    """Measure units; `relative` keeps their maps small, relative to the largest value."""
    _check(over, passes)
    progress(0.0, f"Running {model.card.title}")
    inputs = [each.to(model.device) for each in _inputs(model, picture, over, passes)]
    began = time.perf_counter()

    def noted(done: int, of: int) -> None:
        progress(done / of, f"Gradient {done + 1} of {of}, of {aims[done % len(aims)].row.name}")

    with model.borrowed() as network:
        sums = gradients(network, model.taps, aims, inputs, passes=passes, noted=noted)
    seconds = (time.perf_counter() - began) / len(aims)
    like = _Told(model, picture, over, passes, len(inputs), seconds)
    fields = [
        like.field(aim, values, _compact(values) if relative else values.astype(np.float32))
        for aim, values in zip(aims, sums, strict=True)
    ]
    progress(1.0, "Done")
    return fields


class _Told(NamedTuple):
    """What the fields that were measured together have in common."""

    model: LoadedModel
    picture: Picture
    over: Over
    passes: int
    inputs: int
    seconds: float

    def field(self, aim: Aim, values: Map, kept: npt.NDArray[np.floating]) -> EffectiveField:
        """The record of one of them; `kept` are its values as they go into it."""
        row, unit = aim
        theory, centre = row.theoretical(*unit), row.centre(*unit)
        return EffectiveField(
            use=self.model.use,
            row=row.name,
            unit=unit,
            channels=row.channels,
            theoretical=theory,
            centre=centre,
            values=kept,
            spread=spread(values, centre, theory.unclipped, theory.convolutional),
            window=self.model.preprocessing.window(self.picture.height, self.picture.width),
            over=self.over,
            passes=self.passes,
            seconds=self.seconds,
            method=_method(row.channels, self.over, self.passes, self.inputs),
            notes=_notes(values),
        )


def _check(over: str, passes: int) -> None:
    if over not in OVERS:
        raise BadRequest(f"A field is averaged over {', '.join(OVERS)}, not {str(over)[:40]!r}.")
    if type(passes) is not int or not 1 <= passes <= MOST_PASSES:
        raise BadRequest(f"A field takes from 1 to {MOST_PASSES} passes, not {passes!r}.")


def _inputs(model: LoadedModel, picture: Picture, over: Over, passes: int) -> list[Tensor]:
    """The inputs that the passes take in turn, each (1, C, H, W)."""
    recipe = model.preprocessing
    channels = len(recipe.mean)
    if over == "noise":
        generator = torch.Generator().manual_seed(SEED)
        shape = (1, channels, *recipe.crop)
        return [torch.randn(shape, generator=generator) for _ in range(passes)]
    pictures = [picture]
    if over == "photographs":
        subject = samples.suiting(channels, max(recipe.crop))
        others = (each.name for each in samples.of(subject))
        accepted = map(samples.accepted, others)
        pictures += [each for each in accepted if each.digest != picture.digest]
    return [preprocess.input_tensor(each, recipe) for each in pictures[:passes]]


def _compact(values: Map) -> npt.NDArray[np.float16]:
    """Half precision, relative to the largest value: enough to be drawn."""
    top = float(values.max())
    return (values / top if np.isfinite(top) and top > 0 else values).astype(np.float16)


def _method(channels: int, over: Over, passes: int, inputs: int) -> str:
    """What was differentiated by what, on what, and averaged how."""
    what = (
        f"the unit's {channels:,} channels, added with random signs drawn anew for each pass,"
        if channels > 1
        else "the unit's one number"
    )
    on = {
        "picture": "on this picture",
        "photographs": f"on this picture and {inputs - 1} of the sample pictures in turn"
        if inputs > 1
        else "on this picture",
        "noise": "on Gaussian noise (mean 0, standard deviation 1) in place of the picture",
    }[over]
    mean = f"the mean over {passes} passes" if passes > 1 else "one pass"
    return (
        f"Absolute gradient of {what} by each input pixel, its colours added up; {mean} {on} "
        "(after Luo, Li, Urtasun and Zemel, 2016)."
    )


def _notes(values: Map) -> tuple[str, ...]:
    if not np.isfinite(values).all():
        return ("The gradient is not a number everywhere, so its shares are not known.",)
    if not values.any():
        return (
            "The gradient is zero everywhere: nothing in this input moves the unit, so there is "
            "no effective field to draw; choose another unit, layer or picture.",
        )
    return ()
