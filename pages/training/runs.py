"""Which networks learned here, in what did their recipes differ, and what came of it?"""

import streamlit as st

from explorer.ui import (
    runs,
    runs_files,
    runs_now,
    runs_one,
    runs_repeat,
    runs_shipped,
    runs_side,
    show,
)

st.title("Runs", anchor=False)

with show.errors():
    found = runs.visible()
    if found:
        runs_now.draw(found)
        ready = runs_shipped.place()
        chosen = runs.choose(found)
        runs_shipped.ready(ready, found, chosen)
        if chosen:
            runs_side.draw(chosen)
            runs_repeat.draw(chosen, found)
            runs_one.draw(chosen)
            runs_files.draw(chosen)
        else:
            st.info("Choose runs in the table to see them.", icon=":material/check_box:")
    else:
        runs.nothing()
