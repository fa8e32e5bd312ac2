"""Pictures and outputs as they are named on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.commands import asked
from explorer.errors import BadPicture, BadRequest
from explorer.pictures import intake
from explorer.pictures.records import Refused


def test_a_picture_is_read_through_the_gate(tmp_path: Path) -> None:
    """Upright and in colour, called by its file's name."""
    Image.fromarray(np.zeros((3, 4), np.uint8)).save(tmp_path / "grey.png")
    found = asked.picture(str(tmp_path / "grey.png"))
    assert (found.name, found.height, found.width) == ("grey.png", 3, 4)


def test_what_is_no_picture_is_named_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text, a folder, nothing, and too large a file."""
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "large.png").write_bytes(b"0" * 100)
    for name, reason in (
        ("text.png", "no picture"), ("", "is a directory"), ("nothing.png", "no such file"),
    ):  # fmt: skip
        with pytest.raises(BadPicture, match=reason) as caught:
            asked.picture(str(tmp_path / name))
        assert str(caught.value).startswith(str(tmp_path / name))
    monkeypatch.setattr(intake, "MOST_BYTES", 50)
    with pytest.raises(BadPicture, match="more than"):
        asked.picture(str(tmp_path / "large.png"))


def test_an_output_must_be_writable(tmp_path: Path) -> None:
    """Its ending and its folder are checked before any work."""
    assert asked.writable(str(tmp_path / "map.PNG"), ".png") == tmp_path / "map.PNG"
    with pytest.raises(BadRequest, match=r"must end in \.png"):
        asked.writable(str(tmp_path / "map.jpg"), ".png")
    with pytest.raises(BadRequest, match="folder must exist"):
        asked.writable(str(tmp_path / "nowhere" / "map.png"), ".png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(BadRequest, match="cannot be written"):
        asked.writable(str(tmp_path / "folder.png"), ".png")


def test_a_name_no_system_takes_is_one_sentence(tmp_path: Path) -> None:
    """As input and as output; looking at it already fails."""
    long = str(tmp_path / ("a" * 5000))
    ((path, found),) = asked.pictures([long])
    assert path == long
    assert isinstance(found, Refused)
    assert "file name too long" in found.reason
    with pytest.raises(BadRequest, match="folder must exist"):
        asked.writable(f"{long}/map.png", ".png")
    with pytest.raises(BadRequest, match="file name too long"):
        asked.write(asked.writable(f"{long}.png", ".png"), b"")
