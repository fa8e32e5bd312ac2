"""What is shown of a data set before anything learns from it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from explorer.errors import BadRequest
from explorer.training.data import describe as describing
from explorer.training.data.describe import describe, sheet, shown
from explorer.training.recipe import checked
from tests.training.data.picture_folders import painted


def test_digits_are_counted_as_they_are() -> None:
    """All three parts together are scikit-learn's 1,797, class by class."""
    found = describe(checked(validation=10.0))
    assert [(part.name, part.count) for part in found.splits] == [
        ("train", 1293), ("validation", 144), ("test", 360),
    ]  # fmt: skip
    together = np.sum([part.counts for part in found.splits], 0)
    assert together.tolist() == np.bincount(load_digits().target).tolist()
    assert found.mean[0] == pytest.approx(load_digits().data.mean() / 16, abs=0.01)


def test_without_validation_there_are_two_parts() -> None:
    """And with wrong labels the counts stay those of the true ones."""
    plain = describe(checked(validation=0.0))
    noisy = describe(checked(validation=0.0, label_noise=50.0))
    assert [part.name for part in plain.splits] == ["train", "test"]
    assert noisy.splits == plain.splits
    assert (plain.redrawn, noisy.redrawn) == (0, round(1437 / 2))


def test_points_come_as_coordinates() -> None:
    """With the labels that are learned from."""
    found = describe(checked(data="moons", validation=0.0))
    assert found.sheet is None
    assert found.points is not None
    assert found.labels is not None
    assert found.points.shape == (1000, 2)
    assert found.mean == pytest.approx(found.points.mean(0), abs=1e-5)
    noisy = describe(checked(data="moons", validation=0.0, label_noise=50.0))
    assert noisy.labels is not None
    # Half of the labels are drawn anew, of two classes: about a quarter are wrong.
    assert np.mean(noisy.labels != found.labels) == pytest.approx(0.25, abs=0.05)


def opened(png: bytes) -> np.ndarray:
    """The sheet's pixels (H, W, 4)."""
    return np.asarray(Image.open(io.BytesIO(png)))


def test_each_class_has_its_row() -> None:
    """Pictures of one shade each, as large as they are, a clear line below and beside them."""
    labels = np.array([2, 0, 1, 0, 2, 0])
    values = np.stack([np.full((1, 4, 5), 40 * each + 7, np.uint8) for each in range(6)])
    found = sheet(values, labels, 3)
    assert (found.tile, found.rows, found.across) == ((5, 6), 3, 12)
    pixels = opened(found.png)
    assert pixels.shape == (15, 72, 4)
    rows = [pixels[5 * row, ::6] for row in range(3)]
    assert [row[row[:, 3] > 0][:, 0].tolist() for row in rows] == [[47, 127, 207], [87], [7, 167]]
    assert not pixels[4::5, :, 3].any()
    assert not pixels[:, 5::6, 3].any()


def test_a_hundred_classes_have_a_row_each() -> None:
    """Of more the first hundred; large pictures are made smaller, in their proportions."""
    labels = np.arange(120).repeat(6)
    values = np.broadcast_to(labels[:, None, None, None], (720, 1, 192, 96)).astype(np.uint8)
    found = sheet(values, labels, 120)
    assert (found.rows, found.across, found.tile) == (100, 5, (97, 49))
    pixels = opened(found.png)
    assert pixels[10::97, 10, 0].tolist() == list(range(100))
    assert pixels[10, 10::49, 3].tolist() == [255] * 5


def test_the_sheet_shows_training_pictures_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test set is not looked at before the end."""
    given: list[np.ndarray] = []

    def watched(values: np.ndarray, labels: np.ndarray, classes: int) -> None:
        given.append(values)

    monkeypatch.setattr(describing, "sheet", watched)
    describe(checked(samples=50))
    assert len(given[0]) == 50


def test_pages_describe_no_folder_that_is_not_on_offer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recipe in a link is a stranger's."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    recipe = checked(data=f"folder:{painted(tmp_path / 'pets', {'cat': 20, 'dog': 20})}")
    with pytest.raises(BadRequest, match="command line"):
        shown(recipe)
    assert describe(recipe).splits[0].count == 29
    monkeypatch.setenv("CONVZOO_FOLDERS", str(tmp_path / "pets"))
    assert shown(recipe).data.title == "pets"
