"""Attention over pictures: ViT, Swin, MaxViT."""

from __future__ import annotations

from explorer.zoo.cards import Paper
from explorer.zoo.prose.architecture import Architecture, Model

VIT = Architecture(
    family="ViT",
    paper=Paper(
        "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
        "Dosovitskiy, Beyer, Kolesnikov, Weissenborn, Zhai, Unterthiner, Dehghani, Minderer, "
        "Heigold, Gelly, Uszkoreit, Houlsby",
        2020,
        "https://arxiv.org/abs/2010.11929",
    ),
    idea="Cut the picture into patches and read them like words: every patch attends to every "
    "other from the first layer on, and data replaces the assumptions of convolution.",
    models=(
        Model("vit_b_16", "ViT-B/16"),
        Model("vit_b_32", "ViT-B/32"),
        Model("vit_l_16", "ViT-L/16"),
        Model("vit_l_32", "ViT-L/32"),
        Model(
            "vit_h_14",
            "ViT-H/14",
            ("Built for 518×518, the size of its default SWAG weights (Singh et al., 2022).",),
        ),
    ),
    differs=("The head is a single linear layer; the paper pre-trains with a hidden layer.",),
)

SWIN = Architecture(
    family="Swin",
    paper=Paper(
        "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
        "Liu, Lin, Cao, Hu, Wei, Zhang, Lin, Guo",
        2021,
        "https://arxiv.org/abs/2103.14030",
    ),
    idea="Attend within small windows and shift them by half in every other layer, so that cost "
    "grows with the picture's area, not its square, and maps shrink as in a CNN.",
    models=(
        Model("swin_t", "Swin-T"),
        Model("swin_s", "Swin-S"),
        Model("swin_b", "Swin-B"),
    ),
)

SWIN_V2 = Architecture(
    family="Swin",
    paper=Paper(
        "Swin Transformer V2: Scaling Up Capacity and Resolution",
        "Liu, Hu, Lin, Yao, Xie, Wei, Ning, Cao, Zhang, Dong, Wei, Guo",
        2021,
        "https://arxiv.org/abs/2111.09883",
    ),
    idea="Keep big windows and big models stable: normalise after each sub-layer, compare by "
    "cosine, and let a small network give position biases that transfer to other sizes.",
    models=(
        Model("swin_v2_t", "Swin V2-T"),
        Model("swin_v2_s", "Swin V2-S"),
        Model("swin_v2_b", "Swin V2-B"),
    ),
    differs=("Windows of 8×8 at 256×256 pixels, the smallest of the paper's settings.",),
)

MAXVIT = Architecture(
    family="MaxViT",
    paper=Paper(
        "MaxViT: Multi-Axis Vision Transformer",
        "Tu, Talebi, Zhang, Yang, Milanfar, Bovik, Li",
        2022,
        "https://arxiv.org/abs/2204.01697",
    ),
    idea="Follow every convolution block by attention within a window and then along a grid "
    "spread over the whole map: local and global in linear cost.",
    models=(Model("maxvit_t", "MaxViT-T"),),
)

ARCHITECTURES = (VIT, SWIN, SWIN_V2, MAXVIT)
