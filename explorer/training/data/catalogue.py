"""The data sets there are, by their keys. No torch here.

Besides those of `data_sets`, a key is "yours:<digest>" for a zip somebody handed in,
"collection:<id>.<revision>" for pictures collected for fine-tuning, or "folder:/path" for a folder,
or an archive, of class folders on this computer.
"""

from __future__ import annotations

import difflib
from functools import lru_cache
from pathlib import Path

from explorer import config
from explorer.errors import BadRequest, MissingData
from explorer.training.data import collected, folders, kept, placed
from explorer.training.data.archives import ARCHIVES
from explorer.training.data.placed import PLACED
from explorer.training.data.records import POINT, DataSet

FOLDER, YOURS = folders.FOLDER, kept.YOURS
DIGITS = "digits"
"""The one that is always there; a page begins with it."""

_TEN = tuple(str(digit) for digit in range(10))
_CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
)  # fmt: skip
_CIFAR_10 = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
_CIFAR_100 = (
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle",
    "bottle", "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle",
    "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch",
    "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox",
    "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion",
    "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom",
    "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree",
    "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road",
    "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake",
    "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone",
    "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale",
    "willow_tree", "wolf", "woman", "worm",
)  # fmt: skip
_STL_10 = (
    "airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck",
)  # fmt: skip
_TINY = "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009"
_TINY_LINK = "https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf"
_DRAWN = "Drawn by ConvZoo; do with it what you like."
_RESEARCH = "No licence is stated; its publishers offer it for research."


def _megabytes(key: str) -> float:
    return sum(archive.bytes for archive in ARCHIVES[key]) / 1e6


_BUNDLED = (
    DataSet(
        DIGITS, "Digits", "Handwritten digits of 8 x 8 pixels: learned in seconds, always here.",
        _TEN, (1, 8, 8), 1437, 360, "bundled", 0.0, "CC BY 4.0",
        "Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, 1998",
        "https://doi.org/10.24432/C50P49",
        ("A fifth of each digit's pictures is the test set, the same at every visit.",),
    ),
)  # fmt: skip

_DOWNLOADS = (
    DataSet(
        "mnist", "MNIST", "Handwritten digits: what LeNet-5 was made for.",
        _TEN, (1, 28, 28), 60_000, 10_000, "download", _megabytes("mnist"), "CC BY-SA 3.0",
        "LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998",
        "https://doi.org/10.1109/5.726791",
    ),
    DataSet(
        "fashionmnist", "Fashion-MNIST", "Ten kinds of clothes, harder than MNIST's digits.",
        _CLOTHES, (1, 28, 28), 60_000, 10_000, "download", _megabytes("fashionmnist"), "MIT",
        "Xiao, Rasul and Vollgraf, Fashion-MNIST, 2017", "https://arxiv.org/abs/1708.07747",
    ),
    DataSet(
        "cifar10", "CIFAR-10", "Photographs of ten things: where depths were compared.",
        _CIFAR_10, (3, 32, 32), 50_000, 10_000, "download", _megabytes("cifar10"), _RESEARCH,
        _TINY, _TINY_LINK,
    ),
    DataSet(
        "cifar100", "CIFAR-100", "A hundred things with 500 photographs each: easy to overfit.",
        _CIFAR_100, (3, 32, 32), 50_000, 10_000, "download", _megabytes("cifar100"), _RESEARCH,
        _TINY, _TINY_LINK,
    ),
    DataSet(
        "stl10", "STL-10", "Ten things, larger, with more to test on than to learn from.",
        _STL_10, (3, 96, 96), 5000, 8000, "download", _megabytes("stl10"), _RESEARCH,
        "Coates, Lee and Ng, An Analysis of Single-Layer Networks in Unsupervised Learning, 2011",
        "https://proceedings.mlr.press/v15/coates11a.html",
        ("Its 100,000 pictures without labels come with the download and are not used.",),
    ),
)  # fmt: skip

_PLACED = (
    DataSet(
        "cifar10-jpeg", "CIFAR-10 as JPEG",
        "CIFAR-10 re-encoded as JPEG: what the weights that come with ConvZoo learned from.",
        _CIFAR_10, (3, 32, 32), 50_000, 10_000, "placed", 0.0, _RESEARCH, _TINY, _TINY_LINK,
        ("Accuracies on it are a little lower than on the lossless CIFAR-10.",),
    ),
)  # fmt: skip

