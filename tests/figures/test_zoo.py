"""The zoo at a glance."""

from __future__ import annotations

from explorer.figures import style, zoo
from explorer.zoo import catalogue

CARDS = catalogue.cards()


def test_every_model_with_an_accuracy_is_a_point() -> None:
    """torchvision publishes ImageNet accuracies for its 80 classifiers; each is drawn once."""
    figure = zoo.accuracy_against_cost(CARDS)
    names = [name for trace in figure.data for name in trace.customdata]
    assert sorted(names) == sorted(card.name for card in zoo.rated(CARDS))
    assert len(names) == len(set(names)) == 80


def test_resnet50_stands_at_its_published_figures() -> None:
    """25,557,032 parameters and 80.858 % with the default (second) weights."""
    figure = zoo.accuracy_against_cost(CARDS)
    points = {
        name: (x, y)
        for trace in figure.data
        for name, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }
    assert points["resnet50"] == (25_557_032, 80.858)


def test_macs_are_the_other_axis() -> None:
    """VGG-16 costs 15.47 G multiply-adds."""
    figure = zoo.accuracy_against_cost(CARDS, "MACs")
    trace = next(trace for trace in figure.data if "vgg16" in trace.customdata)
    assert round(trace.x[trace.customdata.index("vgg16")] / 1e9, 2) == 15.47


def test_few_groups_with_colours_and_symbols_of_their_own() -> None:
    """At most ten can be told apart, and never by colour alone."""
    figure = zoo.accuracy_against_cost(CARDS)
    looks = {(trace.marker.color, trace.marker.symbol) for trace in figure.data}
    assert len(looks) == len(figure.data) <= 10
    assert len({trace.marker.symbol for trace in figure.data}) == len(figure.data)


def test_named_families_and_landmarks_exist() -> None:
    """A family renamed in the catalogue would silently lose its colour."""
    assert set(zoo.NAMED) <= {card.family for card in CARDS}
    assert {card.name for card in CARDS} >= zoo.LANDMARKS
    assert len(zoo.NAMED) == len(style.PALETTE) == len(style.SYMBOLS)


def test_the_timeline_shows_everything_in_order() -> None:
    """Every model is there, and a later year stands further right."""
    figure = zoo.timeline(CARDS)
    at = {
        name: x for trace in figure.data for name, x in zip(trace.customdata, trace.x, strict=True)
    }
    assert len(at) == len(CARDS)
    years = {card.name: card.year for card in CARDS}
    for one, other in zip(sorted(at, key=at.get), sorted(at, key=at.get)[1:], strict=False):
        assert years[one] <= years[other]


def test_backgrounds_are_clear() -> None:
    """The same figure serves the light and the dark theme."""
    layout = zoo.accuracy_against_cost(CARDS).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == style.CLEAR


def contrast(color: str, paper: tuple[int, int, int]) -> float:
    """Contrast ratio of WCAG 2 between a colour "#rrggbb" and the paper."""

    def luminance(rgb: tuple[int, ...]) -> float:
        linear = [
            c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4
            for c in rgb
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    ink = luminance(tuple(int(color[i : i + 2], 16) for i in (1, 3, 5)))
    lights = sorted((ink, luminance(paper)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_colours_are_seen_on_light_and_dark_paper() -> None:
    """WCAG asks 3 to 1 of graphics; these hold 2.5 on light and 3.5 on dark paper, all of them."""
    for color in (*style.PALETTE, style.OTHER):
        assert contrast(color, (0xFD, 0xFC, 0xF9)) > 2.5, color
        assert contrast(color, (0x14, 0x17, 0x1C)) > 3.5, color


def test_what_was_trained_here_has_a_ring_and_says_how_good() -> None:
    """On the timeline at the model's own place, and in the list; others say nothing of it."""
    trained = {"lenet5": "99.13 % on MNIST"}
    *points, ring = zoo.timeline(CARDS, trained).data
    assert ring.name == "trained here"
    assert (list(ring.customdata), list(ring.y)) == (["lenet5"], [61_706])
    assert sum("trained here" in text for trace in points for text in trace.hovertext) == 1
    told = {row["name"]: row["trained here"] for row in zoo.rows(CARDS, trained)}
    assert (told["lenet5"], told["resnet50"]) == ("99.13 % on MNIST", None)
