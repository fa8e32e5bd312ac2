"""Which page does the address ask for, and of which model?"""

import streamlit as st

from explorer.ui import address, navigation, pickers, places, server

st.set_page_config(page_title="ConvZoo", page_icon=places.ICON, layout="wide")
st.logo(places.LOGO, size="large")
server.start()
page = st.navigation(navigation.pages(), position="top")
address.begin(page.url_path)
if page.url_path in pickers.WITHOUT:
    address.publish("model", None)
else:
    pickers.model(page.url_path)
complaints = st.container(key="complaints")
if pickers.was_picked() and page.url_path == "":
    st.switch_page(places.ANATOMY, query_params={"model": pickers.current_model().name})
page.run()
with complaints:
    address.complaints()
address.end()
