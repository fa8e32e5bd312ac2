"""Take a network apart: one recorded forward pass, told as rows."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from explorer.anatomy import collector, liveness
from explorer.anatomy.records import Anatomy, Failure, ModuleNode, Run
from explorer.anatomy.rows import Told
from explorer.anatomy.trace import Tracer, mapped, recording
from explorer.errors import BadRequest, Cancelled
from explorer.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from explorer.anatomy.operators import OperatorCall
    from explorer.zoo.cards import ModelCard

LARGEST_SIDE = 4096
LARGEST_BATCH = 4096


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
    if inputs is None:
        raise BadRequest("A module needs `inputs`: an example tensor or a tuple of arguments.")
    if size is not None:
        raise BadRequest("The size of a module's input is that of its `inputs`, not `size`.")
    args = inputs if isinstance(inputs, tuple) else (inputs,)
    with collector.paused():
        return _dissect_module(model, args, progress)


def checked_size(size: int | tuple[int, int] | None) -> tuple[int, int] | None:
    """Spell a size out as (H, W). Raises BadRequest for anything but 1 to 4096 per side."""
    if size is None:
        return None
    sides = (size, size) if isinstance(size, int) else tuple(size)
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
    size = size or card.input_size
    progress(0.4, f"Running {name} on the meta device")
    args = build.example_inputs(card, size, batch, torch.device("meta"))
    seen = _Recorded(network, args, assume=card.task == "detection")
    anatomy = _anatomy(seen, name, card.title, card.source, card.task, _zoo_run(card, seen))
    progress(1.0, "Done")
    return anatomy


def _dissect_module(module: nn.Module, args: tuple[Any, ...], progress: Progress) -> Anatomy:
    kind = type(module).__name__
    progress(0.0, f"Running {kind} on the meta device")
    with _left_untouched(module):
        seen = _Recorded(module, mapped(args, _on_meta))
    run = Run("meta", "Shapes do not depend on the data, so none was needed.")
    anatomy = _anatomy(seen, kind, kind, "user", "", run)
    progress(1.0, "Done")
    return anatomy


def _zoo_run(card: ModelCard, seen: _Recorded) -> Run:
    if seen.tracer.assumptions:
        return Run(
            "meta",
            "How many candidates a detector keeps depends on the picture, so that is assumed.",
            (*_proposals(seen.tracer.calls), *seen.tracer.assumptions),
        )
    if card.task == "quantised":
        return Run("meta", "The float network was run: the quantised one has the same operators.")
    return Run("meta", "Shapes do not depend on the data, so none was needed.")


def _proposals(calls: Iterable[OperatorCall]) -> Iterator[str]:
    """Say how many proposals the pooling of regions was given, where there is one."""
    for call in calls:
        if call.operator is not None and call.operator.regions:
            number = call.inputs[1].shape[0]
            yield f"{number:,} proposals reach the second stage, and every pyramid level pools all."
            return


def _on_meta(tensor: Tensor) -> Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")


@contextmanager
def _left_untouched(module: nn.Module) -> Iterator[None]:
    """Put back what a forward pass may change: modes, buffers, random number generators."""
    kept = [(each, each.training, dict(each._buffers)) for each in module.modules()]
    torch_state, python_state = torch.get_rng_state(), random.getstate()
    try:
        yield
    finally:
        torch.set_rng_state(torch_state)
        random.setstate(python_state)
        for each, training, buffers in kept:
            each.training = training
            each._buffers.clear()
            each._buffers.update(buffers)


@dataclass
class _Recorded:
    """A forward pass as the tracer saw it, complete or up to where it raised."""

    def __init__(
        self, network: nn.Module, args: tuple[Any, ...], *, rules: bool = True, assume: bool = False
    ) -> None:
        self.network = network
        self.tracer = Tracer(network, rules=rules, assume=assume)
        self.inputs: list[Tensor] = []
        args = mapped(args, self._watched)
        self.error: Exception | None = None
        with recording(self.tracer):
            try:
                network(*args)
            except Cancelled:
                raise
            except Exception as error:
                self.error = error

    def _watched(self, tensor: Tensor) -> Tensor:
        self.inputs.append(self.tracer.watch_input(tensor))
        return tensor

    @property
    def failed_at(self) -> str:
        """Path of the innermost module that was running when the pass raised."""
        return self.tracer.stack[-1].path if self.tracer.stack else ""


def _anatomy(seen: _Recorded, name: str, title: str, source: str, task: str, run: Run) -> Anatomy:
    tracer = seen.tracer
    rows = Told(tracer)
    inputs = [tracer.ref(each) for each in seen.inputs]
    outputs = tracer.frames[0].outputs if tracer.frames else []
    peak, during = liveness.peak(tracer.calls, inputs, outputs)
    layers = rows.layers
    inventory = tracer.inventory
    return Anatomy(
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
        failure=_failure(seen),
    )


def _failure(seen: _Recorded) -> Failure | None:
    if seen.error is None:
        return None
    message = " ".join(str(seen.error).split()) or type(seen.error).__name__
    return Failure(seen.failed_at, message)
