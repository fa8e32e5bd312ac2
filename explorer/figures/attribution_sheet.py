"""The saliency maps of one grid as a single picture to keep, each with its words below it."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from explorer.vision import overlay
from explorer.vision.attribution_records import METHODS
from explorer.vision.stamp import png

if TYPE_CHECKING:
    from explorer.pictures.records import Picture
    from explorer.vision.attribution_records import Attribution

LONGEST = 480
"""Pixels of the longer side of one map."""
ACROSS, MOST_ACROSS = 4, 6
PAPER, INK, QUIET = (255, 255, 255), (29, 35, 44), (106, 111, 120)
_MARGIN, _LINE, _BAR = 16, 22, 14


def sheet(
    maps: Sequence[Attribution],
    picture: Picture,
    limits: Sequence[float],
    *,
    signed: bool = True,
    strength: float = overlay.STRENGTH,
) -> bytes:
    """Lay the maps out with the colours' bar below, and return the PNG.

    A row holds the methods that explain one class to one network, where all have the same ones.
    `limits` are the values drawn at full strength, one for each map.
    """
    drawn = [
        _opened(
            overlay.overlay(
                each, picture, limit=limit, signed=signed, strength=strength, longest=LONGEST
            )
        )
        for each, limit in zip(maps, limits, strict=True)
    ]
    across = _across(maps)
    wide = max(each.width for each in drawn) if drawn else LONGEST
    tall = max((each.height for each in drawn), default=0) + 2 * _LINE + _MARGIN
    rows = -(-len(drawn) // across)
    size = (
        _MARGIN + across * (wide + _MARGIN),
        _MARGIN + rows * tall + _BAR + _LINE + _MARGIN,
    )
    paper = Image.new("RGB", size, PAPER)
    for number, (each, map_) in enumerate(zip(drawn, maps, strict=True)):
        place = _MARGIN + number % across * (wide + _MARGIN), _MARGIN + number // across * tall
        paper.paste(each, place)
        _words(paper, (place[0], place[1] + each.height + 4), map_, wide)
    _legend(paper, rows * tall + _MARGIN, signed)
    return png(np.asarray(paper))


def _across(maps: Sequence[Attribution]) -> int:
    """How many maps stand beside each other."""
    sizes = set(Counter((each.use, each.target) for each in maps).values())
    if len(sizes) == 1 and 1 < (size := sizes.pop()) <= MOST_ACROSS:
        return size
    return min(ACROSS, max(1, len(maps)))


def _words(paper: Image.Image, place: tuple[int, int], map_: Attribution, wide: int) -> None:
    draw = ImageDraw.Draw(paper)
    first = f"{METHODS[map_.method].title} · {map_.target_name} {100 * map_.probability:.1f} %"
    second = " · ".join(filter(None, (map_.use.title, map_.use.weights_title, map_.layer)))
    draw.text(place, _shortened(first, 16, wide), fill=INK, font=_font(16))
    under = place[0], place[1] + _LINE
    draw.text(under, _shortened(second, 13, wide), fill=QUIET, font=_font(13))


def _legend(paper: Image.Image, top: int, signed: bool) -> None:
    bar = _opened(overlay.colour_bar(signed=signed, width=LONGEST // 2, height=_BAR))
    paper.paste(bar, (_MARGIN, top))
    ends = ("against the class", "for it") if signed else ("weak", "strong")
    draw = ImageDraw.Draw(paper)
    draw.text((_MARGIN, top + _BAR + 2), ends[0], fill=QUIET, font=_font(13))
    right = _MARGIN + bar.width, top + _BAR + 2
    draw.text(right, ends[1], fill=QUIET, font=_font(13), anchor="ra")


def _shortened(words: str, size: int, wide: int) -> str:
    """The words, or as many of them as fit the width."""
    font = _font(size)
    while font.getlength(words) > wide and len(words) > 1:
        words = f"{words[:-2].rstrip()}…"
    return words


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")
