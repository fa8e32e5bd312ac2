"""Whether there is a GPU is found out without starting CUDA."""

from __future__ import annotations

import subprocess
import sys

import pytest

from explorer.engine import slots


@pytest.mark.parametrize(
    ("name", "value"),
    [("CONVZOO_DEVICE", "cpu"), ("CUDA_VISIBLE_DEVICES", ""), ("CUDA_VISIBLE_DEVICES", "-1")],
)
def test_hidden_gpu_counts_for_nothing(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Whoever chose the CPU gets the CPU's slots."""
    monkeypatch.setenv(name, value)
    assert not slots.gpu()


def test_driver_and_torch_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the driver says is what torch finds, in a process of its own."""
    monkeypatch.delenv("CONVZOO_DEVICE", raising=False)
    code = "import torch; print(torch.cuda.is_available())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert str(slots.gpu()) == found.stdout.strip()
