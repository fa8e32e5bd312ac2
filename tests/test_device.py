"""The device is chosen and described as the machine has it."""

import os
from pathlib import Path

import psutil
import pytest
import torch

from explorer import device
from explorer.errors import BadRequest


def test_the_variable_overrides_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """CONVZOO_DEVICE=cpu wins over a GPU, and the description says why."""
    monkeypatch.setenv("CONVZOO_DEVICE", "cpu")
    assert device.choose() == torch.device("cpu")
    assert device.describe().reason == "CONVZOO_DEVICE says so"


def test_an_argument_wins_over_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the caller asks for is taken, whatever the environment says."""
    monkeypatch.setenv("CONVZOO_DEVICE", "nonsense")
    assert device.describe("cpu").kind == "cpu"


@pytest.mark.parametrize("name", ["nonsense", "cuda:99", "meta", "cpu:x"])
def test_an_absent_device_is_refused_in_one_sentence(name: str) -> None:
    """A name that is no device, or one this machine lacks, raises and says what to use."""
    with pytest.raises(BadRequest, match="use "):
        device.choose(name)


def test_without_a_wish_the_gpu_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA before MPS before CPU."""
    monkeypatch.delenv("CONVZOO_DEVICE", raising=False)
    for cuda, mps, expected in ((True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda here=cuda: here)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda here=mps: here)
        assert device.choose().type == expected


def test_the_description_is_this_machine() -> None:
    """Memory lies within the machine's own, and threads and torch are as torch says."""
    found = device.describe("cpu")
    assert 0 < found.free_bytes <= found.memory_bytes <= psutil.virtual_memory().total
    assert found.torch == torch.__version__
    assert 1 <= found.threads <= (os.cpu_count() or 1)
    assert found.name


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"memory.max": "1000\n", "memory.current": "400\n"}, (1000, 400)),
        ({"memory.max": "max\n", "memory.current": "400\n"}, (None, 400)),
        (
            {"memory/memory.limit_in_bytes": "7\n", "memory/memory.usage_in_bytes": "3\n"},
            (7, 3),
        ),
        # What the kernel caches of files is given up when memory is asked for.
        (
            {
                "memory.max": "1000\n",
                "memory.current": "900\n",
                "memory.stat": "anon 100\nfile 800\ninactive_file 700\nactive_file 100\n",
            },
            (1000, 200),
        ),
        (
            {
                "memory/memory.limit_in_bytes": "1000\n",
                "memory/memory.usage_in_bytes": "900\n",
                "memory/memory.stat": "inactive_file 1\ntotal_inactive_file 700\n",
            },
            (1000, 200),
        ),
        ({}, (None, 0)),
    ],
)
def test_a_container_s_limit_counts(
    tmp_path: Path, files: dict[str, str], expected: tuple[int | None, int]
) -> None:
    """Limits of control groups, version 2 and 1, are read as the kernel writes them."""
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert device._control_group(tmp_path) == expected
