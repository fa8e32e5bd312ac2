"""Knobs of how a gradient becomes a step. No torch here."""

from __future__ import annotations

from explorer.knobs import Knob
from explorer.training.knobs.optimisers import OPTIMISERS
from explorer.training.knobs.papers import ARXIV

OPTIMISATION = (
    Knob(
        "optimiser", "Optimiser", "momentum", choices=tuple(OPTIMISERS),
        help="How a gradient becomes a step.",
    ),
    Knob("learning_rate", "Learning rate", 0.05, 0.0, 100.0, 0.001, help="How long a step is."),
    Knob(
        "momentum", "Momentum", 0.9, 0.0, 0.999, 0.01,
        help="Share of the velocity kept from step to step; Adam's first beta.",
    ),
    Knob(
        "second_moment", "Second moment", 0.999, 0.0, 0.99999, 0.001,
        help=(
            "Share of the squared gradients kept; Adam's second beta, the rho of RMSprop and "
            "Adadelta."
        ),
    ),
    Knob(
        "weight_decay", "Weight decay", 0.0, 0.0, 10.0, 0.0001,
        help="Pulls all weights towards zero, by this much of themselves.",
        paper="Krogh and Hertz, A Simple Weight Decay Can Improve Generalization, 1991",
        link="https://papers.nips.cc/paper/1991/hash/8eefcfdf5990e441f0fb6f3fad709e21-Abstract.html",
    ),
    Knob(
        "clip_norm", "Clip gradients at", 0.0, 0.0, 1000.0, 0.1,
        help="A longer gradient, over all weights, is shortened to this norm; 0: never.",
        paper="Pascanu, Mikolov and Bengio, On the Difficulty of Training RNNs, 2013",
        link=f"{ARXIV}1211.5063",
    ),
    Knob(
        "schedule", "Schedule", "cosine", choices=("constant", "step", "cosine", "one-cycle"),
        help="How the learning rate changes: step divides it by ten at half and at three quarters.",
        paper="Loshchilov and Hutter, SGDR, 2017", link=f"{ARXIV}1608.03983",
    ),
    Knob(
        "warm_up", "Warm-up", 0.0, 0.0, 50.0, 1.0, "%",
        help="Part of the length in which the learning rate rises from zero.",
        paper="Goyal et al., Accurate, Large Minibatch SGD, 2017", link=f"{ARXIV}1706.02677",
    ),
)  # fmt: skip
