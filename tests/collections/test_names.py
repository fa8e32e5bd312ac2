"""What is read from the names of files, in good faith or not."""

from __future__ import annotations

import unicodedata

import pytest

from explorer.collections.names import class_title, is_junk, readable, sort
from explorer.errors import BadData


def placed(*names: str) -> dict[str, tuple[str, str | None]]:
    """Class and part of each file that is taken."""
    return {each.name: (each.class_name, each.part) for each in sort(names).files}


def test_folders_are_classes() -> None:
    """Whatever lies deeper in one belongs to it too."""
    assert placed("cat/1.jpg", "dog/outside/2.jpg") == {
        "cat/1.jpg": ("cat", None),
        "dog/outside/2.jpg": ("dog", None),
    }


def test_outer_folders_are_left_out() -> None:
    """Even with a file beside the classes, as archives have."""
    found = sort(["my/pets/cat/1.jpg", "my/pets/dog/2.jpg", "my/pets/read me.txt"])
    assert [each.class_name for each in found.files] == ["cat", "dog"]
    assert [(each.name, each.reason) for each in found.refused] == [
        (
            "my/pets/read me.txt",
            "It lies outside of the folders of the classes; move it into one of them.",
        )
    ]


@pytest.mark.parametrize("name", ["val", "Validation", "valid", "test"])
def test_parts_are_respected(name: str) -> None:
    """A test folder alone is what there is to validate on."""
    assert placed("x/train/cat/1.jpg", f"x/{name}/cat/2.jpg") == {
        "x/train/cat/1.jpg": ("cat", "train"),
        f"x/{name}/cat/2.jpg": ("cat", "validation"),
    }


def test_a_test_folder_beside_one_to_validate_on_stays_unseen() -> None:
    """It is said, with the number of its files."""
    names = ["train/a/1.png", "val/a/2.png", "test/a/3.png", "test/a/4.png"]
    assert set(placed(*names)) == {"train/a/1.png", "val/a/2.png"}
    assert [each.name for each in sort(names).refused] == ["test/ (2 files)"]


def test_classes_may_be_called_like_parts() -> None:
    """A train among ships is no training set."""
    assert placed("train/1.jpg", "ship/1.jpg")["train/1.jpg"] == ("train", None)


@pytest.mark.parametrize("name", ["../../cat/1.jpg", "/etc/cat/1.jpg", "C:\\cat\\1.jpg"])
def test_what_leads_out_is_refused(name: str) -> None:
    """No path is ever made of it, and it is said."""
    found = sort([name, "cat/1.jpg", "dog/1.jpg"])
    assert [each.name for each in found.files] == ["cat/1.jpg", "dog/1.jpg"]
    assert found.refused[0].reason.startswith("Its name leads out of the archive")


def test_junk_is_not_even_mentioned_and_hidden_files_are() -> None:
    """Nobody made the one, somebody may miss the other."""
    junk = ["__MACOSX/cat/._1.jpg", "cat/.DS_Store", "dog/Thumbs.db", "dog/._2.jpg"]
    assert all(map(is_junk, junk))
    found = sort([*junk, "cat/.secret.jpg", "cat/1.jpg", "dog/1.jpg"])
    assert len(found.files) == 2
    assert [each.name for each in found.refused] == ["cat/.secret.jpg"]


@pytest.mark.parametrize("encoding", ["utf-8", "euc_kr"])
def test_names_without_an_encoding_are_guessed(encoding: str) -> None:
    """Archives made in Korea, or on a Mac, come as code page 437."""
    assert readable("고양이/하나.jpg".encode(encoding).decode("cp437")) == "고양이/하나.jpg"


@pytest.mark.parametrize("name", ["café/bébé.jpg", "고양이 🐈/1.jpg", "Straße/ñandú.jpg"])
def test_names_with_an_encoding_stay(name: str) -> None:
    """A guess never spoils what was right."""
    assert readable(name) == name


def test_decomposed_names_are_the_same_class() -> None:
    """A Mac writes the syllables of Hangul letter by letter."""
    apart = unicodedata.normalize("NFD", "고양이")
    assert apart != "고양이"
    assert {each[0] for each in placed(f"{apart}/1.jpg", "고양이/2.jpg", "개/3.jpg").values()} == {
        "고양이",
        "개",
    }


def test_class_titles_can_be_shown() -> None:
    """Families of emoji stay together, control characters and great length do not."""
    assert class_title("👨‍👩‍👧 family") == "👨‍👩‍👧 family"
    assert class_title("a\x1b[31m\nb") == "a [31m b"
    assert len(class_title("x" * 500)) == 60
    with pytest.raises(BadData, match="needs a name"):
        class_title("\u200b \n")
