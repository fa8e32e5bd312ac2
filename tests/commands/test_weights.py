"""`python -m explorer weights`: listed, made from a run, checked."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from explorer import cli
from explorer.runs.recording import record
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.shipped import table
from explorer.shipped.table import SHIPPED, find
from explorer.training.recipe import checked
from explorer.zoo import own_weights

LENET = checked(network="lenet5", data="digits", length=1, samples=200, validation=0)


def test_the_list_is_in_the_order_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a network; as JSON, the cards with their recipes."""
    assert cli.main(["weights"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [each.model for each in SHIPPED]
    assert cli.main(["weights", "--json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert {each["model"]: each["recipe"].get("length") for each in cards}["plain56"] == 4


def test_an_unknown_model_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """In one sentence."""
    assert cli.main(["weights", "make", "resnet50"]) == 2
    assert "No weights are shipped for 'resnet50'" in capsys.readouterr().err


def test_files_are_made_from_a_run_that_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Weights, card, curves and page, with the accuracy of the file; nothing is trained again."""
    known = find("lenet5")
    assert known is not None
    small = (dataclasses.replace(known, recipe=LENET, full=LENET),)
    monkeypatch.setattr(table, "SHIPPED", small)
    monkeypatch.setattr("explorer.shipped.making.SHIPPED", small)
    store = RunStore(tmp_path / "runs")
    run = record(store.create(NewRun(LENET, "mine"), queue=False), store)
    output = tmp_path / "out"
    asked = ["weights", "make", "--runs", str(tmp_path / "runs"), "--output", str(output)]
    assert cli.main(asked) == 0
    assert len(store.runs()) == 1
    names = {path.name for path in output.iterdir()}
    assert names == {"lenet5.safetensors", "lenet5.json", "lenet5.run.gz", "README.md"}
    made = own_weights.read(output / "lenet5.json")
    assert made is not None
    assert made.sha256 == own_weights.digest(output / "lenet5.safetensors")
    assert run.result is not None
    assert run.result.test is not None
    assert made.top1 == pytest.approx(run.result.test.top1, abs=0.6)
    assert "lenet5" in capsys.readouterr().out
