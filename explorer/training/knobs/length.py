"""Knobs of how long it learns, and in which portions. No torch here."""

from __future__ import annotations

from explorer.knobs import Knob
from explorer.training.knobs.papers import ARXIV

LENGTH = (
    Knob("length", "Length", 10.0, 0.01, 1_000_000.0, 1.0, help="How long to train."),
    Knob(
        "unit", "counted in", "epochs", choices=("epochs", "steps", "seconds"),
        help="An epoch shows every picture once, a step one batch.",
    ),
    Knob(
        "batch_size", "Batch size", 64, 0, 65_536, 1,
        help="Pictures whose gradients are averaged for one step; 0: all of them, 1: one.",
        paper="Keskar et al., On Large-Batch Training, 2017", link=f"{ARXIV}1609.04836",
    ),
    Knob(
        "patience", "Stop early after", 0, 0, 1000, 1, "epochs",
        help=(
            "Epochs without a lower validation loss after which to stop and go back to the best; "
            "0: never."
        ),
        paper="Prechelt, Early Stopping - But When?, 1998",
        link="https://doi.org/10.1007/3-540-49430-8_3",
    ),
)  # fmt: skip
