"""The table of calls against the library behind it, through a real engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from explorer.engine.library import CALLS, function_of


@pytest.mark.parametrize("name", CALLS)
def test_every_call_has_a_function(name: str) -> None:
    """A target that was moved or renamed is found here, not by a visitor."""
    function = function_of(CALLS[name].target)
    assert callable(function)
    assert function.__doc__


@pytest.mark.parametrize("name", CALLS)
def test_every_call_can_say_what_it_does(name: str) -> None:
    """Errors about a call read as a sentence."""
    assert CALLS[name].describe(name, "resnet50").split()[0].endswith("ing")


def test_an_anatomy_reaches_the_page_server_without_torch(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record of a real network arrives whole in a process that never loads torch."""
    monkeypatch.delenv("CONVZOO_EXTRA_CALLS")
    code = (
        "import sys; from explorer.engine.client import connect; "
        "found = connect().call('anatomy.dissect', 'resnet18', timeout=120); "
        "print(found.params, len(found.layers) > 60, 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=180
    )
    # 11,689,512 is weights.meta["num_params"] of ResNet18_Weights.
    assert done.stdout == "11689512 True False\n", done.stderr
