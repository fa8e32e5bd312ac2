"""A page like any of the vision pages: it shows the chosen picture, and reads several.

The session names the page it is, so that a test may go from one to the next.
"""

import streamlit as st

from explorer.pictures.records import Refused
from explorer.ui import address, picture

page = st.session_state.get("test_page", "one")
address.begin(page)
complaints = st.container()
chosen = picture.choose({"digits": "digit", "classes": "class"}.get(page, "photograph"))
if chosen is not None:
    picture.shown(chosen, 320, caption="What the network sees")
    st.text(f"{chosen.name}|{chosen.digest}")
if page == "several":
    for each in picture.several("batch"):
        st.text(f"{each.name}|{each.reason if isinstance(each, Refused) else each.digest}")
with complaints:
    address.complaints()
address.end()
