"""The pages in the order in which the navigation lists them: where, what, and why to go there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import places

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

_Entry = tuple[str, str, str, str]

_SECTIONS: dict[str, tuple[_Entry, ...]] = {
    "": ((places.HOME, "Home", "home", "The zoo at a glance."),),
    "Architecture": (
        (
            places.ANATOMY,
            "Anatomy",
            "account_tree",
            "What every layer does, what it costs and how far it sees.",
        ),
        (
            places.COST_LAB,
            "Cost lab",
            "balance",
            "What an architecture buys: designs against each other, counted and measured.",
        ),
        (
            places.CONVOLUTION,
            "Convolution",
            "grid_on",
            "The sliding window itself, number by number, and its relatives.",
        ),
        (
            places.DESIGN,
            "Design your own",
            "draw",
            "A small network as a table: its shapes and costs while you type, and its code.",
        ),
        (
            places.COMPARE,
            "Compare",
            "compare_arrows",
            "Networks side by side: what they cost, where they differ, how fast they are.",
        ),
    ),
    "Your picture": (
        (
            places.PREDICT,
            "Predict",
            "image_search",
            "What a network says of a picture, and what exactly it was given.",
        ),
        (
            places.FEATURE_MAPS,
            "Feature maps",
            "grid_view",
            "What each layer makes of a picture, down to a single product.",
        ),
        (
            places.ATTRIBUTION,
            "Saliency",
            "gradient",
            "What in a picture speaks for a class, and whether the map may be trusted.",
        ),
        (
            places.RECEPTIVE_FIELD,
            "Receptive field",
            "center_focus_strong",
            "Which pixels a unit can see, and which of them really move it.",
        ),
    ),
    "Training": (
        (
            places.TRAINING_LAB,
            "Training lab",
            "model_training",
            "A network learns before your eyes: data, network, recipe, start.",
        ),
        (
            places.FINE_TUNE,
            "Fine-tune",
            "tune",
            "A classifier of your own pictures in a minute: how good it is, why it errs, yours.",
        ),
        (
            places.EXPERIMENTS,
            "Experiments",
            "science",
            "What textbooks say of training: guess, press once, and let the runs decide.",
        ),
        (
            places.RUNS,
            "Runs",
            "show_chart",
            "What was trained: curves in the same axes, what differs, and what to do next.",
        ),
        (
            places.OPTIMIZERS,
            "Optimisers",
            "landscape",
            "Ten optimisers over one landscape: who comes down, how, and who runs off.",
        ),
        (
            places.GRADIENT_FLOW,
            "Gradient flow",
            "waterfall_chart",
            "What is left of a gradient behind 200 layers, by activation, norm and skip.",
        ),
    ),
}


def pages() -> dict[str, list[StreamlitPage]]:
    """Return every page of the app by its section; the front page comes first."""
    return {
        section: [
            st.Page(
                place,
                title=title,
                icon=f":material/{icon}:",
                help=help_,
                default=place == places.HOME,
            )
            for place, title, icon, help_ in entries
        ]
        for section, entries in _SECTIONS.items()
    }
