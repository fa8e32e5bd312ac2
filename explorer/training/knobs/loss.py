"""Knobs of what is made small, and of noise on the way. No torch here."""

from __future__ import annotations

from explorer.knobs import Knob
from explorer.training.knobs.papers import ARXIV

LOSS = (
    Knob(
        "loss", "Loss", "cross-entropy", choices=("cross-entropy", "squared error"),
        help="What is made small.",
    ),
    Knob(
        "label_smoothing", "Label smoothing", 0.0, 0.0, 0.9, 0.05,
        help="Share of the target that is spread over all classes.",
        paper="Szegedy et al., Rethinking the Inception Architecture, 2016",
        link=f"{ARXIV}1512.00567",
    ),
    Knob(
        "input_noise", "Noise on inputs", 0.0, 0.0, 5.0, 0.05,
        help="Standard deviation of noise added to normalised inputs.",
        paper="Bishop, Training with Noise Is Equivalent to Tikhonov Regularization, 1995",
        link="https://doi.org/10.1162/neco.1995.7.1.108",
    ),
    Knob(
        "weight_noise", "Noise on weights", 0.0, 0.0, 1.0, 0.01,
        help=(
            "Standard deviation of noise on each weight during a step, as a share of its tensor's "
            "own."
        ),
        paper="Murray and Edwards, Enhanced MLP Performance, 1994",
        link="https://doi.org/10.1109/72.317730",
    ),
)  # fmt: skip
