"""What others print about well-known models, and where. No torch here.

Three kinds of sources: papers; Keras, whose figures are `count_params()` of Keras 3.15.1 built
without weights; and the counting tools thop 0.1.1, fvcore 0.1.5 and ptflops 0.7.5, which were run
on torchvision 0.29's models at the models' evaluation size. `rule` names the convention in
`explorer.anatomy.conventions` that computes the figure from our rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.anatomy.merit_records import Quantity

_UNITS = {"k": 3, "M": 6, "G": 9, "million": 6, "billion": 9}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number somebody printed about a model; `note` is said beside the rule's own sentence."""

    tool: str
    model: str
    quantity: Quantity
    printed: str
    source: str
    rule: str = ""
    note: str = ""

    @property
    def value(self) -> int:
        """The printed number, such as 15,300,000,000 for "15.3 G"."""
        number, _, unit = self.printed.partition(" ")
        return int(Decimal(number.replace(",", "")).scaleb(_UNITS.get(unit, 0)))

    @property
    def step(self) -> int:
        """One unit of the last printed digit, such as 100,000,000 for "15.3 G"."""
        number, _, unit = self.printed.partition(" ")
        exponent = Decimal(number.replace(",", "")).as_tuple().exponent
        assert isinstance(exponent, int)
        return int(Decimal(1).scaleb(exponent + _UNITS.get(unit, 0)))

    def agrees_with(self, number: int) -> bool:
        """Say whether a number gives the printed digits, rounded, up or down (papers do all)."""
        return abs(number - self.value) < self.step

    def cuts_off(self, number: int) -> bool:
        """Say whether a number that agrees does so only by cutting digits off or rounding up."""
        return abs(number - self.value) * 2 > self.step


RESNET = "He et al. 2015, table 1, https://arxiv.org/abs/1512.03385"
VGG = "Simonyan and Zisserman 2014, table 2, https://arxiv.org/abs/1409.1556"
MOBILENET = "Howard et al. 2017, table 8, https://arxiv.org/abs/1704.04861"
MOBILENET_V2 = "Sandler et al. 2018, table 4, https://arxiv.org/abs/1801.04381"
MNASNET = "Tan et al. 2018, table 1, https://arxiv.org/abs/1807.11626"
EFFICIENTNET = "Tan and Le 2019, table 2, https://arxiv.org/abs/1905.11946"
SWIN = "Liu et al. 2021, table 1, https://arxiv.org/abs/2103.14030"
CONVNEXT = "Liu et al. 2022, table 9, https://arxiv.org/abs/2201.03545"
RESNEXT = "Xie et al. 2016, table 1, https://arxiv.org/abs/1611.05431"
VIT = "Dosovitskiy et al. 2020, table 1, https://arxiv.org/abs/2010.11929"
SQUEEZENET = "Iandola et al. 2016, table 1, https://arxiv.org/abs/1602.07360"
GOOGLENET = "Szegedy et al. 2014, section 1, https://arxiv.org/abs/1409.4842"
ALEXNET = "Krizhevsky, Sutskever and Hinton 2012, abstract, https://papers.nips.cc/paper/4824"
LENET = "LeCun et al. 1998, section II.B, http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf"
KERAS = "count_params() of Keras 3.15.1, https://keras.io/api/applications/"
THOP_README = "https://github.com/Lyken17/pytorch-OpCounter"


def _paper(
    source: str, model: str, params: str = "", macs: str = "", rules: tuple[str, str] = ("", "")
) -> list[Figure]:
    """The parameters and multiply-adds a paper prints, each with its rule."""
    found = []
    if params:
        found.append(Figure("paper", model, "parameters", params, source, rules[0]))
    if macs:
        found.append(Figure("paper", model, "MACs", macs, source, rules[1]))
    return found


_ONE_TOWER = (
    "The paper's network has two towers joined twice; torchvision's is the later network with one "
    "tower of 64-192-384-256-256 channels."
)

