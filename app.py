"""ConvZoo: the router. `streamlit run app.py` is all that needs to be typed."""

import streamlit as st

from explorer.ui import address, pickers, server

# The folder is not called "pages": beside the main script Streamlit takes that name for its older
# multipage mode, and a link to any page but the first says "Page not found" on a fresh server.
PAGES = {
    "": [
        st.Page(
            "app_pages/start/home.py",
            title="Home",
            icon=":material/home:",
            default=True,
            help="The zoo at a glance.",
        )
    ],
    "Architecture": [
        st.Page(
            "app_pages/architecture/anatomy.py",
            title="Anatomy",
            icon=":material/account_tree:",
            help="What every layer does, what it costs and how far it sees.",
        )
    ],
}

st.set_page_config(page_title="ConvZoo", page_icon="assets/icon.svg", layout="wide")
st.logo("assets/logo.svg", size="large")
server.start()
page = st.navigation(PAGES, position="top")
address.begin(page.url_path)
pickers.model()
complaints = st.container(key="complaints")
if pickers.was_picked() and page.url_path == "":
    st.switch_page(PAGES["Architecture"][0], query_params={"model": pickers.current_model().name})
page.run()
with complaints:
    address.complaints()
address.end()
