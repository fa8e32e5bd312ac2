"""The saliency methods as data: what each asks, who proposed it, which knobs it has. No torch here.

The function behind a method is found by its key in `explorer.vision.attribution`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from explorer.errors import BadRequest
from explorer.knobs import Knob

Group: TypeAlias = Literal["gradient", "perturbation", "CAM", "layer"]
KnobValue: TypeAlias = float | int | str
Knobs: TypeAlias = tuple[tuple[str, KnobValue], ...]

BASELINES = ("black", "blurred", "grey", "white")
"""What a picture is compared with; grey is the mean the network subtracts: zero, to it."""


@dataclass(frozen=True, slots=True)
class Method:
    """A way to ask a network what it looked at.

    `signed` says whether its values tell for from against. `uses_layer`: it looks at the output
    of one row of the anatomy. `slow`: it runs the network tens or hundreds of times.
    """

    key: str
    title: str
    group: Group
    sentence: str
    paper: str
    link: str
    knobs: tuple[Knob, ...] = ()
    uses_layer: bool = False
    signed: bool = True
    slow: bool = False

    def settings(self, knobs: Iterable[tuple[str, KnobValue]] = ()) -> Mapping[str, KnobValue]:
        """Return every knob's value, defaults filled in. Raises BadRequest with one sentence."""
        known = {knob.name: knob for knob in self.knobs}
        values = {knob.name: knob.default for knob in self.knobs}
        for name, value in knobs:
            if name not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise BadRequest(f"{self.title} has no knob called {name!r}; {has}.")
            values[name] = known[name].checked(value)
        return values


def find(name: str) -> Method:
    """Look a method up by its key or title, however that is written: "Grad-CAM" is `gradcam`.

    Raises BadRequest with the keys there are.
    """
    wanted = _bare(name)
    for method in METHODS.values():
        if wanted in (_bare(method.key), _bare(method.title)):
            return method
    raise BadRequest(f"There is no method {name[:60]!r}; choose one of {', '.join(METHODS)}.")


def _bare(name: str) -> str:
    """Letters and digits alone, with signs that make a difference spelled out."""
    spelled = name.lower().replace("×", "x").replace("++", "pp")
    return "".join(filter(str.isalnum, spelled))


_SEED = Knob("seed", "Seed", 0, 0, 2**31 - 1, 1, "", "The same seed gives the same map.")
_BASELINE = Knob(
    "baseline", "Baseline", "black", choices=BASELINES,
    help="The picture that stands for nothing to be seen.",
)  # fmt: skip
_FILL = Knob(
    "baseline", "Filled with", "grey", choices=BASELINES, help="What a hidden part looks like."
)
_STEPS = Knob("steps", "Steps", 50, 2, 300, 1, "", "Points on the way from the baseline.")
_SHAPE = Knob(
    "parts", "Parts", "superpixels", choices=("superpixels", "grid"),
    help="Superpixels follow the picture's edges (SLIC, Achanta et al. 2012).",
)  # fmt: skip
_COUNT = Knob("count", "Number of parts", 50, 4, 400, 1, "", "About so many parts are made.")
_SAMPLES = Knob("samples", "Samples", 200, 10, 5000, 10, "", "Pictures with some parts hidden.")

