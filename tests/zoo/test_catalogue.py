"""The catalogue reads complete cards without torch and helps with misspelt names."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from explorer.errors import UnknownModel
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.zoo.cards import ModelCard

CARDS = catalogue.cards()


def test_every_registered_model_and_every_classic_has_a_card() -> None:
    """121 models of torchvision, 39 built here."""
    assert Counter(card.source for card in CARDS) == {"torchvision": 121, "convzoo": 39}


def test_names_and_titles_are_unique() -> None:
    """A picker that lists titles must not list two alike."""
    assert len({card.name for card in CARDS}) == len({card.title for card in CARDS}) == len(CARDS)


def test_cards_are_ordered_by_year() -> None:
    """The zoo reads from 1998 to today."""
    years = [card.year for card in CARDS]
    assert years == sorted(years)
    assert years[0] == 1998


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_card_is_complete(card: ModelCard) -> None:
    """Nothing a page shows is missing, and sentences are sentences."""
    assert card.title
    assert card.paper.title
    assert card.paper.authors
    assert card.paper.link.startswith("https://")
    assert card.year == card.paper.year
    for sentence in (card.idea, *card.differs):
        assert sentence.endswith("."), sentence
        assert "  " not in sentence, sentence
    assert len(card.idea) < 200
    assert card.params > 0
    assert card.macs > 0
    assert 1 <= card.smallest <= min(card.input_size)
    assert card.largest is None or card.largest >= max(card.input_size)


def test_arxiv_links_carry_the_year_of_their_paper() -> None:
    """An arXiv number begins with the year and month of the first version."""
    papers = {card.paper for card in CARDS if "arxiv.org" in card.paper.link}
    assert len(papers) > 30
    for paper in papers:
        assert 2000 + int(paper.link.rpartition("/")[2][:2]) == paper.year, paper


def test_find_returns_the_card_of_a_name() -> None:
    """A known name gives its card."""
    assert catalogue.find("swin_v2_b").title == "Swin V2-B"


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [("resnt50", "resnet50"), ("ResNet50", "resnet50"), ("lenet", "lenet5"), ("vgg", "vgg16")],
)
def test_unknown_names_come_with_the_nearest_known_ones(misspelt: str, meant: str) -> None:
    """The error proposes what was probably meant."""
    with pytest.raises(UnknownModel, match=meant):
        catalogue.find(misspelt)


@pytest.mark.parametrize("name", ["", "x" * 100_000, "../../etc/passwd", "\x00", "Ω"])
def test_hopeless_names_get_one_short_sentence(name: str) -> None:
    """Whatever is typed into the address bar, the message stays readable."""
    with pytest.raises(UnknownModel) as caught:
        catalogue.find(name)
    assert len(str(caught.value)) < 250


def test_default_weights_are_the_library_s_choice() -> None:
    """ResNet-50 has two sets; torchvision prefers the second (facts: 76.13 and 80.858)."""
    card = catalogue.find("resnet50")
    assert [weights.top1 for weights in card.weights] == [76.13, 80.858]
    assert card.default_weights is not None
    assert card.default_weights.name == "IMAGENET1K_V2"