_PAPERS = (
    Figure("paper", "lenet5", "parameters", "60,000", LENET, "lenet paper"),
    *_paper(ALEXNET, "alexnet_2012", "60 million"),
    Figure("paper", "alexnet", "parameters", "60 million", ALEXNET, note=_ONE_TOWER),
    *_paper(VGG, "vgg11", "133 M"),
    *_paper(VGG, "vgg13", "133 M"),
    *_paper(VGG, "vgg16", "138 M"),
    *_paper(VGG, "vgg19", "144 M"),
    Figure("paper", "vgg16", "MACs", "15.3 G", RESNET.replace("table 1", "section 3.4"),
           "convolutions"),
    Figure("paper", "vgg19", "MACs", "19.6 G", RESNET.replace("table 1", "section 3.4")),
    *_paper(GOOGLENET, "googlenet", macs="1.5 G"),
    *_paper(GOOGLENET, "googlenet_2014", macs="1.5 G"),
    *_paper(RESNET, "resnet18", macs="1.8 G"),
    *_paper(RESNET, "resnet34", macs="3.6 G"),
    *_paper(RESNET, "resnet50", macs="3.8 G", rules=("", "resnet v1")),
    *_paper(RESNET, "resnet101", macs="7.6 G", rules=("", "resnet v1")),
    *_paper(RESNET, "resnet152", macs="11.3 G", rules=("", "resnet v1")),
    *_paper(RESNEXT, "resnext50_32x4d", "25.0 M", "4.2 G"),
    *_paper(SQUEEZENET, "squeezenet1_0", "1,248,424"),
    *_paper(MOBILENET, "mobilenet_v1", "4.2 M", "569 M"),
    *_paper(MOBILENET_V2, "mobilenet_v2", "3.4 M", "300 M", ("without norms", "")),
    *_paper(MNASNET, "mnasnet1_0", "4.4 M", "315 M"),
    *_paper(EFFICIENTNET, "efficientnet_b0", "5.3 M", "0.39 G"),
    *_paper(EFFICIENTNET, "efficientnet_b7", "66 M", "37 G"),
    *_paper(VIT, "vit_b_16", "86 M"),
    *_paper(SWIN, "swin_t", "29 M", "4.5 G"),
    *_paper(SWIN, "swin_s", "50 M", "8.7 G"),
    *_paper(SWIN, "swin_b", "88 M", "15.4 G"),
    *_paper(CONVNEXT, "convnext_tiny", "29 M", "4.5 G"),
    *_paper(CONVNEXT, "convnext_small", "50 M", "8.7 G"),
    *_paper(CONVNEXT, "convnext_base", "89 M", "15.4 G"),
    *_paper(CONVNEXT, "convnext_large", "198 M", "34.4 G"),
)  # fmt: skip

_KERAS = {
    "keras": {
        "vgg16": 138357544, "vgg19": 143667240, "mobilenet_v1": 4253864,
        "mobilenet_v2": 3538984, "mobilenet_v3_small": 2554968, "mobilenet_v3_large": 5507432,
        "densenet121": 8062504, "densenet169": 14307880, "densenet201": 20242984,
        "efficientnet_v2_s": 21612360, "efficientnet_v2_m": 54431388,
        "efficientnet_v2_l": 119027848, "convnext_tiny": 28589128, "convnext_small": 50223688,
        "convnext_base": 88591464, "convnext_large": 197767336,
    },
    "keras resnet": {"resnet50": 25636712, "resnet101": 44707176, "resnet152": 60419944},
    "keras inception": {"inception_v3": 23851784},
    "keras efficientnet": {
        "efficientnet_b0": 5330571, "efficientnet_b1": 7856239, "efficientnet_b2": 9177569,
        "efficientnet_b3": 12320535, "efficientnet_b4": 19466823, "efficientnet_b5": 30562527,
        "efficientnet_b6": 43265143, "efficientnet_b7": 66658687,
    },
}  # fmt: skip

# Model: what thop, fvcore and ptflops (its aten backend) print.
_TOOLS = {
    "alexnet": (714206912, 714197696, 714682664),
    "vgg16": (15470314496, 15470289408, 15483821032),
    "googlenet": (1511332032, 1504878688, 1498377192),
    "resnet18": (1824033792, 1819065856, 1814074344),
    "resnet50": (4133742592, 4111512576, 4089185256),
    "mobilenet_v2": (327486720, 314193216, 300775272),
    "densenet121": (2897007104, 2865546752, 2834162664),
    "efficientnet_b0": (415145024, 401659392, 385825092),
    "inception_v3": (5749219168, 5731282144, 5713217096),
    "vit_b_16": (11286254592, 16867412736, 16864992232),
    "swin_t": (2978099712, 4509232128, 4503738856),
    "convnext_tiny": (4464149760, 4470437376, 4468966888),
}
_TOOL_SOURCES = {
    "thop": "thop 0.1.1, https://github.com/Lyken17/pytorch-OpCounter",
    "fvcore": "fvcore 0.1.5.post20221221, https://github.com/facebookresearch/fvcore",
    "ptflops": "ptflops 0.7.5, aten backend, https://github.com/sovrasov/flops-counter.pytorch",
}

_README = (
    Figure("thop (its README)", "vgg16", "MACs", "15.61 G", THOP_README, "thop readme"),
    Figure("thop (its README)", "alexnet", "MACs", "0.77 G", THOP_README, "thop readme"),
    Figure("TensorFlow", "vgg16", "FLOPs", "30.71 G",
           "tf.compat.v1.profiler, https://www.tensorflow.org/api_docs/python/tf/compat/v1/profiler",
           "tensorflow"),
)  # fmt: skip


def figures(model: str) -> tuple[Figure, ...]:
    """All outside figures about a model; empty where nobody well known prints one."""
    return tuple(each for each in FIGURES if each.model == model)


FIGURES: tuple[Figure, ...] = (
    *_PAPERS,
    *(
        Figure("Keras", model, "parameters", f"{count:,}", KERAS, rule)
        for rule, counts in _KERAS.items()
        for model, count in counts.items()
    ),
    *(
        Figure(tool, model, "MACs", f"{count:,}", source, tool)
        for model, counts in _TOOLS.items()
        for (tool, source), count in zip(_TOOL_SOURCES.items(), counts, strict=True)
    ),
    *_README,
)
