"""Exported code runs by itself and is the same network, name by name and number by number."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from explorer.anatomy import dissect
from explorer.blocks.build import build
from explorer.blocks.code import pytorch
from explorer.blocks.presets import PRESETS
from explorer.blocks.table import parts_of
from explorer.blocks.text import read

EVERYTHING = (
    "conv 8 kernel=1x7 padding=0x3 stride=2 dilation=1 groups=2 norm=group activation=GELU; "
    "depthwise 5 norm=instance activation=hard-swish; max pool 3 stride=2 padding=1; "
    "bottleneck 16 stride=2; dense 2 growth=4; transition; squeeze 4; fire 16; "
    "normalise layer activation=SiLU; activation sigmoid; dropout 0.25; average pool; "
    "conv 4 kernel=3 dilation=2 activation=none; flatten; linear 7 activation=tanh; linear 3"
)
DESIGNS = {name: (each.shape, each.rows) for name, each in PRESETS.items()}
DESIGNS["everything"] = ((4, 67, 53), read(EVERYTHING))


def both(name: str, folder: Path) -> tuple[nn.Module, nn.Module, tuple[int, int, int]]:
    """The network as it is built here, and as the exported file builds it."""
    shape, rows = DESIGNS[name]
    parts = [part for each in parts_of(rows, shape[0]) for part in each]
    file = folder / "network.py"
    file.write_text(pytorch(name, parts, shape), "utf-8")
    return build(parts, shape, "cpu"), runpy.run_path(str(file))["build"]().eval(), shape


@pytest.mark.parametrize("name", DESIGNS)
def test_the_exported_network_has_the_same_anatomy(name: str, tmp_path: Path) -> None:
    """Layers by name, shapes, parameters, multiply-adds and receptive fields."""
    ours, theirs, shape = both(name, tmp_path)
    example = torch.empty(1, *shape, device="meta")
    assert dissect(theirs, inputs=example).layers == dissect(ours, inputs=example).layers


@pytest.mark.parametrize("name", DESIGNS)
def test_the_exported_network_takes_the_same_weights(name: str, tmp_path: Path) -> None:
    """With equal weights both give equal numbers."""
    ours, theirs, shape = both(name, tmp_path)
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(2, *shape)
    with torch.inference_mode():
        assert torch.equal(ours(x), theirs(x))


def test_the_file_runs_by_itself(tmp_path: Path) -> None:
    """As a script, in a fresh interpreter that finds no explorer, it says what it made."""
    shape, rows = DESIGNS["LeNet-5"]
    parts = [part for each in parts_of(rows, 1) for part in each]
    (tmp_path / "lenet.py").write_text(pytorch('My "LeNet"\n', parts, shape), "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "lenet.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.splitlines() == ["61706 parameters", "(1, 1, 32, 32) -> (1, 10)"], done


def test_shapes_stand_behind_the_lines() -> None:
    """A reader sees what leaves each layer, worked out by hand for LeNet-5."""
    shape, rows = DESIGNS["LeNet-5"]
    parts = [part for each in parts_of(rows, 1) for part in each]
    notes = [line.partition("  # ")[2] for line in pytorch("x", parts, shape).splitlines()]
    assert [note for note in notes if note] == [
        "6 x 28 x 28", "6 x 14 x 14", "16 x 10 x 10", "16 x 5 x 5", "400", "120", "84", "10",
    ]  # fmt: skip
