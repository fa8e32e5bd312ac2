"""The optimisers there are: a sentence, a paper and a link each. No torch here."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.training.knobs.papers import ARXIV

OPTIMISERS: Mapping[str, tuple[str, str, str]] = {
    "sgd": (
        "Against the gradient, each step by the learning rate.",
        "Robbins and Monro, A Stochastic Approximation Method, 1951",
        "https://doi.org/10.1214/aoms/1177729586",
    ),
    "momentum": (
        "Steps add up to a velocity that friction slows: faster along a valley, calmer across it.",
        "Polyak, Some Methods of Speeding up the Convergence of Iteration Methods, 1964",
        "https://doi.org/10.1016/0041-5553(64)90137-5",
    ),
    "nesterov": (
        "Momentum that takes the gradient where the velocity is about to lead.",
        "Sutskever et al., On the Importance of Initialization and Momentum, 2013",
        "https://proceedings.mlr.press/v28/sutskever13.html",
    ),
    "adagrad": (
        "Divides by the root of all squared gradients so far: rare features keep large steps.",
        "Duchi, Hazan and Singer, Adaptive Subgradient Methods, 2011",
        "https://jmlr.org/papers/v12/duchi11a.html",
    ),
    "adadelta": (
        "Divides by the recent squared gradients and multiplies by the recent squared steps.",
        "Zeiler, ADADELTA, 2012",
        f"{ARXIV}1212.5701",
    ),
    "rmsprop": (
        "Divides by the root of a running mean of squared gradients.",
        "Tieleman and Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012",
        "https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf",
    ),
    "adam": (
        "Momentum and RMSprop together, both corrected for their start at zero.",
        "Kingma and Ba, Adam, 2015",
        f"{ARXIV}1412.6980",
    ),
    "adamw": (
        "Adam whose weight decay shrinks the weights themselves, not through the gradient.",
        "Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019",
        f"{ARXIV}1711.05101",
    ),
    "radam": (
        "Adam that waits for its variance to be known before it trusts it.",
        "Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, 2020",
        f"{ARXIV}1908.03265",
    ),
    "adamp": (
        "Adam without the part of a step that would only lengthen scale-invariant weights.",
        "Heo et al., AdamP, 2021",
        f"{ARXIV}2006.08217",
    ),
}
"""Each optimiser's sentence, paper and link."""
