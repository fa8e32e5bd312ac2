"""One's own pictures as a fine-tuning's augmentation shows them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explorer.collections import intake
from explorer.collections.store import CollectionStore
from explorer.errors import MissingData
from explorer.finetune import preview as previews
from explorer.finetune.preview import PICTURES, preview
from explorer.training import recipe as recipes
from explorer.training.preview import TIMES
from tests.collections.painted import files


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty data folder."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path))


def recipe(**settings: float) -> recipes.Recipe:
    """A recipe for twelve pictures of three classes each, with a network that is always here."""
    named = [
        (n.partition("/")[0], n, data) for n, data in files({"a": 12, "b": 12, "c": 12}).items()
    ]
    made = intake.accept_files(named, "Letters")
    return recipes.checked(
        network="lenet5", weights="convzoo", regime="head", data=made.key, **settings
    )


def test_pictures_come_one_of_each_class_in_turn_at_the_networks_size() -> None:
    """LeNet-5 reads 32 pixels; grey is drawn as three equal channels."""
    found = preview(recipe(mirror=1.0))
    assert found.labels == ("a", "b", "c") * (PICTURES // 3)
    assert found.before.shape == (PICTURES, 32, 32, 3)
    assert found.after.shape == (TIMES, PICTURES, 32, 32, 3)
    assert found.targets == (found.labels,) * TIMES


def test_a_certain_mirror_mirrors_every_picture() -> None:
    """Each time, and nothing else happens to them."""
    found = preview(recipe(mirror=1.0))
    for after in found.after:
        np.testing.assert_array_equal(after, found.before[:, :, ::-1])


def test_only_pictures_that_are_learned_from_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held out stays out of it."""
    seen: list[int] = []
    read = previews._read

    def noted(of: recipes.Recipe, chosen: list) -> object:  # type: ignore[type-arg]
        seen.extend(item.id for item in chosen)
        assert all(item.part == "train" for item in chosen)
        return read(of, chosen)

    monkeypatch.setattr(previews, "_read", noted)
    preview(recipe(rotation=10.0))
    assert len(set(seen)) == PICTURES


def test_a_deleted_collection_is_said() -> None:
    """In its own sentence."""
    asked = recipe(colour=0.2)
    CollectionStore().delete(CollectionStore().get(asked.data).id)
    with pytest.raises(MissingData):
        preview(asked)
