"""The report to hand out: HTML, Markdown, text, JSON, CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from html.parser import HTMLParser

import pytest

from explorer.anatomy import dissect
from explorer.anatomy.merit_records import DeviceDescription
from explorer.compare import report, tables
from explorer.compare.assembled import assembled
from explorer.compare.records import BatchRun, Comparison, LargestBatch, Profile
from explorer.zoo import catalogue

DEVICE = DeviceDescription("cpu", "A processor", 8 << 30, 4 << 30, "2.15", 2, "asked for")
PROFILE = Profile(
    "vgg16", "VGG-16", DEVICE, (1, 3, 224, 224), 138_357_544, 15_470_264_320,
    (BatchRun(1, 5, 100.0, 10.0, 600_000_000), BatchRun(2, 5, 160.0, 12.5, 700_000_000)),
    "these batches were asked for", LargestBatch(50, False, False, "About 50."), "resident memory",
    (),
)  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Comparison:
    """VGG-16 and VGG-19, one of them measured."""
    pairs = [(catalogue.find(name), dissect(name)) for name in ("vgg16", "vgg19")]
    return assembled(pairs, profiles=[PROFILE])


class Balanced(HTMLParser):
    """Notes tags that are not closed, and addresses a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what was opened."""
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """The innermost open tag is the one that closes."""
        assert self.open.pop() == tag


def test_html_is_whole_and_needs_nothing_else(found: Comparison) -> None:
    """Every tag is closed; nothing is loaded from anywhere."""
    page = report.html(found)
    reader = Balanced()
    reader.feed(page)
    assert reader.open == []
    assert reader.loads == []
    for said in (
        "138,357,544",
        "143,667,240",
        "IMAGENET1K_V1",
        "Four 3×3 convolutions",
        "VGG-16: about 50.",
    ):
        assert said in page


def test_names_cannot_break_the_page(found: Comparison) -> None:
    """A user's model may be called anything."""
    column = dataclasses.replace(found.columns[0], title="<script>alert(1)</script> | x")
    bad = dataclasses.replace(found, columns=(column, found.columns[1]))
    assert "<script>" not in report.html(bad)
    assert "\\|" in tables.markdown(bad)


def test_markdown_tables_are_rectangular(found: Comparison) -> None:
    """Every row of a table has as many cells as its heading."""
    block: list[int] = []
    for line in [*tables.markdown(found).splitlines(), ""]:
        if line.startswith("|"):
            block.append(line.replace("\\|", "").count("|"))
        else:
            assert len(set(block)) <= 1
            block = []


def test_text_says_the_same(found: Comparison) -> None:
    """The terminal's form has the totals and the difference."""
    text = tables.text(found)
    assert "138,357,544" in text
    assert "three 3×3 convolutions" in text


def test_json_holds_everything(found: Comparison) -> None:
    """Numbers as numbers, and stages by their names."""
    data = json.loads(report.to_json(found))
    assert [column["params"] for column in data["columns"]] == [138_357_544, 143_667_240]
    assert data["columns"][0]["stages"][3]["title"] == "1/8"
    assert data["difference"]["stages"][2]["steps"][-1]["verdict"] in ("added", "matched")
    assert data["profiles"][0]["runs"][1]["batch"] == 2


def test_measurements_go_to_a_spreadsheet() -> None:
    """One line a batch."""
    rows = list(csv.DictReader(io.StringIO(report.profiles_csv([PROFILE]))))
    assert [(row["model"], row["batch"], row["median_ms"]) for row in rows] == [
        ("vgg16", "1", "100.0"),
        ("vgg16", "2", "160.0"),
    ]
    assert json.loads(report.profiles_json([PROFILE]))[0]["largest"]["batch"] == 50


def test_networks_that_stop_are_left_out_and_said() -> None:
    """Their numbers would be those of half a network."""
    cards = [catalogue.find(name) for name in ("resnet18", "vit_b_16")]
    found = assembled([(card, dissect(card.name, size=64)) for card in cards], size=(64, 64))
    assert [column.model for column in found.columns] == ["resnet18"]
    assert found.left_out == (
        "ViT-B/16 cannot take 64 × 64 and is left out: it takes 224 × 224 only.",
    )
    assert found.difference is None
