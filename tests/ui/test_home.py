"""The front page: what is here, and the ways into a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.zoo import catalogue

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


def test_it_opens_without_an_error(home: AppTest) -> None:
    """Title, counts and the figure are there."""
    assert not home.exception
    assert not home.error
    assert home.title[0].value == "Convolutional networks, taken apart"
    counts = home.markdown[1].value
    assert counts.startswith(f"**{len(catalogue.cards())} models**")


def test_counts_by_task_add_up(home: AppTest) -> None:
    """The badges together are all the models there are."""
    badges = home.markdown[1].value.split(":gray-badge[")[1:]
    assert sum(int(badge.split()[0]) for badge in badges) == len(catalogue.cards())


def test_all_models_are_listed(home: AppTest) -> None:
    """The list has one row a model, LeNet-5 of 1998 first."""
    home.segmented_control(key="view").set_value("all").run()
    assert not home.exception
    table = home.dataframe[0].value
    assert len(table) == len(catalogue.cards())
    assert table.iloc[0]["year"] == 1998


def test_the_timeline_links_every_family(home: AppTest) -> None:
    """One link for each family, and the years in order."""
    home.segmented_control(key="view").set_value("timeline").run()
    assert not home.exception
    families = {card.family for card in catalogue.cards()}
    assert {link.label for link in home.get("page_link")} >= families


def test_the_view_stands_in_the_address(home: AppTest) -> None:
    """What is chosen is written there, what is the default is not."""
    home.segmented_control(key="view").set_value("timeline").run()
    assert home.query_params == {"model": "resnet50", "view": "timeline"}
    home.segmented_control(key="view").set_value("accuracy").run()
    assert home.query_params == {"model": "resnet50"}


def test_picking_a_model_opens_its_anatomy(home: AppTest) -> None:
    """The frame's picker leads from the front page to the model."""
    home.selectbox(key="model").select("resnet18").run()
    assert not home.exception
    assert home.title[0].value == "ResNet-18"
    assert home.query_params["model"] == "resnet18"


def test_the_picker_finds_by_family_year_size_and_task(home: AppTest) -> None:
    """All of that stands in the label, which is what a search looks through."""
    labels = home.selectbox(key="model").options
    label = next(each for each in labels if "resnet50 " in each and each.startswith("ResNet-50 "))
    assert label == "ResNet-50 · resnet50 · ResNet 2015 · 25.6 M parameters · classification"
    assert len(labels) >= len(catalogue.cards())


def test_pages_about_no_model_leave_the_choice_alone(home: AppTest) -> None:
    """There is no picker on the page Optimisers; what was chosen before is there again after it."""
    home.selectbox(key="model").set_value("lenet5").run()
    home.switch_page("pages/training/optimizers.py").run()
    assert not any(each.key == "model" for each in home.selectbox)
    assert "model" not in home.query_params
    home.switch_page("pages/architecture/anatomy.py").run()
    assert home.selectbox(key="model").value == "lenet5"
    assert not home.exception
