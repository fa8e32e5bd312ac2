"""The Anatomy page's sections below the totals; only the chosen one is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from explorer import figures, units
from explorer.anatomy import memory
from explorer.ui import address, show, totals, work

if TYPE_CHECKING:
    from explorer.anatomy.merit_records import Comparison, Measurement, Reconciliation
    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard

SECTIONS = {
    "layers": "Layers",
    "diagram": "Diagram",
    "figures": "Figures",
    "memory": "Memory",
    "measure": "Build it here",
    "others": "Why do other tools say something else?",
    "about": "About",
    "export": "Export",
}


def choose() -> str:
    """Draw the choice of section."""
    known = tuple(SECTIONS)
    address.adopt("section", address.one_of("section", known), known[0])
    chosen = st.segmented_control(
        "Section",
        known,
        key="section",
        format_func=SECTIONS.__getitem__,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )
    address.publish("section", None if chosen == known[0] else chosen)
    return chosen or known[0]


def along(anatomy: Anatomy, unit: units.Convention) -> None:
    """Cost, shape and receptive field along the network."""
    name = anatomy.model.replace(":", "_")
    st.subheader("What it costs, layer by layer", anchor=False)
    show.figure(
        figures.network.costs(anatomy, unit),
        lambda: figures.network.cost_rows(anatomy, unit),
        key="figure_costs",
        name=f"{name}_costs",
        alt=f"Parameters, {unit} and activation memory of each layer of {anatomy.title}.",
    )
    st.subheader("Height and width shrink while channels grow", anchor=False)
    st.caption("Side branches that squeeze the map to a single position are left out.")
    show.figure(
        figures.network.shapes(anatomy),
        lambda: figures.network.shape_rows(anatomy),
        key="figure_shapes",
        name=f"{name}_shapes",
        alt=f"Height, width and channels of each layer's output in {anatomy.title}.",
    )
    st.subheader("How far each layer sees", anchor=False)
    beyond = figures.network.outgrown(anatomy)
    first = f", first at `{beyond[0].name}`" if beyond else ""
    everywhere = figures.network.whole(anatomy)
    st.caption(
        f"The field of {len(beyond)} layers has outgrown the picture{first}. "
        f"{len(everywhere)} layers see the whole input through pooling, squeezing or attention."
    )
    show.figure(
        figures.network.receptive_fields(anatomy),
        lambda: figures.network.field_rows(anatomy),
        key="figure_fields",
        name=f"{name}_receptive_fields",
        alt=f"Receptive field of each layer of {anatomy.title} against the size of the picture.",
    )


def needs(anatomy: Anatomy) -> None:
    """Memory of the weights, of a forward pass, and of training with three optimisers."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("One forward pass", anchor=False)
        total = f"**{units.memory(memory.forward_bytes(anatomy))}**"
        rows = {part.name: units.memory(part.size_bytes) for part in memory.forward(anatomy)}
        st.table({**rows, "together": total}, border="horizontal", alt="Memory of a forward pass")
        st.caption(memory.forward(anatomy)[-1].formula.capitalize() + ".")
    with right:
        st.subheader("The weights alone", anchor=False)
        st.table(
            {part.name: units.memory(part.size_bytes) for part in memory.weights(anatomy)},
            border="horizontal",
            alt="Memory of the weights as fp32, fp16 and int8",
        )
    st.subheader("Training one step", anchor=False)
    with show.errors():
        batch = _training_batch()
        estimates = [memory.training(anatomy, each, batch) for each in memory.OPTIMISERS]
        totals = ", ".join(f"{e.optimiser} {units.memory(e.total_bytes)}" for e in estimates)
        st.markdown(f"An estimate: {totals}.")
        show.figure(
            figures.memory.training(estimates),
            lambda: figures.memory.training_rows(estimates),
            key="figure_training",
            name=f"{anatomy.model.replace(':', '_')}_training_memory",
            alt=f"Memory of one training step at batch {batch}: {totals}.",
        )


