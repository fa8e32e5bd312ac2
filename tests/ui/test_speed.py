"""How long a visitor waits, counted in the processor's time: the wall's is the machine's affair."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


def engine_seconds() -> float:
    """Processor time used so far by the engine of these tests, workers included."""
    folder = os.environ["CONVZOO_RUNTIME_DIR"]
    engines = [
        each
        for each in psutil.process_iter(["cmdline"])
        if any(folder in word for word in each.info["cmdline"] or ())
    ]
    assert engines, "the engine is running"
    family = {each for engine in engines for each in (engine, *engine.children(recursive=True))}
    return sum(each.cpu_times().user + each.cpu_times().system for each in family)


def test_another_models_table_takes_under_a_second(open_anatomy: Callable[..., AppTest]) -> None:
    """Picking DenseNet-201, which nobody asked for before, on a warm page: both processes."""
    app = open_anatomy(model="resnet18")
    app.selectbox(key="model").select("vgg11").run()
    before = time.process_time() + engine_seconds()
    app.selectbox(key="model").select("densenet201").run()
    used = time.process_time() + engine_seconds() - before
    assert app.title[0].value == "DenseNet-201"
    assert len(app.dataframe[0].value) > 5
    assert used < 1
