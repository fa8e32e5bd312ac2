"""The bar under a stage that is walked over in the browser: buttons, slider, speed and a link.

A stage's own script stands behind `script`, and its own style behind `style`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_HERE = Path(__file__)


def bar(
    titles: Mapping[str, tuple[str, str]], slider: str, speeds: Mapping[str, str], switch: str
) -> str:
    """Return the bar's HTML.

    `titles` gives each of first, back, next and last its label and its hint, `slider` names what
    is walked over, `speeds` are factors with their texts, and `switch` is the HTML of a switch of
    the stage's own.
    """
    options = "".join(
        f'<option value="{factor}"{" selected" * (factor == "1")}>{text}</option>'
        for factor, text in speeds.items()
    )
    return f"""
  <div class="bar">
    {_button("first", titles)}
    {_button("back", titles)}
    <button type="button" class="play" aria-label="Play" title="Play or pause (space)">
      <svg class="starting" viewBox="0 0 16 16"><path d="M3 1v14l11-7z"/></svg>
      <svg class="pausing" viewBox="0 0 16 16"><path d="M3 2h4v12H3zM9 2h4v12H9z"/></svg></button>
    {_button("next", titles)}
    {_button("last", titles)}
    <input class="slider" type="range" min="0" step="1" aria-label="{slider}">
    <span class="place"></span>
    <select class="speed" aria-label="Speed">{options}</select>
    {switch}
    <button type="button" class="link" title="Copy a link that opens at this step">Link</button>
  </div>"""


def style(own: Path) -> str:
    """Return the bar's style, and behind it the stage's own file."""
    return _both(".css", own)


def script(own: Path) -> str:
    """Return the bar's script, and behind it the stage's own file, as one module."""
    return _both(".js", own)


_ICONS = {
    "first": "M2 2h2v12H2zM14 2v12L5 8z",
    "back": "M12 2v12L3 8z",
    "next": "M4 2v12l9-6z",
    "last": "M12 2h2v12h-2zM2 2v12l9-6z",
}


def _button(where: str, titles: Mapping[str, tuple[str, str]]) -> str:
    label, hint = titles[where]
    return (
        f'<button type="button" data-go="{where}" aria-label="{label}" title="{hint}">'
        f'<svg viewBox="0 0 16 16"><path d="{_ICONS[where]}"/></svg></button>'
    )


def _both(suffix: str, own: Path) -> str:
    shared = _HERE.with_suffix(suffix).read_text(encoding="utf-8")
    return f"{shared}\n{own.with_suffix(suffix).read_text(encoding='utf-8')}"
