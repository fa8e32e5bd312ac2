"""Files of runs, read back."""

from __future__ import annotations

import csv
import io
import json
import math

from explorer.runs import export
from explorer.training.recipe import from_json
from tests.runs import made


def rows(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))


def test_steps_of_several_runs_stand_in_one_table() -> None:
    """Each row with its run; numbers come back to the bit."""
    told = [made.told(), made.told([math.inf], id="r2", name='Second, "odd"')]
    found = rows(export.steps_csv(told))
    assert [row["run"] for row in found] == ["r1"] * 4 + ["r2"]
    assert [row["step"] for row in found] == ["1", "2", "3", "4", "1"]
    assert float(found[3]["loss"]) == 0.1 + 0.2
    assert float(found[4]["loss"]) == math.inf
    assert found[4]["name"] == 'Second, "odd"'
    assert float(found[1]["gradient_norm"]) == 2 / 3


def test_epochs_have_both_scores() -> None:
    """Empty cells where nothing was held out."""
    found = rows(export.epochs_csv([made.told()]))
    assert [row["validation_top1"] for row in found] == ["55.0", "75.0"]
    assert found[1]["train_top5"] == "99.0"
    assert found[0]["step"] == "2"


def test_a_name_is_no_formula() -> None:
    """What a spreadsheet would run stands as text."""
    found = rows(export.steps_csv([made.told(name="=1+1")]))
    assert found[0]["name"] == "'=1+1"


def test_json_holds_everything() -> None:
    """The recipe can be read from it, and infinite is null, for JSON has no word for it."""
    text = export.to_json([made.told([2.0, math.nan]), made.told(id="r2")])
    first, second = json.loads(text, parse_constant=lambda name: 1 / 0)
    assert first["per_step"]["loss"] == [2.0, None]
    assert second["per_step"]["loss"][3] == 0.1 + 0.2
    assert second["per_layer"]["layers"] == ["conv1", "fc"]
    assert second["per_layer"]["update_ratios"] == [[0.1, 0.2], [0.3, 0.4]]
    assert second["per_epoch"][1]["validation_loss"] == 0.6
    assert second["test_accuracy"] == 72.5
    assert from_json(json.dumps(second["recipe"])) == made.run().recipe
