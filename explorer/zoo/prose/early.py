"""From digits to very deep: LeNet, AlexNet, Network in Network, VGG, Inception."""

from __future__ import annotations

from explorer.zoo.cards import Paper
from explorer.zoo.prose.architecture import Architecture, Model

LENET = Architecture(
    family="LeNet",
    paper=Paper(
        "Gradient-Based Learning Applied to Document Recognition",
        "LeCun, Bottou, Bengio, Haffner",
        1998,
        "https://doi.org/10.1109/5.726791",
    ),
    idea="Learn the feature detectors themselves: small kernels shared over the whole picture, "
    "alternating with subsampling, trained end to end by gradient descent.",
    models=(),
)

ALEXNET_2012 = Architecture(
    family="AlexNet",
    paper=Paper(
        "ImageNet Classification with Deep Convolutional Neural Networks",
        "Krizhevsky, Sutskever, Hinton",
        2012,
        "https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html",
    ),
    idea="Scale a LeNet up to a million photographs: rectifiers that keep gradients alive, "
    "dropout against overfitting, and two GPUs that each hold half of the channels.",
    models=(),
)

ALEXNET_2014 = Architecture(
    family="AlexNet",
    paper=Paper(
        "One weird trick for parallelizing convolutional neural networks",
        "Krizhevsky",
        2014,
        "https://arxiv.org/abs/1404.5997",
    ),
    idea="Fold AlexNet's two towers into one, split the pictures of a batch over the GPUs for "
    "the convolutions, and split the weights only for the big fully connected layers.",
    models=(
        Model(
            "alexnet",
            "AlexNet (one tower)",
            (
                "One tower with 64, 192, 384, 256 and 256 kernels; the paper's has 384 in the "
                "fourth layer, and the net that won in 2012 has 96, 256, 384, 384 and 256 in two.",
                "No local response normalisation.",
                "An adaptive 6×6 average pooling stands before the classifier, so other sizes "
                "than 224×224 run too.",
            ),
        ),
    ),
)

NIN = Architecture(
    family="Network in Network",
    paper=Paper("Network In Network", "Lin, Chen, Yan", 2013, "https://arxiv.org/abs/1312.4400"),
    idea="Let a tiny network, two 1×1 convolutions, mix the channels of every pixel after each "
    "convolution, and average one map per class instead of adding fully connected layers.",
    models=(),
)

VGG = Architecture(
    family="VGG",
    paper=Paper(
        "Very Deep Convolutional Networks for Large-Scale Image Recognition",
        "Simonyan, Zisserman",
        2014,
        "https://arxiv.org/abs/1409.1556",
    ),
    idea="Use nothing but 3×3 kernels and go deep: three of them see as far as one 7×7 with "
    "45 % fewer weights and two more non-linearities.",
    models=tuple(
        model
        for depth in (11, 13, 16, 19)
        for model in (
            Model(f"vgg{depth}", f"VGG-{depth}"),
            Model(
                f"vgg{depth}_bn",
                f"VGG-{depth} with batch norm",
                ("Batch normalisation after every convolution, which the paper did not have.",),
            ),
        )
    ),
    differs=(
        "An adaptive 7×7 average pooling stands before the classifier, so larger and smaller "
        "pictures than 224×224 run too; at 224×224 it changes nothing.",
        "Evaluated on one central crop; the paper applies the net densely over several scales.",
    ),
)

GOOGLENET = Architecture(
    family="Inception",
    paper=Paper(
        "Going Deeper with Convolutions",
        "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich",
        2014,
        "https://arxiv.org/abs/1409.4842",
    ),
    idea="Do not choose a kernel size: run 1×1, 3×3, 5×5 and pooling side by side, concatenate "
    "them, and keep it affordable by squeezing channels with 1×1 convolutions first.",
    models=(
        Model("googlenet", "GoogLeNet (torchvision)"),
        Model("quantized_googlenet", "GoogLeNet, quantised"),
    ),
    differs=(
        "All nine modules have a 3×3 convolution where the paper has 5×5 (pytorch/vision issue "
        "906): 6,624,904 parameters instead of 7,005,832. The model googlenet_2014 has true 5×5.",
        "Batch normalisation after every convolution; the paper has local response "
        "normalisation in the stem only.",
        "The last max pooling is 2×2 instead of 3×3, and dropout is 20 % instead of 40 %.",
        "Built without the auxiliary classifiers, as the published weights are used; with them "
        "it has 13,004,888 parameters.",
    ),
)

INCEPTION_V3 = Architecture(
    family="Inception",
    paper=Paper(
        "Rethinking the Inception Architecture for Computer Vision",
        "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna",
        2015,
        "https://arxiv.org/abs/1512.00567",
    ),
    idea="Factorise large kernels: a 5×5 becomes two 3×3, a 7×7 becomes a 1×7 and a 7×1, and "
    "what is saved buys depth and width.",
    models=(
        Model("inception_v3", "Inception v3"),
        Model(
            "quantized_inception_v3",
            "Inception v3, quantised",
            (
                "torchvision's published count includes the auxiliary head, although its own "
                "builder drops it after loading the weights; here it stays, so that counts agree.",
            ),
        ),
    ),
    differs=(
        "Follows the network Google released in TensorFlow, whose weights it carries, rather "
        "than the paper's table.",
        "The auxiliary classifier is built and counted (27,161,264 parameters, 23,834,568 "
        "without) but does not run outside training.",
    ),
)

ARCHITECTURES = (LENET, ALEXNET_2012, NIN, ALEXNET_2014, VGG, GOOGLENET, INCEPTION_V3)
