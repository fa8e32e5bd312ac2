"""The table of calls against the library behind it, through a real engine."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from explorer.engine.client import connect
from explorer.engine.library import CALLS, function_of
from explorer.errors import DownloadFailed


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


def test_a_failed_download_is_a_sentence_and_its_worker_holds_no_torch(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offline, here behind a proxy that does not answer: file and folder are named."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.delenv("CONVZOO_EXTRA_CALLS")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
    engine = connect()
    with pytest.raises(DownloadFailed, match=r"cannot be reached .* as resnet18-f37072fd"):
        engine.call("zoo.download", "resnet18", "IMAGENET1K_V1", timeout=60)
    worker = next(lane.worker for lane in engine.status().lanes if lane.name == "downloads")
    assert worker is not None
    mapped = [each.path for each in psutil.Process(worker).memory_maps()]
    assert mapped
    assert not any("libtorch" in path for path in mapped)
