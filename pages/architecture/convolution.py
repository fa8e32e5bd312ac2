"""What does a convolution do, number by number, and what do its relatives do differently?"""

import streamlit as st

from explorer.ui import (
    convolution,
    convolution_connected,
    convolution_norms,
    convolution_pointwise,
    convolution_pooling,
    convolution_transposed,
)

left, right = st.columns([45, 55], gap="medium", vertical_alignment="bottom")
with left:
    st.title("Convolution, number by number", anchor=False)
with right:
    section = convolution.choose()
if section == "convolution":
    convolution.explore()
elif section == "pooling":
    convolution_pooling.explore()
elif section == "pointwise":
    convolution_pointwise.explore()
elif section == "normalisation":
    convolution_norms.explore()
elif section == "transposed":
    convolution_transposed.explore()
else:
    convolution_connected.explore()
