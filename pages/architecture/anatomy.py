"""What does each layer do to the tensor, what does it cost, and how far does it see?"""

import streamlit as st

from explorer.ui import about, cached, graph, layers, pickers, sections, show, totals

card = pickers.current_model()
left, right = st.columns([57, 43], gap="medium", vertical_alignment="bottom")
with left:
    totals.heading(card)
with right, st.container(horizontal=True, vertical_alignment="bottom", key="knobs"):
    size = pickers.size(card)
    batch = pickers.batch()
    unit = totals.convention()

with show.errors():
    with st.spinner(f"Taking {card.title} apart …"):
        anatomy = cached.anatomy(card.name, size, batch)
    totals.failure(anatomy, card)
    totals.glance(anatomy, unit)
    section = sections.choose()
    if section == "layers":
        layers.explore(anatomy, unit)
    elif section == "diagram":
        graph.explore(anatomy, unit)
    elif section == "figures":
        sections.along(anatomy, unit)
    elif section == "memory":
        sections.needs(anatomy)
    elif section == "measure":
        sections.measure(card, anatomy, size, batch)
    elif section == "others":
        sections.reconcile(card)
    elif section == "about":
        about.about(card, anatomy)
    else:
        about.files(card, anatomy)
