"""A page with the choice of data alone, as the Training lab uses it.

The session may hold a recipe's key: then the choice follows it and leaves the address alone.
"""

import streamlit as st

from explorer.training.recipe import checked
from explorer.ui import address, training_data

address.begin("scratch")
key = st.session_state.get("recipe_data")
settings = st.session_state.get("recipe_settings", {})
picked = training_data.pick("test_", data=key)
if key is not None and picked is not None:
    st.session_state["recipe_data"] = picked
st.session_state["picked"] = picked
if st.session_state.get("looks"):
    training_data.look(checked(data=picked or key or "digits", **settings), "test_")
address.complaints()
address.end()
