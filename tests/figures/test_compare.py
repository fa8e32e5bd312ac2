"""Figures of networks side by side hold the numbers of their records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from explorer import figures
from explorer.anatomy import dissect
from explorer.compare.assembled import assembled
from explorer.compare.records import BatchRun, Comparison, LargestBatch, Profile
from explorer.compare.suits import fit
from explorer.compare.zoo_map import Filters, chosen, place
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy


@pytest.fixture(scope="module")
def anatomies() -> list[Anatomy]:
    """VGG-16 and ResNet-18."""
    return [dissect("vgg16"), dissect("resnet18")]


@pytest.fixture(scope="module")
def found(anatomies: list[Anatomy]) -> Comparison:
    """Both of them compared."""
    return assembled([(catalogue.find(each.model), each) for each in anatomies])


def profile(title: str, macs: int, milliseconds: float) -> Profile:
    """A measurement with a throughput that doubles from batch 1 to 2."""
    runs = tuple(BatchRun(b, 3, milliseconds, 1e3 * b / milliseconds, 1) for b in (1, 2))
    largest = LargestBatch(1, False, False, "")
    return Profile(title, title, None, (1, 3, 8, 8), 1, macs, runs, "", largest, "", ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cost", "column"),
    [("MACs", "macs"), ("parameters", "params"), ("activations", "activation_bytes")],
)
def test_bars_add_up_to_the_totals(found: Comparison, cost: str, column: str) -> None:
    """One trace a network; its bars are its stages."""
    figure = figures.compare.stages(found.columns, cost)
    assert [trace.name for trace in figure.data] == ["VGG-16", "ResNet-18"]
    for trace, totals in zip(figure.data, found.columns, strict=True):
        assert sum(value or 0 for value in trace.y) == getattr(totals, column)
    patterns = {trace.marker.pattern.shape for trace in figure.data}
    assert len(patterns) == 2, "told apart without colours"


def test_sight_grows_to_the_published_fields(anatomies: list[Anatomy]) -> None:
    """212 and 435 pixels, by depth and by stride; never shrinking."""
    for along in ("depth", "stride"):
        vgg, resnet = figures.compare.growth(anatomies, along).data
        assert (vgg.y[-1], resnet.y[-1]) == (212, 435)
        assert list(vgg.y) == sorted(vgg.y)
        assert list(vgg.x) == sorted(vgg.x)
    assert vgg.x[-1] == 32
    assert len(figures.compare.growth_rows(anatomies)) == len(vgg.y) + len(resnet.y)


def test_maps_run_from_the_input_to_the_last(anatomies: list[Anatomy]) -> None:
    """VGG-16: 3 channels of 224... in the end 512 of 7."""
    vgg = figures.compare.maps(anatomies).data[0]
    assert (vgg.x[0], vgg.x[-1]) == (224, 7)
    assert (vgg.y[1], vgg.y[-1]) == (128, 512)


def test_the_fit_s_bars_are_its_counts() -> None:
    """VGG-16 on 32 pixels: 7 widen, 6 do not."""
    judged = [fit(catalogue.find("vgg16"), dissect("vgg16", size=32))]
    bars = figures.compare_fits.fits(judged)
    assert [trace.x[0] for trace in bars.data] == [7, 6, 0]
    line = figures.compare_fits.fields(judged).data[0]
    assert [symbol.endswith("-open") for symbol in line.marker.symbol] == [False] * 7 + [True] * 6
    assert len(figures.compare_fits.fit_rows(judged)) == 13


def test_time_against_macs_and_throughput() -> None:
    """A point a network, and a line of proportional time through the quickest per MAC."""
    profiles = [profile("one", 10**9, 10.0), profile("two", 4 * 10**9, 80.0)]
    *dots, line = figures.compare_measured.measured(profiles).data
    assert [(dot.x[0], dot.y[0]) for dot in dots] == [(10**9, 10.0), (4 * 10**9, 80.0)]
    assert [y / x for x, y in zip(line.x, line.y, strict=True)] == pytest.approx([1e-8, 1e-8])
    lines = figures.compare_measured.throughput(profiles).data
    assert list(lines[0].y) == [100.0, 200.0]
    assert len(figures.compare_measured.measured_rows(profiles)) == 4


def test_the_map_has_every_model_once() -> None:
    """Points carry their names; the front is drawn as steps; what is compared has a ring."""
    cards = chosen(catalogue.cards(), Filters())
    here = place(cards, "macs", "top1", {})
    figure = figures.compare_map.zoo(here, "macs", "top1", marked=["resnet18"])
    names = [
        name
        for trace in figure.data
        if trace.name not in ("Pareto front", "compared")
        for name in trace.customdata
    ]
    assert sorted(names) == sorted(card.name for card in cards)
    front = next(trace for trace in figure.data if trace.name == "Pareto front")
    assert front.line.shape == "hv"
    assert list(front.y) == sorted(front.y)
    ring = next(trace for trace in figure.data if trace.name == "compared")
    assert list(ring.customdata) == ["resnet18"]
    assert sum(
        row["on the front"] for row in figures.compare_map.rows(here, "macs", "top1")
    ) == len(here.front)


def test_segmentation_is_followed_on_the_way_down_only() -> None:
    """FCN on ResNet-50: 520, 260, 130 and 65, before it enlarges its scores to 520 again."""
    rows = figures.compare.map_rows([dissect("fcn_resnet50")])
    assert [row["height"] for row in rows] == [520, 260, 130, 65]
    assert rows[0]["layer"] == "input"


def test_attention_counts_as_depth() -> None:
    """Swin-T has one convolution; its blocks are layers with weights all the same."""
    swin = figures.compare.growth_points(dissect("swin_t"))
    assert swin[-1][0] > 20
