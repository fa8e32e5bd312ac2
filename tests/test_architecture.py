"""Who may import whom, and how big a thing may grow. Read from the sources with `ast`."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import warnings
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"torch", "torchvision", "captum", "torchinfo", "timm"}
LAZY = "explorer.anatomy.dissect"  # the one name that a torch-free package loads torch for

PAGE_LINES = 120
APP_LINES = 50
MODULE_LINES = 320
FUNCTION_LINES = 40

TORCH_FREE = (
    "explorer",
    "explorer.anatomy",
    "explorer.anatomy.export",
    "explorer.anatomy.fields",
    "explorer.anatomy.folding",
    "explorer.anatomy.formulas",
    "explorer.anatomy.records",
    "explorer.cli",
    "explorer.commands.compare",
    "explorer.compare.assembled",
    "explorer.compare.report",
    "explorer.compare.tables",
    "explorer.compare.zoo_map",
    "explorer.config",
    "explorer.engine.client",
    "explorer.engine.library",
    "explorer.errors",
    "explorer.pictures.archives",
    "explorer.pictures.previews",
    "explorer.pictures.samples",
    "explorer.progress",
    "explorer.units",
    "explorer.zoo",
    "explorer.zoo.cards",
    "explorer.zoo.catalogue",
    "explorer.zoo.download",
    "explorer.zoo.own_weights",
    "explorer.zoo.weight_records",
    "explorer.zoo.weights",
)
"""What the page server, the engine's client and a quick command line are made of."""


def module_name(path: Path) -> str:
    """The dotted name a file is imported by."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


EXPLORER = {module_name(path): path for path in sorted((ROOT / "explorer").rglob("*.py"))}
PAGES = {module_name(path): path for path in sorted((ROOT / "pages").rglob("*.py"))}
APP = {"app": ROOT / "app.py"}
EVERYTHING = EXPLORER | PAGES | APP
UI = {name: path for name, path in EXPLORER.items() if name.startswith("explorer.ui")}
FIGURES = {name: path for name, path in EXPLORER.items() if name.startswith("explorer.figures")}
ENGINE = {name: path for name, path in EXPLORER.items() if name.startswith("explorer.engine")}
LIBRARY = {name: path for name, path in EXPLORER.items() if name not in UI | FIGURES | ENGINE}


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file; what a string escape gets wrong is a failure here too."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return ast.parse(path.read_text(encoding="utf-8"))


def is_type_checking(node: ast.AST) -> bool:
    """Whether a statement is `if TYPE_CHECKING:`, whose body never runs."""
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


@cache
def imports(path: Path, *, inside_functions: bool) -> frozenset[str]:
    """Dotted names a file imports when it runs, with the packages they stand in."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            raise AssertionError(f"{path}:{node.lineno} imports relatively; write the whole name")
        if is_type_checking(node):
            for child in node.orelse:
                visit(child)
        elif inside_functions or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for child in ast.iter_child_nodes(node):
                visit(child)

    visit(tree(path))
    return frozenset(found)


def packages(names: frozenset[str]) -> set[str]:
    """The first part of every name."""
    return {name.partition(".")[0] for name in names}


def chain_to_heavy(name: str, *, inside_functions: bool) -> list[str] | None:
    """The shortest chain of imports from a module to torch and its like, if there is one.

    Imports inside functions count for the module itself when asked; further down only what
    runs on import does.
    """
    queue = [[name]]
    seen = {name}
    while queue:
        chain = queue.pop(0)
        here = chain[-1]
        whole = inside_functions and here == name
        for target in sorted(imports(EVERYTHING[here], inside_functions=whole)):
            if target.partition(".")[0] in HEAVY or target == LAZY:
                return [*chain, target]
            # Importing a.b.c runs a and a.b first.
            parts = target.split(".")
            for end in range(1, len(parts) + 1):
                step = ".".join(parts[:end])
                if step in EVERYTHING and step not in seen:
                    seen.add(step)
                    queue.append([*chain, step])
    return None


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, source: list[str]) -> int:
    """Lines from `def` to the end that are neither blank, comment, nor the docstring."""
    lines = set(range(function.lineno, (function.end_lineno or function.lineno) + 1))
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    text = (source[number - 1].strip() for number in lines)
    return sum(1 for line in text if line and not line.startswith("#"))


def test_the_files_are_found() -> None:
    """An empty search would make every test below pass."""
    assert (ROOT / "app.py").exists()
    assert len(PAGES) >= 2
    assert len(UI) >= 2
    assert len(FIGURES) >= 2
    assert len(EXPLORER) > 20


def promises(name: str) -> bool:
    """Whether a module's docstring says that there is no torch in it."""
    return "No torch" in (ast.get_docstring(tree(EXPLORER[name])) or "")


@pytest.mark.parametrize("name", sorted({*TORCH_FREE, *filter(promises, EXPLORER)}))
def test_torch_free_modules_reach_no_torch(name: str) -> None:
    """Importing one of these never loads torch, directly or through another module."""
    assert name in EXPLORER, "the list names a module that is gone"
    assert chain_to_heavy(name, inside_functions=False) is None


@pytest.mark.parametrize("name", [*APP, *PAGES, *UI, *FIGURES])
def test_the_page_server_never_imports_torch(name: str) -> None:
    """Pages, ui and figures import no torch, not even inside a function or through a module."""
    assert chain_to_heavy(name, inside_functions=True) is None


