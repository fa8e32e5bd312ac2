"""What does one network buy over another, and what does it pay for it?"""

import streamlit as st

from explorer.ui import (
    compare,
    compare_diff,
    compare_map,
    compare_measure,
    compare_picture,
    compare_report,
    compare_side,
    compare_suits,
    compare_trained,
    show,
)

st.title("Networks side by side", anchor=False)

with show.errors():
    chosen = compare.header()
    section = compare.choose()
    if section == "map":
        compare_map.draw(chosen)
    elif section == "recipe":
        compare_trained.draw(chosen)
    elif section == "suits":
        compare_suits.draw(chosen)
    elif section == "measure":
        compare_measure.draw(chosen)
    elif section == "picture":
        compare_picture.draw(chosen)
    elif compare.enough(len(chosen.cards)):
        found, pairs = compare.together(chosen, compare_measure.measured(chosen))
        if compare.enough(len(pairs)):
            if section == "differs":
                compare_diff.draw(pairs)
            elif section == "report":
                compare_report.draw(found)
            else:
                compare_side.draw(found, pairs)
