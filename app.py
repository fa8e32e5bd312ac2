"""ConvZoo: the router. `streamlit run app.py` is all that needs to be typed."""

import streamlit as st

from explorer.ui import address, pickers, server

# Pages stand in folders below pages/: directly in it, Streamlit's older multipage mode would run
# them without this router.
PAGES = {
    "": [
        st.Page(
            "pages/start/home.py",
            title="Home",
            icon=":material/home:",
            default=True,
            help="The zoo at a glance.",
        )
    ],
    "Architecture": [
        st.Page(
            "pages/architecture/anatomy.py",
            title="Anatomy",
            icon=":material/account_tree:",
            help="What every layer does, what it costs and how far it sees.",
        )
    ],
}

st.set_page_config(page_title="ConvZoo", page_icon="assets/icon.svg", layout="wide")
st.logo("assets/logo.svg", size="large", icon_image="assets/icon.svg")
server.start()
page = st.navigation(PAGES, position="top")
address.begin(page.url_path)
pickers.model()
address.complaints()
if page.url_path == "" and pickers.was_picked():
    st.switch_page(PAGES["Architecture"][0], query_params={"model": pickers.current_model().name})
page.run()
