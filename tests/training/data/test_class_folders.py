"""Which class and part a file belongs to, by its name alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from explorer.errors import BadData
from explorer.training.data.class_folders import Arranged, arrange, parted


def told(arranged: Arranged) -> list[tuple[str, str, str]]:
    """Name, class and part of every file."""
    return [(each.name, arranged.classes[each.label], each.part) for each in arranged.members]


def test_a_folder_is_a_class() -> None:
    """Classes and files in the order of their names, whatever order they came in."""
    found = arrange(["dog/1.jpg", "cat/b.PNG", "cat/a.jpeg", "dog/deep/er/2.webp"])
    assert told(found) == [
        ("cat/a.jpeg", "cat", ""),
        ("cat/b.PNG", "cat", ""),
        ("dog/1.jpg", "dog", ""),
        ("dog/deep/er/2.webp", "dog", ""),
    ]
    assert not found.is_split


@pytest.mark.parametrize("outer", ["", "pets/", "a/b/pets/"])
def test_folders_around_everything_do_not_count(outer: str) -> None:
    """As a zip of a folder has them; the classes themselves are never left out."""
    names = [f"{outer}{name}" for name in ("cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "dog/2.jpg")]
    assert arrange(names).classes == ("cat", "dog")


def names_of(*parts: str) -> list[str]:
    """Two classes in each part."""
    return [f"{part}/{name}/{number}.jpg" for part in parts for name in "xy" for number in (1, 2)]


@pytest.mark.parametrize(
    ("parts", "training", "testing"),
    [
        (("train", "test"), ["train"], ["test"]),
        (("Training", "Testing"), ["Training"], ["Testing"]),
        (("train", "val"), ["train"], ["val"]),
        (("train", "valid", "test"), ["train", "valid"], ["test"]),
    ],
)
def test_own_parts_are_respected(
    parts: Sequence[str], training: list[str], testing: list[str]
) -> None:
    """A validation set is learned from, or held out by the recipe, where there is a test set."""
    found = arrange(names_of(*parts))
    assert found.classes == ("x", "y")
    assert found.is_split
    assert {each.name.split("/")[0] for each in found.members if each.part == "train"} == set(
        training
    )
    assert {each.name.split("/")[0] for each in found.members if each.part == "test"} == set(
        testing
    )


@pytest.mark.parametrize("parts", [("train",), ("train", "cats"), ("test", "dogs")])
def test_other_folders_are_classes_even_by_these_names(parts: Sequence[str]) -> None:
    """Only a whole split is one; "train" alone is a folder around everything."""
    found = arrange(names_of(*parts))
    assert not found.is_split
    assert found.classes == (("x", "y") if parts == ("train",) else tuple(sorted(parts)))


def test_what_is_left_out_is_said() -> None:
    """Texts, hidden files and a picture in no class; none of them makes a class."""
    pictures = ["cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "dog/2.jpg"]
    others = ["README.md", "cat/labels.csv", "__MACOSX/cat/._1.jpg", ".git/x/a.png", "dog/.b.jpg"]
    found = arrange([*pictures, *others, "cover.jpg"])
    assert [each.name for each in found.members] == pictures
    assert found.notes == (
        "5 files are no pictures and were left out.",
        "1 pictures lie outside of the classes and were left out.",
    )


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "There are no pictures in here; a data set is a folder for each class"),
        (["notes.txt"], "There are no pictures"),
        (["1.jpg", "2.jpg"], "not in two classes"),
        (["cat/1.jpg", "cat/2.jpg"], "not in two classes"),
        (["cat/1.jpg", "cat/2.jpg", "dog/1.jpg"], "'dog' has 1 picture to learn from"),
        (["train/a/1.jpg", "train/b/1.jpg", "test/a/1.jpg", "test/c/1.jpg"], "'c' has no pictures"),
        ([f"{number}/1.jpg" for number in range(1001)], "1,001 folders in here, and at most 1,000"),
    ],
)
def test_what_is_no_data_set_is_a_sentence(names: list[str], sentence: str) -> None:
    """It says what one looks like, or which class to mend."""
    with pytest.raises(BadData, match=sentence):
        arrange(names)


@pytest.mark.parametrize(
    "sizes", [[2, 2], [100, 100], [3, 40, 7], [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]]
)
def test_a_fifth_of_every_class_is_for_testing(sizes: list[int]) -> None:
    """Every sample in one part, every class in both, each within one of its fifth."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    train, test = parted(labels)
    assert sorted([*train, *test]) == list(range(len(labels)))
    assert np.array_equal(train, np.sort(train))
    for number, size in enumerate(sizes):
        held = int((labels[test] == number).sum())
        assert 1 <= held < size
        assert abs(held - size / 5) < 1
    again = parted(labels)
    assert np.array_equal(again[0], train)


def test_the_fifth_is_rounded_up() -> None:
    """As scikit-learn's own `train_test_split` does: 360 of 1,797 digits."""
    labels = np.repeat(np.arange(10), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    assert len(parted(labels)[1]) == 360
