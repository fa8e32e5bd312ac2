"""Knobs of how pictures are changed before they are shown. No torch here."""

from __future__ import annotations

from explorer.knobs import Knob
from explorer.training.knobs.papers import ARXIV

AUGMENTATION = (
    Knob(
        "mirror", "Mirror", 0.0, 0.0, 1.0, 0.05,
        help="Probability that a picture is mirrored left to right.",
    ),
    Knob(
        "crop", "Shift", 0, 0, 64, 1, "px",
        help=(
            "Pad by this much on all sides and cut at random, as for CIFAR-10 in the ResNet paper."
        ),
        paper="He et al., Deep Residual Learning, 2016", link=f"{ARXIV}1512.03385",
    ),
    Knob(
        "rotation", "Rotation", 0.0, 0.0, 180.0, 1.0, "°",
        help="Turn by up to this angle, either way.",
    ),
    Knob("shear", "Shear", 0.0, 0.0, 45.0, 1.0, "°", help="Slant by up to this angle, either way."),
    Knob(
        "elastic", "Elastic warp", 0.0, 0.0, 16.0, 0.5, "px",
        help="Move every place by a smooth random field of this standard deviation.",
        paper="Simard, Steinkraus and Platt, Best Practices for CNNs, 2003",
        link="https://doi.org/10.1109/ICDAR.2003.1227801",
    ),
    Knob(
        "colour", "Colour jitter", 0.0, 0.0, 1.0, 0.05,
        help="Change brightness, contrast and saturation by up to this share.",
    ),
    Knob(
        "pca", "PCA colour shift", 0.0, 0.0, 2.0, 0.05,
        help="Standard deviation of a shift along the data's principal colours.",
        paper="Krizhevsky, Sutskever and Hinton, ImageNet Classification, 2012",
        link="https://doi.org/10.1145/3065386",
    ),
    Knob(
        "erasing", "Random erasing", 0.0, 0.0, 1.0, 0.05,
        help="Probability that a rectangle is erased.",
        paper="Zhong et al., Random Erasing, 2020", link=f"{ARXIV}1708.04896",
    ),
    Knob(
        "mixup", "Mixup", 0.0, 0.0, 4.0, 0.1,
        help=(
            "Alpha of Beta(alpha, alpha), from which the share of a second picture is drawn; 0: "
            "off."
        ),
        paper="Zhang et al., mixup, 2018", link=f"{ARXIV}1710.09412",
    ),
    Knob(
        "cutmix", "CutMix", 0.0, 0.0, 4.0, 0.1,
        help=(
            "Alpha of Beta(alpha, alpha), from which the area pasted from a second picture is "
            "drawn; 0: off."
        ),
        paper="Yun et al., CutMix, 2019", link=f"{ARXIV}1905.04899",
    ),
)  # fmt: skip
