"""Designs as JSON: read as they were written, and refused in a sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from explorer.blocks.exchange import from_json, named, to_json
from explorer.blocks.presets import PRESETS
from explorer.errors import BadDesign

GOOD: dict[str, Any] = {
    "convzoo": "design",
    "version": 1,
    "name": "Mine",
    "input": [3, 8, 8],
    "layers": [{"layer": "conv", "channels": 4}],
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_design_comes_back(name: str) -> None:
    """Name, input and rows."""
    assert from_json(to_json(PRESETS[name]).encode()) == PRESETS[name]


def test_it_can_be_read_by_people_and_programs() -> None:
    """Kinds and settings by their names, as the module says."""
    data = json.loads(to_json(PRESETS["LeNet-5"]))
    assert data["input"] == [1, 32, 32]
    assert data["layers"][0] == {
        "layer": "conv", "channels": 6, "kernel": "5", "padding": "0", "activation": "tanh",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "This is no JSON"),
        (b"\xff\xfe\x00", "This is no JSON"),
        ("[" * 90_000, "This is no JSON"),
        ("9" * 5000, "This is no JSON"),
        ("[1]", "no design of ConvZoo"),
        ('{"convzoo": "anatomy"}', "no design of ConvZoo"),
        (json.dumps(GOOD | {"version": 2}), "no design of ConvZoo"),
        (json.dumps(GOOD | {"input": [3, 8]}), "three whole numbers"),
        (json.dumps(GOOD | {"input": [3, 8, True]}), "three whole numbers"),
        (json.dumps(GOOD | {"input": [3, 8, 10**9]}), "three whole numbers"),
        (json.dumps(GOOD | {"input": [3, 8, 0]}), "1 to 4096 channels"),
        (json.dumps(GOOD | {"layers": "conv"}), "three whole numbers"),
        (json.dumps(GOOD | {"layers": [{"layer": "conv"}] * 65}), "at most 64 layers"),
        (json.dumps(GOOD | {"layers": [{}]}), "Layer 1 must say what it is"),
        (json.dumps(GOOD | {"layers": [{"layer": 3}]}), "Layer 1 must say what it is"),
        (json.dumps(GOOD | {"layers": [{"layer": "x"}]}), "Layer 1: There is no layer 'x'"),
        (json.dumps(GOOD | {"layers": [{"layer": "conv", "kind": 1}]}), "Layer 1: .* no setting"),
        (json.dumps(GOOD | {"layers": [{"layer": "conv", "channels": [1]}]}), "Layer 1: Channels"),
        (json.dumps(GOOD | {"layers": [{"layer": "conv", "kernel": {}}]}), "Layer 1: A kernel"),
        (" " * 100_001, "at most 100,000 characters"),
    ],
)
def test_what_is_no_design(text: str | bytes, words: str) -> None:
    """One sentence each, whatever is handed in."""
    with pytest.raises(BadDesign, match=words):
        from_json(text)


def test_names_fit_a_headline() -> None:
    """Printable, on one line, not too long, never empty."""
    assert named("  My\nnet\x00 \u202e!") == "My net !"
    assert named(None) == named(" ") == "My network"
    assert len(named("x" * 500)) == 60
