"""What did each layer make of the picture, and how did one of its numbers come about?"""

import streamlit as st

from explorer.ui import feature_maps, feature_unit, map_choices, opened, show

looking_at = opened.header("What did each layer make of it?")

if looking_at is not None:
    with show.errors():
        looking = map_choices.choose(looking_at)
        section = map_choices.section()
        if section == "maps":
            left, right = st.columns([56, 44], gap="large")
            with left:
                sheet = feature_maps.sheet(looking)
            with right:
                view, place = feature_maps.large(looking, sheet)
                unit = feature_unit.place(looking, view, place)
            feature_unit.explain(looking, unit)
        elif section == "filters":
            feature_maps.filters(looking)
        else:
            feature_maps.along(looking)