_ALL = (
    Method(
        "gradient", "Gradient", "gradient",
        "How much would each pixel change the score, if it changed a little?",
        "Simonyan, Vedaldi and Zisserman, Deep Inside Convolutional Networks (2014)",
        "https://arxiv.org/abs/1312.6034",
        (Knob("channels", "Channels", "summed", choices=("summed", "largest"),
              help="Sum of the colours' gradients, or the largest absolute one as in the paper."),),
    ),
    Method(
        "input_x_gradient", "Input × gradient", "gradient",
        "The gradient times the pixel: what each adds to the score, were the network linear.",
        "Shrikumar et al., Not Just a Black Box (2016)", "https://arxiv.org/abs/1605.01713",
    ),
    Method(
        "smoothgrad", "SmoothGrad", "gradient",
        "The gradient averaged over copies of the picture with a little noise.",
        "Smilkov et al., SmoothGrad (2017)", "https://arxiv.org/abs/1706.03825",
        (Knob("samples", "Samples", 25, 2, 200, 1, "", "Noisy copies that are averaged."),
         Knob("noise", "Noise", 0.15, 0.01, 1.0, 0.01, "of the range",
              "Standard deviation, as a fraction of the input's largest minus smallest value."),
         _SEED),
        slow=True,
    ),
    Method(
        "integrated_gradients", "Integrated gradients", "gradient",
        "Gradients added up on the straight way from a baseline: they sum to the score's change.",
        "Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks (2017)",
        "https://arxiv.org/abs/1703.01365", (_STEPS, _BASELINE), slow=True,
    ),
    Method(
        "gradient_shap", "GradientSHAP", "gradient",
        "Gradients at random points between the four baselines and noisy copies of the picture.",
        "Lundberg and Lee, A Unified Approach to Interpreting Model Predictions (2017)",
        "https://arxiv.org/abs/1705.07874",
        (Knob("samples", "Samples", 25, 2, 200, 1, "", "Random points that are averaged."),
         Knob("noise", "Noise", 0.1, 0.0, 1.0, 0.01, "of the range",
              "Standard deviation, as a fraction of the input's largest minus smallest value."),
         _SEED),
        slow=True,
    ),
    Method(
        "deeplift", "DeepLIFT", "gradient",
        "Differences from a baseline carried back through each layer: they sum to the change.",
        "Shrikumar, Greenside and Kundaje, Learning Important Features (2017)",
        "https://arxiv.org/abs/1704.02685", (_BASELINE,),
    ),
    Method(
        "guided_backprop", "Guided backpropagation", "gradient",
        "The gradient, where each ReLU passes only positive ones on: sharp, but nearly edges.",
        "Springenberg et al., Striving for Simplicity (2015)", "https://arxiv.org/abs/1412.6806",
    ),
    Method(
        "deconvolution", "Deconvolution", "gradient",
        "As guided backpropagation, but a ReLU that was off lets gradients pass as well.",
        "Zeiler and Fergus, Visualizing and Understanding Convolutional Networks (2014)",
        "https://arxiv.org/abs/1311.2901",
    ),
    Method(
        "guided_gradcam", "Guided Grad-CAM", "gradient",
        "Guided backpropagation, shown only where Grad-CAM is positive.",
        "Selvaraju et al., Grad-CAM (2017)", "https://arxiv.org/abs/1610.02391", uses_layer=True,
    ),
    Method(
        "occlusion", "Occlusion", "perturbation",
        "How far does the score fall when a patch slides over the picture and hides it?",
        "Zeiler and Fergus, Visualizing and Understanding Convolutional Networks (2014)",
        "https://arxiv.org/abs/1311.2901",
        (Knob("window", "Patch", 14, 2, 50, 1, "% of the side", "Side of the square patch."),
         Knob("stride", "Stride", 7, 2, 50, 1, "% of the side", "How far the patch moves."),
         _FILL),
        slow=True,
    ),
    Method(
        "feature_ablation", "Feature ablation", "perturbation",
        "How far does the score fall when one part of the picture is hidden?",
        "Zeiler and Fergus (2014); parts by Achanta et al., SLIC Superpixels (2012)",
        "https://doi.org/10.1109/TPAMI.2012.120", (_SHAPE, _COUNT, _FILL), slow=True,
    ),
    Method(
        "lime", "LIME", "perturbation",
        "A sparse linear model of which parts of the picture raise the score.",
        "Ribeiro, Singh and Guestrin, Why Should I Trust You? (2016)",
        "https://arxiv.org/abs/1602.04938", (_SHAPE, _COUNT, _SAMPLES, _FILL, _SEED), slow=True,
    ),
    Method(
        "kernel_shap", "KernelSHAP", "perturbation",
        "Shapley values of the picture's parts, estimated from random coalitions of them.",
        "Lundberg and Lee, A Unified Approach to Interpreting Model Predictions (2017)",
        "https://arxiv.org/abs/1705.07874", (_SHAPE, _COUNT, _SAMPLES, _FILL, _SEED), slow=True,
    ),
    Method(
        "gradcam", "Grad-CAM", "CAM",
        "A layer's maps, each weighted by its mean gradient, added; what is negative is cut off.",
        "Selvaraju et al., Grad-CAM (2017)", "https://arxiv.org/abs/1610.02391",
        uses_layer=True, signed=False,
    ),
    Method(
        "gradcam_pp", "Grad-CAM++", "CAM",
        "As Grad-CAM, but places where the gradient is positive count more: for several objects.",
        "Chattopadhay et al., Grad-CAM++ (2018)", "https://arxiv.org/abs/1710.11063",
        uses_layer=True, signed=False,
    ),
    Method(
        "layercam", "Layer-CAM", "CAM",
        "Each place of each map weighted by its own positive gradient: fine in early layers too.",
        "Jiang et al., LayerCAM (2021)", "https://doi.org/10.1109/TIP.2021.3089943",
        uses_layer=True, signed=False,
    ),
    Method(
        "scorecam", "Score-CAM", "CAM",
        "Each map laid over the picture as a mask and weighted by the class's probability then.",
        "Wang et al., Score-CAM (2020)", "https://arxiv.org/abs/1910.01279",
        (Knob("maps", "Maps", 64, 1, 4096, 1, "", "Only so many maps, the strongest ones."),),
        uses_layer=True, signed=False, slow=True,
    ),
    Method(
        "eigencam", "Eigen-CAM", "CAM",
        "The first principal component of a layer's maps: the same for every class.",
        "Muhammad and Yeasin, Eigen-CAM (2020)", "https://arxiv.org/abs/2008.00299",
        uses_layer=True, signed=False,
    ),
    Method(
        "layer_gradient_x_activation", "Layer gradient × activation", "layer",
        "What each place of a layer adds to the score, were all that follows linear.",
        "Ancona et al., Towards Better Understanding of Attribution Methods (2018)",
        "https://arxiv.org/abs/1711.06104", uses_layer=True,
    ),
    Method(
        "layer_conductance", "Layer conductance", "layer",
        "How much of integrated gradients flows through each place of a layer.",
        "Dhamdhere, Sundararajan and Yan, How Important Is a Neuron? (2018)",
        "https://arxiv.org/abs/1805.12233", (_STEPS, _BASELINE), uses_layer=True, slow=True,
    ),
)  # fmt: skip

METHODS: dict[str, Method] = {method.key: method for method in _ALL}
"""All methods by their key, in the order a page offers them."""
