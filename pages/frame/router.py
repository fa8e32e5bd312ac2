"""Which page does the address ask for, and of which model?"""

import streamlit as st

from explorer.ui import address, pickers, places, server

PAGES = {
    "": [
        st.Page(
            places.HOME, title="Home", icon=":material/home:", default=True, help="All of the zoo."
        )
    ],
    "Architecture": [
        st.Page(
            places.ANATOMY,
            title="Anatomy",
            icon=":material/account_tree:",
            help="What every layer does, what it costs and how far it sees.",
        ),
        st.Page(
            places.COST_LAB,
            title="Cost lab",
            icon=":material/balance:",
            help="What an architecture buys: designs against each other, counted and measured.",
        ),
        st.Page(
            places.CONVOLUTION,
            title="Convolution",
            icon=":material/grid_on:",
            help="The sliding window itself, number by number, and its relatives.",
        ),
        st.Page(
            places.DESIGN,
            title="Design your own",
            icon=":material/draw:",
            help="A small network as a table: its shapes and costs while you type, and its code.",
        ),
        st.Page(
            places.COMPARE,
            title="Compare",
            icon=":material/compare_arrows:",
            help="Networks side by side: what they cost, where they differ, how fast they are.",
        ),
    ],
    "Your picture": [
        st.Page(
            places.PREDICT,
            title="Predict",
            icon=":material/image_search:",
            help="What a network says of a picture, and what exactly it was given.",
        ),
        st.Page(
            places.FEATURE_MAPS,
            title="Feature maps",
            icon=":material/grid_view:",
            help="What each layer makes of a picture, down to a single product.",
        ),
        st.Page(
            places.ATTRIBUTION,
            title="Saliency",
            icon=":material/gradient:",
            help="What in a picture speaks for a class, and whether the map may be trusted.",
        ),
        st.Page(
            places.RECEPTIVE_FIELD,
            title="Receptive field",
            icon=":material/center_focus_strong:",
            help="Which pixels a unit can see, and which of them really move it.",
        ),
    ],
    "Training": [
        st.Page(
            places.TRAINING_LAB,
            title="Training lab",
            icon=":material/model_training:",
            help="A network learns before your eyes: data, network, recipe, start.",
        ),
        st.Page(
            places.EXPERIMENTS,
            title="Experiments",
            icon=":material/science:",
            help="What textbooks say of training: guess, press once, and let the runs decide.",
        ),
        st.Page(
            places.RUNS,
            title="Runs",
            icon=":material/show_chart:",
            help="What was trained: curves in the same axes, what differs, and what to do next.",
        ),
        st.Page(
            places.OPTIMIZERS,
            title="Optimisers",
            icon=":material/landscape:",
            help="Ten optimisers over one landscape: who comes down, how, and who runs off.",
        ),
        st.Page(
            places.GRADIENT_FLOW,
            title="Gradient flow",
            icon=":material/waterfall_chart:",
            help="What is left of a gradient behind 200 layers, by activation, norm and skip.",
        ),
    ],
}

st.set_page_config(page_title="ConvZoo", page_icon=places.ICON, layout="wide")
st.logo(places.LOGO, size="large")
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
