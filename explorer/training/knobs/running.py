"""Knobs of how a run is carried out. No torch here."""

from __future__ import annotations

from explorer.knobs import Knob
from explorer.training.knobs.papers import ARXIV

RUNNING = (
    Knob(
        "ensemble", "Ensemble", "one", choices=("one", "average", "bagging", "boosting"),
        help=(
            "Members differ by their seed; bagging also draws each one's pictures with "
            "replacement; boosting weights what the last one got wrong."
        ),
        paper="Breiman, Bagging Predictors, 1996", link="https://doi.org/10.1007/BF00058655",
    ),
    Knob("members", "Members", 1, 1, 20, 1, help="Networks in an ensemble."),
    Knob(
        "seed", "Seed", 0, 0, 2**31 - 1, 1,
        help="The same seed gives the same run on the same machine.",
    ),
    Knob(
        "precision", "Precision", "fp32", choices=("fp32", "bf16", "fp16"),
        help="What multiplications are done in; fp16 on a GPU alone.",
        paper="Micikevicius et al., Mixed Precision Training, 2018", link=f"{ARXIV}1710.03740",
    ),
    Knob(
        "layout", "Memory layout", "channels first", choices=("channels first", "channels last"),
        help="The order of a tensor in memory; some convolutions are faster with channels last.",
    ),
    Knob(
        "compiled", "Compile", "no", choices=("no", "yes"),
        help="Let torch.compile fuse the network; it pays on long runs.",
    ),
)  # fmt: skip
