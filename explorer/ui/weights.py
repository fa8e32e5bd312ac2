"""The weights a network is used with: chosen, downloaded or handed in, and said where random."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.errors import BadRequest, ExplorerError
from explorer.ui import address, pickers, work
from explorer.zoo import catalogue, offered, weights
from explorer.zoo.weight_records import RANDOM

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from explorer.zoo.cards import ModelCard
    from explorer.zoo.weight_records import WeightsChoice

SUFFIXES = ("safetensors", "pth", "pt", "bin")
LARGEST_UPLOAD = 1000
"""Megabytes the browser may send; all but a few of the zoo's networks stay below."""
HOURS = 6 * 3600.0
"""Seconds after which a download is given up; what has come is kept."""
CHECKING = 180.0

_NAME = "weights"
_NEXT = "weights_next"  # what is chosen in the next run, once it has been downloaded or handed in
_FILE = "weights_file"
_SEEN = "weights_seen"  # the file that was chosen because it had just been handed in
_OPEN = "weights_open"
_POPOVER = 360


def choose(card: ModelCard) -> str:
    """Draw which weights a model is used with, and return the key of weights that are on disk.

    Chosen ones that are not here are offered for download, and others stand in until they have
    come; random ones are warned of. The choice stands in the address and belongs to the model.
    """
    known = {each.key: each for each in weights.available(card)}
    usual = weights.choose(card)
    if len(known) == 1 and card.task not in weights.TASKS:
        note(usual)
        return usual.key
    _arrived(card, known)
    _adopt(card, known, usual)
    st.html(Path(__file__).with_suffix(".css"))
    with st.container(gap="small", key="weights_all"):
        chosen = known[_pick(card, known)]
        address.publish(_NAME, None if chosen == usual else chosen.key)
        used = chosen if chosen.on_disk else usual
        note(used)
        if not chosen.on_disk:
            _offer(card, chosen, f"Download {size(chosen)}")
        elif chosen.kind == "random" and (best := _best(card, known)) is not None:
            _offer(card, best, f"Download {size(best)}")
        elif chosen.kind == "yours" and chosen.note:
            st.caption(chosen.note)
        if not any(each.on_disk and each.key != RANDOM for each in known.values()):
            _instead(card)
    return used.key


def note(choice: WeightsChoice) -> None:
    """Warn in one sentence of weights that have learnt nothing; say nothing of others."""
    if choice.kind == "random":
        st.warning(choice.note, icon=":material/casino:")


def label(choice: WeightsChoice) -> str:
    """What the list shows of a set of weights: what it is, how good, where from."""
    parts = [choice.title]
    if choice.top1 is not None:
        parts.append(f"{choice.top1:.1f} % top-1")
    if not choice.on_disk:
        parts.append(f"↓ {size(choice)}")
    elif choice.kind == "published":
        parts.append("torchvision")
    return " · ".join(parts)


def size(choice: WeightsChoice) -> str:
    """How large the file is, in decimal megabytes as everywhere in the app."""
    return units.memory(None if choice.megabytes is None else choice.megabytes * 2**20)


def details(choice: WeightsChoice) -> str:
    """Where weights come from, how good they are and what they may be used for, as Markdown."""
    parts = []
    if choice.kind == "yours":
        parts.append(f"A checkpoint handed in here, {size(choice)}.")
    elif choice.file:
        place = "in" if choice.on_disk else "looked for in"
        parts.append(f"`{choice.file}`, {size(choice)}, {place} `{choice.folder}`.")
    parts += [_accuracy(choice), choice.note, choice.licence]
    return " ".join(filter(None, parts))


def _accuracy(choice: WeightsChoice) -> str:
    if choice.top1 is None:
        return ""
    who = {"own": "this project", "trained": "its run"}.get(choice.kind, "torchvision")
    return f"{choice.top1:.2f} % top-1 on {choice.dataset}, as {who} measured it."


def _adopt(card: ModelCard, known: dict[str, WeightsChoice], usual: WeightsChoice) -> None:
    """Settle the choice before it is drawn: what has just come, the address, the one before."""
    address.adopt(_NAME, _reader(card, usual), usual.key)
    if (arrived := st.session_state.pop(_NEXT, None)) is not None:
        st.session_state[_NAME] = arrived
        st.session_state[_OPEN] = False
    if st.session_state[_NAME] not in known:  # a checkpoint that is not kept any more
        st.session_state[_NAME] = usual.key


