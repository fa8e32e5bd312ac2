"""What is in the zoo, and what did a family of networks pay for its accuracy?"""

import streamlit as st

from explorer import figures
from explorer.ui import frontpage, places, show, trained_here
from explorer.zoo import catalogue

st.title("Convolutional networks, taken apart", anchor=False)
st.markdown(
    "Pick a network and see what every layer does to the tensor, what it costs, and how much of "
    "the picture it sees. Every number is computed here, from the network itself."
)
frontpage.ways()

with show.errors():
    cards, trained = catalogue.cards(), trained_here.accuracies()
    frontpage.counts(cards)
    with st.container(horizontal=True, key="home_knobs"):
        view = frontpage.view()
        axis = frontpage.axis() if view == "accuracy" else "parameters"
    if view == "accuracy":
        picked = show.figure(
            figures.zoo.accuracy_against_cost(cards, axis),
            lambda: figures.zoo.rows(figures.zoo.rated(cards)),
            key="home_accuracy",
            name="convzoo_accuracy",
            alt=f"Published ImageNet top-1 accuracy of each network against its {axis}.",
            on_select=True,
        )
        frontpage.open_point(picked, places.ANATOMY)
        st.caption(
            "Accuracy belongs to weights, not to an architecture: each point is a network with "
            "its default weights. Click one to take it apart."
        )
        frontpage.under_one_recipe()
    elif view == "timeline":
        picked = show.figure(
            figures.zoo.timeline(cards, trained),
            lambda: figures.zoo.rows(cards, trained),
            key="home_timeline",
            name="convzoo_timeline",
            alt="Parameters of every network in the year it was published, 1998 to today.",
            on_select=True,
        )
        frontpage.open_point(picked, places.ANATOMY)
        frontpage.years(cards, places.ANATOMY)
    else:
        frontpage.open_row(figures.zoo.rows(cards, trained), places.ANATOMY)
