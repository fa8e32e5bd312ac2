"""What is said of the weights this project trained: in a line, and all of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.runs import compare as recipes
from explorer.runs import shipped
from explorer.training.data import catalogue as data_catalogue
from explorer.ui import places
from explorer.zoo.own_weights import all_own, own

if TYPE_CHECKING:
    from explorer.zoo.cards import ModelCard
    from explorer.zoo.own_weights import OwnWeights


def accuracies() -> dict[str, str]:
    """How good the nets trained here are, and at what, by model."""
    return {each.model: _reached(each) for each in all_own()}


def in_short(card: ModelCard) -> str:
    """That a model was trained here, as it follows where its architecture is from; else nothing."""
    weights = own(card.name)
    return "" if weights is None else f" · trained here: {_reached(weights)}"


def about(card: ModelCard) -> None:
    """Accuracy, data, recipe, seed, machine, time and command of a model's own weights, if any."""
    weights = own(card.name)
    if weights is None:
        return
    st.subheader("Trained here", anchor=False)
    st.table(_facts(weights), border="horizontal", alt=f"How the weights of {card.title} were made")
    st.code(weights.command, language="bash")
    st.caption(f"{weights.full} {weights.licence} {weights.note}")
    if Path(weights.path).with_name(f"{card.name}{shipped.ENDING}").is_file():
        st.page_link(
            places.RUNS, label="How it learned", icon=":material/show_chart:",
            query_params={"run": shipped.id_of(card.name)},
        )  # fmt: skip


def _reached(weights: OwnWeights) -> str:
    return f"{weights.top1:.2f} % on {weights.dataset}"


def _facts(weights: OwnWeights) -> dict[str, str]:
    """What the card of the weights says, by what it is."""
    tests = data_catalogue.find(weights.recipe.data).test
    settings = [
        f"{row['setting'].lower()} {row['value']}"
        for row in recipes.settings(weights.recipe)
        if row["setting"] not in (recipes.TITLES["network"], recipes.TITLES["data"])
    ]
    return {
        "Accuracy": f"{weights.top1:.2f} % of all {tests:,} test pictures, "
        f"{weights.top1_of_1000:.1f} % of 1,000 fixed ones; "
        f"{weights.train_top1:.2f} % while learning, in the last epoch",
        "Data": f"{weights.dataset}, {units.shape(weights.pictures)}",
        "Recipe": ", ".join(settings),
        "Seed": str(weights.seed),
        "Time": f"{units.duration(weights.seconds)} for {weights.epochs:g} epochs",
        "Machine": weights.machine,
        "File": f"{weights.precision}, SHA-256 {weights.sha256[:16]}…",
    }
