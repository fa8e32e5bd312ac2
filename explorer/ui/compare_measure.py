"""The Compare page's measurements: each network run here, kept for the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from explorer import figures, units
from explorer.compare import report, tables
from explorer.compare.records import Comparison
from explorer.errors import Cancelled
from explorer.ui import cached, show, work

if TYPE_CHECKING:
    from explorer.compare.records import Profile
    from explorer.ui.compare import Chosen, Size
    from explorer.zoo.cards import ModelCard

SECONDS = 1800.0
_KEPT, _FAILED, _GO = "compare_profiles", "compare_unmeasured", "compare_measuring"


def draw(chosen: Chosen) -> None:
    """A button, then progress network by network, then what was found."""
    st.markdown(
        "Each network is built with random weights and run with growing batches on this machine's "
        "device: its times and memory are those of a trained one."
    )
    missing = [card for card in chosen.cards if _known(card, chosen) is None]
    if missing and not st.session_state.get(_GO):
        st.button(
            f"Measure {len(missing)} networks"
            if len(missing) > 1
            else f"Measure {missing[0].title}",
            icon=":material/timer:",
            type="primary",
            key="compare_measure",
            on_click=_go,
        )
    elif missing:
        _measure(chosen, missing)
    elif chosen.cards:
        st.button(
            "Measure again", icon=":material/refresh:", key="compare_again",
            on_click=_forget, args=(chosen,),
        )  # fmt: skip
    for card in chosen.cards:
        reason = _failures().get(_key(card, chosen))
        if reason:
            st.warning(f"{card.title} was not measured: {reason}", icon=":material/error:")
    profiles = measured(chosen)
    if profiles:
        _found(profiles)


def measured(chosen: Chosen) -> list[Profile]:
    """What was measured in this session of the chosen networks at their input."""
    found = (_profiles().get(_key(card, chosen)) for card in chosen.cards)
    return [each for each in found if each is not None]


def times() -> dict[str, float]:
    """Milliseconds of one pass with one sample, of networks measured here at their own input."""
    return {
        each.model: each.latency_ms
        for each in _profiles().values()
        if each.input_shape[-2:] == cached.card(each.model).input_size
    }


def _measure(chosen: Chosen, missing: Sequence[ModelCard]) -> None:
    """Measure what is missing, one network after the other."""
    done = len(chosen.cards) - len(missing)
    for number, card in enumerate(missing, done + 1):
        st.caption(f"Network {number} of {len(chosen.cards)}")
        key = _key(card, chosen)
        if not _one(card, key, chosen.at(card)):
            return
    st.session_state[_GO] = False
    st.rerun()


def _one(card: ModelCard, key: str, size: Size) -> bool:
    """Wait for one network; True once it is known how it went."""
    begun = work.find(key)
    error = begun.error if begun is not None and begun.finished.is_set() else None
    if error is not None and not isinstance(error, Cancelled):
        work.forget(key)
        _failures()[key] = str(error)
        return True
    found: Profile | None = work.run(
        key,
        "Measure",
        start=lambda: work.Work("compare.profile", card.name, size=size, timeout=SECONDS),
        at_once=True,
    )
    if found is None:
        return False
    work.forget(key)
    _profiles()[key] = found
    return True


def _found(profiles: Sequence[Profile]) -> None:
    shown = tables.measured(Comparison((), None, profiles=tuple(profiles)))
    frame = pd.DataFrame(list(shown.rows), columns=list(shown.titles))
    st.dataframe(frame, hide_index=True, key="compare_measured", alt="What was measured here.")
    st.caption(shown.caption)
    for each in profiles:
        if not each.stopped.startswith("these"):
            st.caption(f"{each.title}: no larger batch was timed, for {each.stopped}.")
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Counted MACs against measured time", anchor=False)
        show.figure(
            figures.compare_measured.measured(profiles),
            lambda: figures.compare_measured.measured_rows(profiles),
            key="compare_time",
            name="convzoo_macs_and_time",
            alt="Measured time of each network against its counted MACs.",
        )
        st.caption(
            "Both axes are logarithmic. On the dashed line time would be proportional to MACs, "
            f"as in the quickest per MAC of these; {_worst(profiles)}"
        )
    with right:
        st.subheader("Throughput over batches", anchor=False)
        show.figure(
            figures.compare_measured.throughput(profiles),
            lambda: figures.compare_measured.measured_rows(profiles),
            key="compare_throughput",
            name="convzoo_throughput",
            alt="Samples per second of each network against the batch.",
        )
        st.caption("Samples per second from the median time of a forward pass; both logarithmic.")
    _files(profiles)


def _worst(profiles: Sequence[Profile]) -> str:
    """Who is farthest above the line, in words."""
    per_mac = {each.title: each.latency_ms / each.macs for each in profiles if each.macs}
    slowest, quickest = max(per_mac, key=per_mac.__getitem__), min(per_mac.values())
    times = per_mac[slowest] / quickest
    return (
        f"{slowest} needs {times:.1f} times as long per MAC." if times > 1.05 else "all are near."
    )


def _files(profiles: Sequence[Profile]) -> None:
    with st.container(horizontal=True, key="compare_measured_files"):
        for title, write, mime in (
            ("CSV", report.profiles_csv, "text/csv"),
            ("JSON", report.profiles_json, "application/json"),
        ):
            st.download_button(
                title,
                write(profiles).encode(),
                file_name=f"convzoo_measured.{title.lower()}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"compare_measured_{title.lower()}",
            )


def _key(card: ModelCard, chosen: Chosen) -> str:
    return f"compare profile {card.name} {units.shape(chosen.at(card))}"


def _known(card: ModelCard, chosen: Chosen) -> Profile | str | None:
    key = _key(card, chosen)
    return _profiles().get(key) or _failures().get(key)


def _profiles() -> dict[str, Profile]:
    kept: dict[str, Profile] = st.session_state.setdefault(_KEPT, {})
    return kept


def _failures() -> dict[str, str]:
    kept: dict[str, str] = st.session_state.setdefault(_FAILED, {})
    return kept


def _go() -> None:
    st.session_state[_GO] = True


def _forget(chosen: Chosen) -> None:
    for card in chosen.cards:
        _profiles().pop(_key(card, chosen), None)
        _failures().pop(_key(card, chosen), None)
    st.session_state[_GO] = True