def _reader(card: ModelCard, usual: WeightsChoice) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            return weights.find(card, text).key
        except ExplorerError as error:
            reason = str(error).rstrip(".")
            raise BadRequest(f"{reason}; used instead: {usual.title}.") from None

    return parse


def _pick(card: ModelCard, known: dict[str, WeightsChoice]) -> str:
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key="weights_choice"
    ):
        picked = st.selectbox(
            "Weights",
            tuple(known),
            key=_NAME,
            format_func=lambda key: label(known[key]),
            persist_state="session",
            help=details(known[st.session_state[_NAME]]),
        )
        _hand_in(card)
    return str(picked)


def _job(card: ModelCard, choice: WeightsChoice) -> str:
    return f"download {card.name} {choice.key}"


def _arrived(card: ModelCard, known: dict[str, WeightsChoice]) -> None:
    """Choose weights whose download has ended since the last run."""
    for choice in known.values():
        done = work.find(_job(card, choice))
        if done is not None and done.result is not None:
            work.forget(_job(card, choice))
            st.session_state[_NEXT] = choice.key


def _offer(card: ModelCard, choice: WeightsChoice, words: str) -> None:
    """The button that downloads a set of weights, with what to know before; then its progress."""
    with st.container(horizontal=True, vertical_alignment="center", key="weights_offer"):
        with st.container(width="content"):
            done = work.run(
                _job(card, choice),
                words,
                start=lambda: work.Work("zoo.download", card.name, choice.key, timeout=HOURS),
                icon=":material/download:",
            )
        if done is not None:
            st.rerun()
        st.caption(
            " ".join(filter(None, (choice.note, _accuracy(choice), choice.licence))),
            width="stretch",
        )


def _instead(card: ModelCard) -> None:
    """The button that leads to a network whose weights are here, where this one has none."""
    ready = offered.instead_of(card)
    if ready is None:
        return
    others = len(offered.ready(card.input_shape[0])) - 1
    with st.container(horizontal=True, vertical_alignment="center", key="weights_instead"):
        st.button(
            f"Use {catalogue.find(ready.model).title}", icon=":material/school:",
            key="weights_instead_button", on_click=pickers.pick, args=(ready.model,),
        )  # fmt: skip
        more = f" Type “weights here” at the top of the page for {others} more." * (others > 0)
        st.caption(
            f"Its weights are here: trained by this project, {ready.top1:.1f} % top-1 on "
            f"{ready.dataset}.{more}",
            width="stretch",
        )


def _best(card: ModelCard, known: dict[str, WeightsChoice]) -> WeightsChoice | None:
    """What torchvision would take, where only random weights are here or it is just coming."""
    best = next(iter(known.values()))
    alone = not any(each.on_disk for each in known.values() if each.kind != "random")
    return best if best.kind == "published" and (alone or work.find(_job(card, best))) else None


def _hand_in(card: ModelCard) -> None:
    """The popover in which a checkpoint of one's own is handed in."""
    popover = st.popover(
        "Your own", icon=":material/upload_file:", key=_OPEN, on_change="rerun",
        help=f"Use a checkpoint of your own for {card.title}",
    )  # fmt: skip
    if not popover.open:
        return
    with popover, st.container(width=_POPOVER, key="weights_ways"):
        file = st.file_uploader(
            f"A checkpoint for {card.title}",
            type=SUFFIXES,
            max_upload_size=LARGEST_UPLOAD,
            key=_FILE,
        )
        if file is not None:
            _accept(card, file)
        st.caption(
            "Its numbers are read and none of its code is run. It is kept on the computer this "
            "app runs on, for everybody who uses it there, until newer ones take its place."
        )


def _accept(card: ModelCard, file: UploadedFile) -> None:
    """Have the engine check what was handed in; if it fits, it is chosen, once."""
    key = f"checkpoint {card.name} {file.file_id}"
    done: WeightsChoice | None = work.run(
        key,
        "Check it",
        start=lambda: work.Work(
            "zoo.accept_checkpoint", card.name, file.getvalue(), file.name, timeout=CHECKING
        ),
        at_once=True,
    )
    if done is not None and st.session_state.get(_SEEN) != key:
        st.session_state[_SEEN] = key
        st.session_state[_NEXT] = done.key
        st.rerun()
