"""Files of all kinds become one array."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from explorer.errors import BadData, Cancelled
from explorer.training.data.assembling import assemble, shape_of
from explorer.training.data.class_folders import arrange
from tests.training.data.picture_folders import encoded, files

MUCH = 1 << 30


def opener(contents: dict[str, bytes]) -> Callable[[str], bytes]:
    """Read from a dictionary."""
    return contents.__getitem__


@pytest.mark.parametrize(
    ("size", "mode", "shape"),
    [
        ((12, 10), "RGB", (3, 10, 12)),
        ((8, 8), "L", (1, 8, 8)),
        ((224, 100), "RGB", (3, 100, 224)),
        ((300, 250), "RGB", (3, 224, 224)),
        ((225, 50), "L", (1, 50, 50)),
    ],
)
def test_equal_sizes_up_to_224_stay(
    size: tuple[int, int], mode: str, shape: tuple[int, int, int]
) -> None:
    """Larger ones become a square with their short side, of 224 at most."""
    contents = files({"a": 2, "b": 2}, size, mode)
    assert shape_of(arrange(list(contents)), opener(contents), MUCH) == shape


def test_different_sizes_become_the_median_square() -> None:
    """Short sides 10, 20, 20, 30: the median is 20; one in colour makes all three channels."""
    sizes = {"a/1.png": (10, 40), "a/2.png": (20, 20), "b/1.png": (50, 20), "b/2.png": (30, 30)}
    contents = {name: encoded(9, size, "L") for name, size in sizes.items()}
    assert shape_of(arrange(list(contents)), opener(contents), MUCH) == (1, 20, 20)
    contents["b/2.png"] = encoded(9, (30, 30), "RGB")
    assert shape_of(arrange(list(contents)), opener(contents), MUCH) == (3, 20, 20)


def test_too_much_is_made_smaller() -> None:
    """Four pictures of 3 x 10 x 12 in 360 bytes: a quarter of the pixels each."""
    contents = files({"a": 2, "b": 2})
    assert shape_of(arrange(list(contents)), opener(contents), 4 * 90) == (3, 5, 6)


def test_pictures_of_the_size_keep_their_pixels() -> None:
    """Channel by channel, in the order of the names, with the classes' numbers."""
    contents = files({"train/a": 3, "train/b": 2, "test/a": 1, "test/b": 1})
    arranged = arrange(list(contents))
    found = assemble(arranged, opener(contents), (3, 10, 12))
    assert found.train.shape == (5, 3, 10, 12)
    assert found.train[:, 0, 4, 4].tolist() == [0, 1, 2, 0, 1]
    assert found.train[:, 1, 4, 4].tolist() == [0, 2, 4, 0, 2]
    assert found.train[:, 2, 4, 4].tolist() == [255, 254, 253, 255, 254]
    assert found.train_labels.tolist() == [0, 0, 0, 1, 1]
    assert found.test_labels.tolist() == [0, 1]
    assert found.notes == ("Its own test folder is the test set.",)


def test_other_sizes_cover_the_frame() -> None:
    """Of a wide picture the middle is cut out; grey ones get three equal channels."""
    wide = np.zeros((10, 30), np.uint8)
    wide[:, 10:20] = 200
    contents = files({"a": 5, "b": 5}, (10, 10))
    contents["a/000.png"] = grey_png(wide)
    found = assemble(arrange(list(contents)), opener(contents), (3, 10, 10))
    every = np.concatenate([found.train, found.test])
    middle = [each for each in every if each[0, 5, 5] == 200]
    assert len(middle) == 1
    assert (middle[0][:, :, 1:9] == 200).all()
    assert (len(found.train), len(found.test)) == (8, 2)
    assert "1 pictures were scaled to cover 10 x 10 pixels, and cut there." in found.notes


def grey_png(values: np.ndarray) -> bytes:
    """A PNG of shades (H, W)."""
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    return file.getvalue()


def test_what_cannot_be_read_is_left_out_and_said() -> None:
    """By name, with the gate's own reason; the others stay with their labels."""
    contents = files({"a": 10, "b": 10})
    contents["a/003.png"] = b"no picture"
    found = assemble(arrange(list(contents)), opener(contents), (3, 10, 12))
    assert len(found.train) + len(found.test) == 19
    assert found.notes[-1].startswith(
        "1 pictures cannot be read and were left out; a/003.png: This file is no picture"
    )
    values = np.concatenate([found.train, found.test])[:, 0, 0, 0]
    labels = np.concatenate([found.train_labels, found.test_labels])
    assert sorted(values[labels == 0].tolist()) == [0, 1, 2, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("counts", "broken", "sentence"),
    [
        ({"a": 5, "b": 2}, ["b/000.png"], "Too few pictures of the class 'b' can be read .b/000"),
        (
            {"train/a": 2, "train/b": 1, "test/a": 1},
            ["train/b/000.png"],
            "Too few pictures of the class 'b'",
        ),
        ({"train/a": 2, "train/b": 1, "test/a": 1}, ["test/a/000.png"], "No test picture can be"),
    ],
)
def test_too_few_readable_ones_are_a_sentence(
    counts: dict[str, int], broken: list[str], sentence: str
) -> None:
    """With the first reason."""
    contents = files(counts) | dict.fromkeys(broken, b"?")
    with pytest.raises(BadData, match=sentence):
        assemble(arrange(list(contents)), opener(contents), (3, 10, 12))


def test_none_readable_is_a_sentence() -> None:
    """Before anything is decoded."""
    contents = dict.fromkeys(files({"a": 2, "b": 2}), b"?")
    with pytest.raises(BadData, match="None of the pictures looked at can be read"):
        shape_of(arrange(list(contents)), opener(contents), MUCH)


def test_it_can_be_cancelled() -> None:
    """Every fifty pictures."""
    contents = files({"a": 60, "b": 60})

    def progress(fraction: float, sentence: str) -> None:
        if fraction > 0.5:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        assemble(arrange(list(contents)), opener(contents), (3, 10, 12), progress)