def _training_batch() -> int:
    address.adopt("tb", address.whole_number("training batch", 1, memory.LARGEST_BATCH), 32)
    batch = st.number_input(
        "Batch size", 1, memory.LARGEST_BATCH, key="tb", width=160, persist_state="session"
    )
    address.publish("tb", None if batch == 32 else str(batch))
    return int(batch)


def measure(card: ModelCard, anatomy: Anatomy, size: tuple[int, int], batch: int) -> None:
    """Build the network on the device there is and run it really."""
    st.markdown(
        "Builds the network with random weights on the GPU if there is one, else on the CPU, runs "
        "it, and puts the measured time and memory beside the counted cost."
    )
    key = f"measure {card.name} {size} {batch}"
    done: Measurement | None = work.run(
        key,
        "Build and run it",
        start=lambda: work.Work(
            "anatomy.measure", card.name, size=size, batch=batch, timeout=600.0
        ),
    )
    if done is not None:
        _measured(done, anatomy)
        work.again(key)


def _measured(done: Measurement, anatomy: Anatomy) -> None:
    """What was measured, beside what was counted."""
    quartiles = (
        units.duration(done.lower_quartile_ms / 1e3),
        units.duration(done.upper_quartile_ms / 1e3),
    )
    totals.cells(
        (
            (
                "One pass",
                units.duration(done.median_ms / 1e3),
                f"median of {len(done.latencies_ms)}, half of them {' to '.join(quartiles)}",
            ),
            ("Throughput", units.rate(done.samples_per_second), f"at batch {done.batch}"),
            (
                "Peak memory",
                units.memory(done.peak_bytes),
                f"counted: {units.memory(done.counted_peak_bytes)}",
            ),
            (
                "Speed",
                f"{units.short(done.macs_per_second)}MAC/s",
                f"{units.cost(done.macs)} in one pass",
            ),
        ),
        key="measured",
    )
    st.caption(
        f"{done.device.name}, {done.device.threads} threads, torch {done.device.torch}. "
        f"Built in {units.duration(done.build_seconds)}. Memory: {done.memory_convention}. "
        + " ".join(done.notes)
    )
    show.figure(
        figures.measured.blocks(done, anatomy),
        lambda: figures.measured.block_rows(done, anatomy),
        key="figure_blocks",
        name=f"{done.model.replace(':', '_')}_time",
        alt=f"Each block of {done.title}: its share of the measured time and of the counted MACs.",
    )


def reconcile(card: ModelCard) -> None:
    """Our counts beside those of other tools, each difference explained."""
    st.markdown(
        "The same network is given different counts by different tools. Here they stand side by "
        "side, each with the reason."
    )
    said: Reconciliation | None = work.run(
        f"reconcile {card.name}",
        "Compare",
        start=lambda: work.Work("anatomy.reconcile", card.name, timeout=300.0),
        at_once=True,
    )
    if said is None:
        return
    _reconciled(said)
    for note in said.notes:
        st.caption(note)
    st.subheader("torchinfo's own summary", anchor=False)
    st.caption(said.torchinfo_note)
    st.code(said.torchinfo, language=None, height=480)


def _reconciled(said: Reconciliation) -> None:
    """Their figures beside ours, a row each, with the reason."""
    rows = [
        {
            "Who": f"**{row.tool}**, {row.quantity}  \n:small[:gray[{row.setting}]]",
            "Says": f"{row.printed}  \n:small[:gray[we: {units.count(row.ours)}{_more(row)}]]",
            "Why": row.explanation if row.agreement != "different" else "not explained",
        }
        for row in said.rows
    ]
    st.table(
        pd.DataFrame(rows),
        hide_index=True,
        border="horizontal",
        alt=f"What other tools say about {said.title}, and why.",
    )


def _more(row: Comparison) -> str:
    """How much more they say, where it is more than a rounding."""
    return "" if row.agreement == "equal" else f", {row.difference:+,}"
