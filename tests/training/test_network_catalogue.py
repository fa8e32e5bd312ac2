"""The list of trainable networks, without torch."""

from __future__ import annotations

import pytest

from explorer.errors import UnknownModel
from explorer.training import network_catalogue
from explorer.zoo import catalogue


def test_all_classifiers_and_nothing_else_of_the_zoo() -> None:
    """Detectors and the like cannot be trained on labelled pictures."""
    names = {each.name for each in network_catalogue.networks()}
    for card in catalogue.cards():
        assert (card.name in names) == (card.task == "classification"), card.name


def test_names_are_not_taken_twice() -> None:
    """Neither by the small networks nor by aliases."""
    names = [each.name for each in network_catalogue.networks()]
    assert len(set(names)) == len(names)
    assert not set(network_catalogue.ALIASES) & set(names)
    assert set(network_catalogue.ALIASES.values()) <= set(names)


def test_an_alias_finds_the_network_of_the_paper() -> None:
    """ResNet-20 of section 4.2; ResNet-18 is torchvision's own name."""
    assert network_catalogue.find("resnet20").name == "cifar_resnet20_a"
    assert network_catalogue.find("resnet18").name == "resnet18"


def test_an_unknown_name_proposes_near_ones() -> None:
    """Aliases among them."""
    with pytest.raises(UnknownModel, match=r"'resnet2'.*resnet20"):
        network_catalogue.find("resnet2")


def test_the_small_ones_say_paper_and_form() -> None:
    """Those whose depth is free have one of their own."""
    for each in network_catalogue.SMALL:
        assert each.paper
        assert each.link.startswith("https://")
        assert (each.depth > 0) == (each.width > 0)
        assert each.idea.endswith(".")