@pytest.mark.parametrize("name", [*LIBRARY, *ENGINE, *FIGURES])
def test_only_the_surface_knows_streamlit(name: str) -> None:
    """Streamlit is imported by app.py, pages and explorer.ui, and by nothing else."""
    assert "streamlit" not in packages(imports(EXPLORER[name], inside_functions=True))


@pytest.mark.parametrize("name", EXPLORER)
def test_nobody_imports_pages_or_the_app(name: str) -> None:
    """The library does not know who draws it."""
    assert not packages(imports(EXPLORER[name], inside_functions=True)) & {"pages", "app"}


@pytest.mark.parametrize("name", LIBRARY)
def test_the_library_knows_neither_ui_figures_nor_engine(name: str) -> None:
    """In a notebook, a test or the command line the library works by itself."""
    for target in imports(EXPLORER[name], inside_functions=True):
        assert not re.match(r"explorer\.(ui|figures|engine)\b", target), target


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_functions_of_records(name: str) -> None:
    """They know neither the engine nor the ui, and never plotly.express (seconds to import)."""
    for target in imports(FIGURES[name], inside_functions=True):
        assert not re.match(r"explorer\.(ui|engine)\b|plotly\.express\b", target), target


@pytest.mark.parametrize("name", UI)
def test_the_ui_asks_the_engine_through_its_client(name: str) -> None:
    """Of the engine only its client's side is known, so that work may run anywhere."""
    known = ("explorer.engine.client", "explorer.engine.control", "explorer.engine.library")
    for target in imports(UI[name], inside_functions=True):
        if target.startswith("explorer.engine."):
            assert target.startswith(known)


@pytest.mark.parametrize("name", [*APP, *PAGES])
def test_pages_are_straight_scripts(name: str) -> None:
    """A page asks one question, draws no figure itself, caches nothing and catches nothing."""
    path = (APP | PAGES)[name]
    known = imports(path, inside_functions=True)
    assert not packages(known) & (HEAVY | {"plotly"})
    assert not any(target.startswith("explorer.engine") for target in known)
    nodes = list(ast.walk(tree(path)))
    assert not [node.lineno for node in nodes if isinstance(node, (ast.Try, ast.ClassDef))]
    assert not re.search(r"\bst\.cache_", path.read_text(encoding="utf-8"))
    if name in PAGES:
        assert "?" in (ast.get_docstring(tree(path)) or ""), "its docstring asks the question"


def test_caches_stand_in_the_ui() -> None:
    """Every `st.cache_*` has a bound: both kinds grow for ever by default."""
    calls = re.compile(r"@st\.cache_(?:data|resource)(\([^)]*\))?")
    for name, path in EXPLORER.items():
        for arguments in calls.findall(path.read_text(encoding="utf-8")):
            assert name in UI, name
            assert re.search(r"max_entries|max_size", arguments), (name, arguments)


def test_pages_stand_in_folders_of_pages() -> None:
    """Directly in it, Streamlit's older multipage mode would run them without the router."""
    assert not list((ROOT / "pages").glob("*.py"))


def test_no_page_is_the_main_script() -> None:
    """Beside a folder called "pages" a script is a page of that mode: deep links are not found."""
    assert not (ROOT / "pages/frame/pages").exists()
    assert 'ROUTER = Path(__file__).parent / "pages/frame/router.py"' in APP["app"].read_text()


@pytest.mark.parametrize("name", EVERYTHING)
def test_files_keep_to_their_size(name: str) -> None:
    """Lines of the file as they are, blank ones and comments too."""
    budget = APP_LINES if name in APP else PAGE_LINES if name in PAGES else MODULE_LINES
    lines = len(EVERYTHING[name].read_text(encoding="utf-8").splitlines())
    assert lines <= budget


@pytest.mark.parametrize("name", EVERYTHING)
def test_functions_keep_to_their_size(name: str) -> None:
    """Code lines of each function: no blank lines, comments or docstring."""
    source = EVERYTHING[name].read_text(encoding="utf-8").splitlines()
    long = {
        node.name: code_lines(node, source)
        for node in ast.walk(tree(EVERYTHING[name]))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if code_lines(node, source) > FUNCTION_LINES
    }
    assert not long


@pytest.mark.parametrize("name", EXPLORER)
def test_public_things_say_what_they_are(name: str) -> None:
    """Module, public classes and functions: a docstring whose first line is one sentence."""
    nodes: list[ast.AST] = [tree(EXPLORER[name])]
    nodes += [
        node
        for node in ast.walk(tree(EXPLORER[name]))
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_")
        if node in tree(EXPLORER[name]).body
    ]
    for node in nodes:
        label = f"{name}.{getattr(node, 'name', '')}"
        text = ast.get_docstring(node)
        assert text, f"{label} has no docstring"
        summary = " ".join(text.partition("\n\n")[0].split())
        assert summary.endswith((".", "?", ":", "!")), f"{label}: {summary!r}"


def test_the_command_line_starts_without_torch() -> None:
    """What the sources promise, held against a real interpreter."""
    code = f"import sys; import {', '.join(TORCH_FREE)}; print(sorted(set(sys.modules) & {HEAVY}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_streamlit_is_the_minor_release_whose_hidden_option_is_used() -> None:
    """`runner.postScriptGC` is undocumented: without it 30 polling tabs wait seconds."""
    assert '"streamlit==1.67.*"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert importlib.metadata.version("streamlit").startswith("1.67.")
    code = "from streamlit import config; print(config.get_option('runner.postScriptGC'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "False", done.stderr
