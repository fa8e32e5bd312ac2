"""Knobs of what learns anew where a network has learned before. No torch here."""

from __future__ import annotations

from explorer.knobs import Knob
from explorer.training.knobs.papers import ARXIV

FINE_TUNING = (
    Knob(
        "regime", "What learns", "all", choices=("all", "last", "head"),
        help=(
            "Of a network that has learned before: everything, a new head and the last blocks, or "
            "the new head alone."
        ),
        paper="Yosinski et al., How Transferable Are Features in Deep Neural Networks?, 2014",
        link=f"{ARXIV}1411.1792",
    ),
    Knob(
        "blocks", "Last blocks", 1, 1, 500, 1,
        help="How many blocks below the head learn where the last ones do.",
    ),
    Knob(
        "backbone_rate", "Rate below the head", 1.0, 0.0001, 1.0, 0.01,
        help="Learning rate of what has learned before, as a share of the head's.",
        paper="Howard and Ruder, Universal Language Model Fine-tuning, 2018",
        link=f"{ARXIV}1801.06146",
    ),
    Knob(
        "unfreezing", "Gradual unfreezing", 0.0, 0.0, 100.0, 5.0, "%",
        help=(
            "Part of the length in which blocks begin to learn one after the other, from the head "
            "down; 0: all at once."
        ),
        paper="Howard and Ruder, Universal Language Model Fine-tuning, 2018",
        link=f"{ARXIV}1801.06146",
    ),
    Knob(
        "balance", "Balance of classes", "none", choices=("none", "loss", "sampling"),
        help=(
            "Rare classes count more in the loss, or are shown more often, as if all were equally "
            "frequent."
        ),
        paper="Buda, Maki and Mazurowski, A Systematic Study of the Class Imbalance Problem, 2018",
        link=f"{ARXIV}1710.05381",
    ),
)  # fmt: skip
