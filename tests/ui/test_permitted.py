"""What a recipe from a link may read: neither folders of this computer nor others' runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.errors import BadRequest, UnknownModel
from explorer.runs.store import RunStore
from explorer.training.recipe import checked, to_link
from explorer.ui import permitted, visitor
from tests.runs import made
from tests.training.data.picture_folders import painted
from tests.ui.visits import visit


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, and a visitor called "me"."""
    monkeypatch.setenv("CONVZOO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(visitor, "owner", lambda: "me")
    return RunStore()


def test_only_folders_on_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else a recipe learns from is left to the data's own checks."""
    monkeypatch.setenv("CONVZOO_FOLDERS", "/srv/offered")
    permitted.check(checked(data="digits"))
    permitted.check(checked(data="folder:/srv/offered"))
    with pytest.raises(BadRequest, match="CONVZOO_FOLDERS"):
        permitted.check(checked(data="folder:/srv/private"))


def test_only_runs_that_are_mine_or_shared(store: RunStore) -> None:
    """A recipe that starts from another visitor's network would hand its weights out."""
    mine, shared = made.kept(store, owner="me"), made.kept(store, owner="other", shared=True)
    private = made.kept(store, owner="other")
    permitted.check(checked(network=f"run:{mine}", weights="last"))
    permitted.check(checked(network=f"run:{shared}", weights="last"))
    with pytest.raises(UnknownModel, match="not shared"):
        permitted.check(checked(network=f"run:{private}", weights="last"))


@pytest.mark.parametrize("view", ["data", "rate", "augmented"])
def test_a_link_shows_no_picture_of_a_folder(tmp_path: Path, view: str) -> None:
    """Not by looking at the data, nor by trying rates or the augmentation on them."""
    folder = painted(tmp_path / "secret", {"alpha": 9, "beta": 9})
    link = to_link(checked(data=f"folder:{folder}", rotation=30))
    app = visit("pages/training/training_lab.py", recipe=link)
    app.pills(key="training_before").set_value(view).run()
    assert not app.exception
    assert sum("CONVZOO_FOLDERS" in each.value for each in app.error) == 2
    assert not [each for each in app.button if str(each.key).startswith("rate ")]
    assert "four epochs" not in " ".join(each.value for each in app.caption)
