"""What does a convolution do, number by number, and what do its relatives do differently?"""

import streamlit as st

from explorer.ui import convolution, convolution_norms, convolution_relatives

st.title("Convolution, number by number", anchor=False)
section = convolution.choose()
if section == "convolution":
    convolution.explore()
elif section == "pooling":
    convolution_relatives.explore_pooling()
elif section == "pointwise":
    convolution_relatives.explore_pointwise()
elif section == "normalisation":
    convolution_norms.explore()
elif section == "transposed":
    convolution_relatives.explore_transposed()
else:
    convolution_relatives.explore_connected()
