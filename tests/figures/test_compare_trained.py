"""The figure of nets of one recipe: points, intervals, lines and names."""

from __future__ import annotations

import pytest

from explorer import figures
from explorer.compare.trained import KINDS, Net


def net(name: str, kind: str, top1: float) -> Net:
    """A net with an interval of one point below and two above."""
    return Net(
        name, name, kind, 32, 1000, 2000, top1, top1 - 1, top1 + 2, top1, 4.0, 60.0, 0
    )  # fmt: skip


NETS = (net("plain20", "Plain", 78.0), net("plain56", "Plain", 70.0), net("small_vgg", "VGG", 80.0))


def test_an_idea_is_a_line_through_its_nets() -> None:
    """Plain nets are joined; every point has its name, its accuracy and its interval."""
    vgg, plain = figures.compare_trained.accuracy(NETS, "params").data
    assert (vgg.name, plain.name) == ("VGG", "Plain")
    assert list(plain.customdata) == ["plain20", "plain56"]
    assert list(plain.y) == [78.0, 70.0]
    assert list(plain.error_y.array) == [2.0, 2.0]
    assert list(plain.error_y.arrayminus) == [1.0, 1.0]


def test_costs_are_written_as_people_say_them() -> None:
    """Around 1,000 parameters: 700, 1 k, 2 k; points carry what tells them apart."""
    figure = figures.compare_trained.accuracy(NETS, "params")
    ticks = dict(zip(figure.layout.xaxis.tickvals, figure.layout.xaxis.ticktext, strict=True))
    assert (ticks[700], ticks[2000]) == ("700", "2 k")


def test_what_was_not_measured_has_no_point() -> None:
    """No time is no place on the axis of time."""
    assert not figures.compare_trained.accuracy(NETS, "time").data


def test_what_is_compared_has_a_ring() -> None:
    """And a click on it opens the net as well."""
    *_, ring = figures.compare_trained.accuracy(NETS, "macs", marked=["plain56"]).data
    assert list(ring.customdata) == ["plain56"]


@pytest.mark.parametrize("channel", ["color", "symbol"])
def test_ideas_are_told_apart(channel: str) -> None:
    """By colour and by symbol alike."""
    nets = [net(kind, kind, 80.0) for kind in KINDS]
    traces = figures.compare_trained.accuracy(nets, "params").data
    seen = {
        getattr(trace.line if channel == "color" else trace.marker, channel) for trace in traces
    }
    assert len(seen) == len(KINDS)
