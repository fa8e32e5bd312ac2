"""What the designs of the Cost lab really take on this machine, beside what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures, units
from explorer.ui import address, show, work

if TYPE_CHECKING:
    from explorer.blocks.comparison import Comparison
    from explorer.blocks.lab_records import Counted, Lab, Timed, Timing

LARGEST_BATCH = 1024
PATIENCE = 300.0
_KEY = "lab_batch"


def measure(comparison: Comparison, lab: Lab) -> None:
    """A button that runs the real modules here, its progress, and time beside multiply-adds."""
    st.subheader("And the clock?", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", key="lab_clock"):
        batch = _batch()
        key = f"lab {comparison.key} {lab.values} {batch}"
        with show.errors(), st.container(width="content"):
            done: Timing | None = work.run(
                key,
                "Measure on this machine",
                start=lambda: work.Work(
                    "blocks.measure",
                    comparison.key,
                    dict(lab.values),
                    batch=batch,
                    timeout=PATIENCE,
                ),
                icon=":material/timer:",
            )
    if done is None:
        st.caption(
            "Builds the modules with random weights and runs them in turn for a few seconds; "
            "nothing above waits for it."
        )
        return
    _measured(lab, done)
    work.again(key)


def adopt() -> None:
    """Take the batch from the address, also while it is not to be seen yet."""
    address.adopt(_KEY, address.whole_number("batch", 1, LARGEST_BATCH), 1, name="batch")


def _batch() -> int:
    value = st.number_input(
        "Batch", 1, LARGEST_BATCH, key=_KEY, persist_state="session", width=120,
        help="Maps in one pass",
    )  # fmt: skip
    address.publish("batch", None if value == 1 else str(value))
    return int(value)


def _measured(lab: Lab, done: Timing) -> None:
    """A sentence a design, the figure, and what was measured how."""
    pairs = list(zip(lab.designs, done.designs, strict=True))
    (first, reference), *others = pairs
    lines = [_sentence(design, first, timed, reference) for design, timed in others]
    st.markdown("\n".join(f"- {line}" for line in lines))
    show.figure(
        figures.cost_lab.times(lab, done),
        lambda: figures.cost_lab.time_rows(lab, done),
        key="lab_times",
        name=f"{lab.comparison}_time",
        alt="Measured time of each design beside its multiply-adds, the first being 100 %.",
    )
    fewest, most = (f(timed.runs for timed in done.designs) for f in (min, max))
    runs = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    st.caption(
        f"Median of {runs} runs each, taken in turn, the first left out; whiskers hold the middle "
        f"half. Batch {done.batch} on {done.device}, {done.threads} threads. The weights are "
        "random: times are real, answers are not."
    )


def _sentence(design: Counted, first: Counted, timed: Timed, reference: Timed) -> str:
    """Fewer multiply-adds against less time, by the first design."""
    return (
        f"**{design.title}**: {ratio(first.macs, design.macs, 'fewer', 'more')} multiply-adds, "
        f"**{ratio(reference.milliseconds, timed.milliseconds, 'less', 'more')} time here** "
        f":small[:gray[({units.duration(timed.milliseconds / 1e3)} against "
        f"{units.duration(reference.milliseconds / 1e3)})]]"
    )


def ratio(first: float, other: float, less: str, more: str) -> str:
    """How many times less or more the other is: "9.0 times fewer"; "about as many" is "as much"."""
    by = first / other if other <= first else other / first
    if by < 1.05:
        return "as many" if less == "fewer" else "as much"
    written = f"{by:,.0f}" if by >= 100 else f"{by:.1f}"
    return f"{written} times {less if other < first else more}"
