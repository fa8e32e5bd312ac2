"""Knobs of what it learns from. No torch here."""

from __future__ import annotations

from explorer.knobs import Knob
from explorer.training.knobs.papers import ARXIV

DATA = (
    Knob(
        "size", "Side of the input", 0, 0, 512, 1, "px",
        help="Pictures are resized to it; 0: as the network needs.",
    ),
    Knob(
        "samples", "Training pictures", 0, 0, 10_000_000, 1,
        help="How many to learn from, of all classes alike; 0: all.",
    ),
    Knob(
        "validation", "Held out", 10.0, 0.0, 90.0, 5.0, "%",
        help="Part of the training pictures that is validated on and never learned from.",
    ),
    Knob(
        "label_noise", "Wrong labels", 0.0, 0.0, 100.0, 5.0, "%",
        help="Share of training labels drawn at random instead.",
        paper="Zhang et al., Understanding Deep Learning Requires Rethinking Generalization, 2017",
        link=f"{ARXIV}1611.03530",
    ),
    Knob(
        "folds", "Folds", 0, 0, 20, 1,
        help="Split the training pictures into k parts and validate on one of them; 0: no folds.",
        paper="Stone, Cross-Validatory Choice and Assessment of Statistical Predictions, 1974",
        link="https://doi.org/10.1111/j.2517-6161.1974.tb00994.x",
    ),
    Knob("fold", "Fold", 1, 1, 20, 1, help="Which of the k parts is held out."),
)  # fmt: skip
