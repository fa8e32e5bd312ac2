"""Knobs of what learns. No torch here."""

from __future__ import annotations

from explorer.knobs import Knob
from explorer.training.knobs.papers import ARXIV

NETWORK = (
    Knob(
        "depth", "Depth", 0, 0, 400, 1,
        help="Layers of a network whose depth is free; 0: its own.",
    ),
    Knob(
        "width", "Width", 0, 0, 2048, 1,
        help="Channels of a network whose width is free; 0: its own.",
    ),
    Knob(
        "normalisation", "Normalisation", "own",
        choices=("own", "none", "batch", "layer", "group", "instance", "local response"),
        help="What stands where the network has a normalisation.",
        paper="Ioffe and Szegedy, Batch Normalization, 2015", link=f"{ARXIV}1502.03167",
    ),
    Knob(
        "activation", "Activation", "own",
        choices=("own", "relu", "leaky relu", "elu", "gelu", "silu", "tanh", "sigmoid", "identity"),
        help="What stands where the network has a non-linearity.",
        paper="Glorot, Bordes and Bengio, Deep Sparse Rectifier Neural Networks, 2011",
        link="https://proceedings.mlr.press/v15/glorot11a.html",
    ),
    Knob(
        "initialisation", "Initialisation", "own",
        choices=("own", "he", "glorot", "lecun", "orthogonal", "zero", "too small", "too large"),
        help="What the weights of convolutions and linear layers begin as.",
        paper="He et al., Delving Deep into Rectifiers, 2015", link=f"{ARXIV}1502.01852",
    ),
    Knob(
        "dropout", "Dropout", 0.0, 0.0, 0.9, 0.05,
        help="Share of what reaches the last layer that is zeroed at random while training.",
        paper="Srivastava et al., Dropout, 2014",
        link="https://jmlr.org/papers/v15/srivastava14a.html",
    ),
)  # fmt: skip
