"""The table of what the shipped networks make of the ten classes: measured, and up to date."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from explorer.pictures import samples
from explorer.zoo import build

AGAIN = "run `python assets/samples/ask_networks.py` once weights or pictures have changed"


@pytest.fixture(scope="module")
def asking() -> ModuleType:
    """The script, where there are networks to ask."""
    path = samples.FOLDER / "ask_networks.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_rows_count_what_is_right(asking: ModuleType) -> None:
    """Of three networks two see the stag; the third's answer is named."""
    stag = samples.find("deer_1")
    row = asking.picture_row(stag, ["deer", "horse", "deer"])
    assert row == "| Stag | deer | 2 of 3 | horse (1) |"
    assert asking.picture_row(stag, ["deer"]).endswith("| 1 of 1 | - |")


def test_every_network_for_the_ten_classes_was_asked(asking: ModuleType) -> None:
    """And every picture; the smallest network is asked again, and answers the same."""
    networks = asking.networks()
    if not networks:
        pytest.skip("no weights for CIFAR-10 are shipped")
    rows = Path(asking.RESULTS).read_text("utf-8").splitlines()
    tables = [row.split(" | ")[0].removeprefix("| ") for row in rows if row.startswith("| ")]
    expected = [build.card(each.model).title for each in networks]
    expected += [each.title for each in samples.of("class")]
    named = [each for each in tables if each not in ("---", "Network", "Picture")]
    assert named == expected, AGAIN
    smallest = min(networks, key=lambda each: build.card(each.model).params)
    assert asking.network_row(smallest, asking.answers(smallest)) in rows, AGAIN
