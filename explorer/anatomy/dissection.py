"""Take a network apart: one recorded forward pass, told as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from explorer.anatomy import collector, liveness
from explorer.anatomy.forward import Forward, could_run_for_real, for_real, on_meta, sufficient
from explorer.anatomy.records import Anatomy, Failure, ModuleNode, Run
from explorer.anatomy.rows import Told
from explorer.errors import BadRequest
from explorer.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from explorer.anatomy.operators import OperatorCall
    from explorer.zoo.cards import ModelCard

LARGEST_SIDE = 4096
LARGEST_BATCH = 4096
NO_DATA = "Shapes do not depend on the data, so none was needed."


def dissect(
    model: str | nn.Module,
    *,
    size: int | tuple[int, int] | None = None,
    batch: int = 1,
    inputs: Any = None,
    progress: Progress = silent,
) -> Anatomy:
    """Take a network apart at one input size.

    `model` is a name of the zoo, with `size` (one number or (H, W), by default the size its
    weights are evaluated at) and `batch`; or any `nn.Module` with `inputs`, an example tensor or
    the tuple of its forward's arguments. A module is left as it was found: mode, parameters,
    buffers, gradients, hooks and random numbers. Sides and batch go from 1 to 4096.

    A forward pass that fails half-way gives an anatomy of the layers that worked, with `failure`
    set. Raises UnknownModel, BuildFailed, and BadRequest for arguments that make no sense.
    """
    if isinstance(model, str):
        if inputs is not None:
            raise BadRequest("A model of the zoo takes `size` and `batch`, not `inputs`.")
        with collector.paused():
            return _dissect_named(model, checked_size(size), _checked_batch(batch), progress)
    if not isinstance(model, nn.Module):
        raise BadRequest("`model` must be a name of the zoo or a torch.nn.Module.")
    _admit(model)
    if inputs is None:
        raise BadRequest("A module needs `inputs`: an example tensor or a tuple of arguments.")
    if size is not None:
        raise BadRequest("The size of a module's input is that of its `inputs`, not `size`.")
    args = inputs if isinstance(inputs, tuple) else (inputs,)
    with collector.paused():
        return _dissect_module(model, args, progress)


def _admit(module: nn.Module) -> None:
    """Refuse modules whose layers or weights are not there to be looked at."""
    if any(isinstance(each, torch.jit.ScriptModule) for each in module.modules()):
        raise BadRequest("A scripted module hides its layers: give the nn.Module it was made from.")
    if any(map(torch.nn.parameter.is_lazy, (*module.parameters(), *module.buffers()))):
        raise BadRequest("A lazy module has no weights yet: call it once before taking it apart.")


def checked_size(size: int | tuple[int, int] | None) -> tuple[int, int] | None:
    """Spell a size out as (H, W). Raises BadRequest for anything but 1 to 4096 per side."""
    if size is None:
        return None
    sides = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    whole = len(sides) == 2 and all(type(each) is int for each in sides)
    if not whole or not all(1 <= each <= LARGEST_SIDE for each in sides):
        raise BadRequest(
            f"A size is one or two whole numbers from 1 to {LARGEST_SIDE}, such as 224 or "
            f"(192, 256), not {size!r}."
        )
    return sides  # type: ignore[return-value]


def _checked_batch(batch: int) -> int:
    if type(batch) is not int or not 1 <= batch <= LARGEST_BATCH:
        raise BadRequest(f"A batch is a whole number from 1 to {LARGEST_BATCH}, not {batch!r}.")
    return batch


def _dissect_named(
    name: str, size: tuple[int, int] | None, batch: int, progress: Progress
) -> Anatomy:
    from explorer.zoo import build  # noqa: PLC0415 - a user's own module needs no zoo

    progress(0.0, f"Building {name}")
    card = build.card(name)
    network = build.network(name)
    height, width = size or card.input_size
    progress(0.4, f"Running {name} on the meta device")

    def run(side: tuple[int, int]) -> Forward:
        args = build.example_inputs(card, side, batch, torch.device("meta"))
        return Forward(network, args, assume=card.task == "detection")

    seen = run((height, width))
    how = _zoo_run(card, seen)
    enough: tuple[int, int] | None = None
    if seen.error is not None and card.source == "user":
        real = build.real_network(name)
        args = build.example_inputs(card, (height, width), batch)
        seen, how = _repeated(real, args, seen)
    if seen.error is not None:
        progress(0.6, "Looking for a size that suffices")
        enough = sufficient((height, width), lambda side: run(side).error is None)
        if enough is None and run(card.input_size).error is None:
            enough = card.input_size
    anatomy = _anatomy(seen, (name, card.title, card.source, card.task), how, enough)
    progress(1.0, "Done")
    return anatomy


def _dissect_module(module: nn.Module, args: tuple[Any, ...], progress: Progress) -> Anatomy:
    kind = type(module).__name__
    progress(0.0, f"Running {kind} on the meta device")
    seen, how = on_meta(module, args), Run("meta", NO_DATA)
    enough: tuple[int, int] | None = None
    if seen.error is not None and could_run_for_real(module, args):
        seen, how = _repeated(module, args, seen)
    picture = args[0] if len(args) == 1 and isinstance(args[0], Tensor) else None
    if seen.error is not None and picture is not None and picture.dim() >= 3:
        progress(0.6, "Looking for a size that suffices")
        shape, dtype = tuple(picture.shape), picture.dtype

        def works(side: tuple[int, int]) -> bool:
            larger = torch.empty((*shape[:-2], *side), dtype=dtype, device="meta")
            return on_meta(module, (larger,)).error is None

        enough = sufficient((shape[-2], shape[-1]), works)
    anatomy = _anatomy(seen, (kind, kind, "user", ""), how, enough)
    progress(1.0, "Done")
    return anatomy


def _repeated(module: nn.Module, args: tuple[Any, ...], seen: Forward) -> tuple[Forward, Run]:
    """Run for real what failed without numbers; keep the first pass if that gets no further."""
    real = for_real(module, args)
    if real.error is not None and len(real.tracer.calls) <= len(seen.tracer.calls):
        return seen, Run("meta", NO_DATA)
    device = real.inputs[0].device.type if real.inputs else "cpu"
    why = seen.failure.message.rstrip(".") if seen.failure else ""
    reason = f"The forward pass looks at the data, so it ran for real on the {device} ({why})."
    return real, Run("real", reason)


def _zoo_run(card: ModelCard, seen: Forward) -> Run:
    if seen.tracer.assumptions:
        return Run(
            "meta",
            "How many candidates a detector keeps depends on the picture, so that is assumed.",
            (*_proposals(seen.tracer.calls), *seen.tracer.assumptions),
        )
    if card.task == "quantised":
        return Run("meta", "The float network was run: the quantised one has the same operators.")
    return Run("meta", NO_DATA)


def _proposals(calls: Iterable[OperatorCall]) -> Iterator[str]:
    """Say how many proposals the pooling of regions was given, where there is one."""
    for call in calls:
        if call.operator is not None and call.operator.regions:
            number = call.inputs[1].shape[0]
            yield f"{number:,} proposals reach the second stage, and every pyramid level pools all."
            return


def _anatomy(
    seen: Forward,
    names: tuple[str, str, str, str],
    run: Run,
    enough: tuple[int, int] | None,
) -> Anatomy:
    name, title, source, task = names
    tracer = seen.tracer
    rows = Told(tracer, stopped=seen.error is not None)
    inputs = [tracer.ref(each) for each in seen.inputs]
    outputs = tracer.frames[0].outputs if tracer.frames else []
    peak, during = liveness.peak(tracer.calls, inputs, outputs)
    layers = rows.layers
    inventory = tracer.inventory
    anatomy = Anatomy(
        model=name,
        title=title,
        source=source,
        task=task,
        input_shapes=tuple(tuple(each.shape) for each in inputs),
        layers=layers,
        modules=tuple(
            ModuleNode(path, type(each).__name__) for path, each in inventory.modules.items()
        ),
        params=sum(layer.params for layer in layers),
        trainable_params=sum(layer.trainable_params for layer in layers),
        buffer_bytes=inventory.buffer_bytes,
        param_bytes=inventory.parameter_bytes,
        macs=sum(layer.macs or 0 for layer in layers),
        not_counted=rows.not_counted,
        activation_bytes=sum(layer.activation_bytes for layer in layers),
        saved_bytes=sum(layer.saved_bytes for layer in layers),
        peak_activation_bytes=peak,
        peak_layer=rows.row_of(during),
        depth=rows.depth,
        run=run,
        failure=_told_enough(seen.failure, enough),
    )
    # Calls, their tensors and this list hold one another: let go now, they need no collector.
    tracer.calls.clear()
    return anatomy


def _told_enough(failure: Failure | None, enough: tuple[int, int] | None) -> Failure | None:
    return failure and replace(failure, sufficient_size=enough)