_GENERATED = (
    DataSet(
        "moons", "Moons", "Two half moons, each reaching into the other: no line parts them.",
        ("upper", "lower"), POINT, 1000, 500, "generated", 0.0, _DRAWN,
    ),
    DataSet(
        "circles", "Circles", "One ring of points around another: the radius tells them apart.",
        ("outer", "inner"), POINT, 1000, 500, "generated", 0.0, _DRAWN,
    ),
    DataSet(
        "spirals", "Spirals", "Three arms winding around each other: hard for a shallow network.",
        ("first", "second", "third"), POINT, 1000, 500, "generated", 0.0, _DRAWN,
        "Lang and Witbrock, Learning to Tell Two Spirals Apart, 1988 (with two arms)",
    ),
    DataSet(
        "blobs", "Blobs", "Four clouds of points that overlap: no network can be right every time.",
        ("first", "second", "third", "fourth"), POINT, 1000, 500, "generated", 0.0, _DRAWN,
    ),
    DataSet(
        "shapes", "Shapes", "Six drawn shapes in any colour, size, place and turn, under noise.",
        ("disc", "ring", "square", "triangle", "cross", "crescent"), (3, 32, 32), 4800, 1200,
        "generated", 0.0, _DRAWN,
    ),
)  # fmt: skip


def data_sets() -> tuple[DataSet, ...]:
    """Return the data sets everybody has, downloaded or not."""
    return (*_BUNDLED, *_DOWNLOADS, *_PLACED, *_GENERATED)


@lru_cache(maxsize=1)
def _by_key() -> dict[str, DataSet]:
    return {each.key: each for each in data_sets()}


def find(key: str) -> DataSet:
    """Return what a key stands for.

    Raises BadRequest with the nearest keys for one that stands for nothing, MissingData for a zip
    that is not kept any more, BadData for a folder that is no data set.
    """
    if key.startswith(FOLDER):
        return folders.survey(folder_of(key))
    if key.startswith(YOURS):
        return kept.find(key.removeprefix(YOURS))
    if collected.is_key(key):
        return collected.find(key)
    if (known := _by_key().get(key)) is not None:
        return known
    near = difflib.get_close_matches(key.lower().replace("-", ""), _by_key(), n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(near)}?" if near else f"there is {', '.join(_by_key())}."
    raise BadRequest(f"There is no data set {key[:60]!r}; {meant}")


def on_disk(key: str) -> bool:
    """Whether a data set can be loaded at once, without a network. Raises as `find` does."""
    if key.startswith(FOLDER):
        return folder_of(key).exists()
    if key.startswith(YOURS):
        return kept.path(key.removeprefix(YOURS)).is_file()
    if collected.is_key(key):
        return collected.is_kept(key)
    if key in PLACED:
        return placed.path(key).is_file()
    return all(archive.is_here for archive in ARCHIVES.get(find(key).key, ()))


def folder_of(key: str) -> Path:
    """Return the path of a key "folder:/path". Raises MissingData where nothing is."""
    path = Path(key.removeprefix(FOLDER)).expanduser().absolute()
    if not path.exists():
        raise MissingData(f"There is no folder {path}; name one that holds a folder per class.")
    return path


def shown(key: str) -> DataSet:
    """Return what a key stands for if every visitor of the app may see it.

    Raises as `refuse_hidden` and `find` do.
    """
    refuse_hidden(key)
    return find(key)


def refuse_hidden(key: str) -> None:
    """Raise BadRequest for a folder that CONVZOO_FOLDERS does not name.

    A recipe in a link must not open what happens to be on this computer. Nothing is looked into.
    """
    if key.startswith(FOLDER) and key not in offered():
        raise BadRequest(
            "Folders are opened from the command line, or on a page where CONVZOO_FOLDERS names "
            "them; hand the pictures in as a zip instead."
        )


def offered() -> tuple[str, ...]:
    """Return the keys of the folders that the pages may open."""
    return tuple(f"{FOLDER}{path}" for path in config.shown_folders())


def of_owner(owner: str) -> tuple[DataSet, ...]:
    """Return what a visitor handed in, the newest first, and their collections."""
    return (*kept.of_owner(owner), *collected.of_owner(owner))
