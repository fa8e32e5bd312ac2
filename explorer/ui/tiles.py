"""Thumbnails in a grid that answer to a click, a finger and the keys: one is chosen, or several."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

_PNG = b"\x89PNG"
_HERE = Path(__file__)

_COMPONENT = st.components.v2.component(
    "convzoo_tiles",
    html='<div class="tiles" role="group"></div>',
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture's number, its thumbnail as a file, and a line or two of words below."""

    id: int
    file: bytes
    words: str
    more: str = ""


def choose(tiles: Sequence[Tile], *, key: str, several: bool = True) -> tuple[int, ...]:
    """Show thumbnails and return the numbers of those that are chosen now.

    Another `key` begins with none chosen.
    """
    result = _COMPONENT(
        key=key,
        data={
            "several": several,
            "tiles": [
                {"id": each.id, "src": source(each.file), "words": each.words, "more": each.more}
                for each in tiles
            ],
        },
        default={"chosen": []},
        on_chosen_change=lambda: None,
    )
    return _chosen(result.chosen, tiles)


def source(file: bytes) -> str:
    """The address under which a browser shows a file that came along with the page."""
    kind = "png" if file.startswith(_PNG) else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(file).decode()}"


def _chosen(said: Any, tiles: Sequence[Tile]) -> tuple[int, ...]:
    """What the browser said, which need not be ours, as far as it is among the tiles."""
    if not isinstance(said, list):
        return ()
    wanted = {each for each in said if isinstance(each, int)}
    return tuple(each.id for each in tiles if each.id in wanted)
