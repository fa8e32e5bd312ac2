"""ConvZoo: `streamlit run app.py` is all that needs to be typed.

Streamlit serves the `app` defined here; what it runs for a visitor is the router. That one stands
elsewhere, for beside a folder called "pages" Streamlit starts the main script in its older
multipage mode, and the first link to any page but the front one says "Page not found".
"""

import runpy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.ui import server, visitor

ROUTER = Path(__file__).parent / "pages/frame/router.py"


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Have the engine load torch while the first visitor is still on the way."""
    server.start()
    yield


app = st.App(ROUTER, lifespan=lifespan, middleware=[Middleware(visitor.Middleware)])

if get_script_run_ctx(suppress_warning=True) is not None:
    # Run as a visitor's script, which Streamlit's AppTest does.
    runpy.run_path(str(ROUTER))
