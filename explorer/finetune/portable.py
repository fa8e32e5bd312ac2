"""A network as files that run without the code it is made of, each held against the network."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from explorer.errors import BuildFailed
from explorer.exhausted import out_of_memory
from explorer.training.losses import heads

if TYPE_CHECKING:
    from torch.export import ExportedProgram

INPUT, OUTPUT, BATCH = "pictures", "probabilities", "batch"
"""What the ONNX file calls its input, its output, and how many pictures there are."""
_EXAMPLES = 2
"""Of one picture alone `torch.export` would take it that there is never another number."""


class Answering(nn.Module):
    """A network that answers with probabilities (N, classes): the softmax of its scores."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> Tensor:
        """Answer for prepared pictures (N, C, H, W)."""
        return heads(self.network(pictures))[0].float().softmax(dim=1)


def exported(answering: nn.Module, shape: tuple[int, int, int]) -> ExportedProgram:
    """Write a network's operations down, for any number of pictures of this shape (C, H, W).

    Raises BuildFailed for a network whose operations depend on what it sees.
    """
    example = torch.rand(_EXAMPLES, *shape)
    dynamic = ({0: torch.export.Dim(BATCH)},)
    try:
        with torch.no_grad():
            return torch.export.export(answering.eval(), (example,), dynamic_shapes=dynamic)
    except Exception as error:  # whatever the tracer meets in code of the network's own
        if out_of_memory(error):
            raise
        raise BuildFailed(
            "This network cannot be written down as a fixed list of operations "
            f"({_first_line(error)}); take its weights from the run instead."
        ) from error


def write_portable(program: ExportedProgram, path: Path) -> None:
    """Write a program as a file that `torch.export.load` opens."""
    torch.export.save(program, path)


def write_onnx(program: ExportedProgram, path: Path, about: Mapping[str, object]) -> None:
    """Write a program as ONNX; `about` goes along as metadata, each value as JSON.

    From 2 GB on the numbers stand in a file beside it. Raises whatever the exporter does.
    """
    written = torch.onnx.export(
        program, (), dynamo=True, verbose=False, input_names=[INPUT], output_names=[OUTPUT]
    )
    if written is None:
        raise ValueError("the exporter gave nothing")
    first = written.model.graph.inputs[0].shape
    if first is not None and not isinstance(first[0], int):
        written.rename_axes({first[0]: BATCH})
    for name, value in about.items():
        written.model.metadata_props[name] = json.dumps(value, ensure_ascii=False)
    written.save(path)


def by_torch(answering: nn.Module, inputs: Tensor) -> Tensor:
    """What the network itself says, one picture at a time."""
    with torch.inference_mode():
        return torch.cat([answering.eval()(each[None]) for each in inputs])


def of_portable(path: Path, inputs: Tensor, expected: Tensor) -> float:
    """Open a file of `write_portable` and return how far its probabilities are from expected."""
    program = torch.export.load(path).module()
    with torch.inference_mode():
        together = program(inputs)
        alone = torch.cat([program(each[None]) for each in inputs])
    return max(_apart(together, expected), _apart(alone, expected))


def of_onnx(path: Path, inputs: Tensor, expected: Tensor) -> float:
    """Run a file of `write_onnx` and return how far its probabilities are from expected."""
    import onnxruntime  # noqa: PLC0415 - not needed until something is taken home

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3  # errors alone
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(pictures: Tensor) -> Tensor:
        return torch.from_numpy(session.run([OUTPUT], {INPUT: pictures.numpy()})[0])

    alone = torch.cat([run(each[None]) for each in inputs])
    return max(_apart(run(inputs), expected), _apart(alone, expected))


def _apart(one: Tensor, other: Tensor) -> float:
    """The largest difference; infinite where one of them is no number."""
    found = (one - other).abs().max().item()
    return float("inf") if math.isnan(found) else found


def _first_line(error: BaseException) -> str:
    return " ".join((str(error).splitlines() or [type(error).__name__])[0].split())[:160]
