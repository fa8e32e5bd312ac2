"""Settings from the environment are checked where they are read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from explorer import config
from explorer.errors import BadRequest


def test_runtime_root_prefers_the_choice_of_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """CONVZOO_RUNTIME_DIR, then XDG_RUNTIME_DIR if it exists, then the temporary folder."""
    monkeypatch.setenv("CONVZOO_RUNTIME_DIR", str(tmp_path))
    assert config.runtime_root() == tmp_path
    monkeypatch.delenv("CONVZOO_RUNTIME_DIR")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "session"))
    assert config.runtime_root() != tmp_path / "session"
    (tmp_path / "session").mkdir()
    assert config.runtime_root() == tmp_path / "session"


def test_chosen_runtime_root_must_exist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A typing error does not send the engine somewhere else in silence."""
    monkeypatch.setenv("CONVZOO_RUNTIME_DIR", str(tmp_path / "typo"))
    with pytest.raises(BadRequest, match="must name an existing folder"):
        config.runtime_root()


def test_user_models_are_separated_by_commas_or_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """None by default; every entry names a module and a callable."""
    monkeypatch.delenv("CONVZOO_MODELS", raising=False)
    assert config.user_models() == ()
    monkeypatch.setenv("CONVZOO_MODELS", "nets:Small, nets.big:make  other:Net")
    assert config.user_models() == ("nets:Small", "nets.big:make", "other:Net")


@pytest.mark.parametrize("entry", ["nets", "nets:", ":Net"])
def test_incomplete_user_model_is_refused(monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    """The message shows the form and the culprit."""
    monkeypatch.setenv("CONVZOO_MODELS", f"good:Net,{entry}")
    with pytest.raises(BadRequest, match=f"module:callable, not '{entry}'"):
        config.user_models()


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf", ""])
def test_idle_time_must_be_a_positive_number(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """An engine that never or at once stops is not on offer."""
    monkeypatch.setenv("CONVZOO_ENGINE_IDLE", text)
    with pytest.raises(BadRequest, match="positive number of seconds"):
        config.engine_idle_seconds()


def test_engine_finds_the_users_models_where_the_user_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The working folder is importable only if models of the user's own were named."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.delenv("CONVZOO_MODELS", raising=False)
    assert config.python_path() == (str(config.checkout()),)
    monkeypatch.setenv("CONVZOO_MODELS", "mine:Net")
    assert config.python_path() == (str(tmp_path), str(config.checkout()))


def test_what_is_kept_stands_in_the_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """CONVZOO_DATA, then XDG_CACHE_HOME, then the platform's own place."""
    monkeypatch.setenv("CONVZOO_DATA", "~/mine")
    assert config.data_folder() == Path.home() / "mine"
    monkeypatch.delenv("CONVZOO_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert config.data_folder() == Path("/cache/convzoo")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(sys, "platform", "linux")
    assert config.data_folder() == Path.home() / ".cache" / "convzoo"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert config.data_folder() == Path.home() / "Library" / "Caches" / "convzoo"


def test_folders_of_pictures_are_separated_as_in_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Absolute, each once; none of them by default."""
    assert config.shown_folders() == ()
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("CONVZOO_FOLDERS", "/data/pets::~/birds:/data/pets")
    assert config.shown_folders() == (Path("/data/pets"), Path("/home/somebody/birds"))
