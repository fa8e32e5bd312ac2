"""How a worker tells a lack of memory from any other error."""

from __future__ import annotations

import pytest
import torch

from explorer.engine.protocol import Work
from explorer.engine.worker import explain
from explorer.errors import BuildFailed, EngineError, OutOfMemory
from explorer.exhausted import out_of_memory

WORK = Work(1, "anatomy.measure", "module:measure", "building vgg16", b"")


def test_torchs_own_complaint_is_understood() -> None:
    """What torch raises when 128 TiB are asked of the CPU counts as a lack of memory."""
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 45)
    assert out_of_memory(caught.value)
    assert str(explain(caught.value, WORK)) == (
        "There is not enough memory for building vgg16; "
        "choose a smaller size or batch and try again."
    )


@pytest.mark.parametrize(
    "error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")]
)
def test_lack_of_memory_has_many_names(error: BaseException) -> None:
    """Python's own and the GPU's are told alike."""
    assert type(explain(error, WORK)) is OutOfMemory


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("mat1 and mat2 shapes cannot be multiplied (1x9216 and 256x10)"),
        ValueError("out of memory, says the user's own model"),
    ],
)
def test_other_errors_are_not_blamed_on_memory(error: Exception) -> None:
    """A wrong shape stays a wrong shape, in the words of whoever raised it."""
    told = explain(error, WORK)
    assert type(told) is EngineError
    assert str(error) in str(told)


def test_the_librarys_own_errors_pass_unchanged() -> None:
    """They are sentences already."""
    error = BuildFailed("The constructor of mine:Net raised.")
    assert explain(error, WORK) is error
