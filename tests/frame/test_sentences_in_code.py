"""No sentence is written in code: what a reader sees stands in the language files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

NAMES_OF_PLACES_AND_FACES = {"ui/exports/map_sheet.py", "ui/exports/typeface.py", "ui/payloads/place_notes.py",
                             "ui/place_names.py"}  # fmt: skip
"""They hold endings of place names and letters to try a typeface with: data, not sentences."""
PROJECT = Path(__file__).resolve().parents[2]
CODE = sorted(
    path
    for folder in ("pages", "ui")
    for path in (PROJECT / folder).rglob("*.py")
)  # fmt: skip
SCRIPTS = sorted((PROJECT / "ui").rglob("*.js"))
CHINESE = re.compile(r"[一-鿿]")
SENTENCE = re.compile(r"^[A-Z][a-z]+( [a-z]+){2,}[.?!]?$")
DRAWS = {"markdown", "caption", "html", "write", "info", "warning", "error", "button", "selectbox", "radio", "popover",
         "toggle", "checkbox", "text_input", "multiselect", "expander", "subheader", "header", "title"}  # fmt: skip


def strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The strings of a module but its docstrings."""
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
    }  # fmt: skip
    for node in ast.walk(tree):
        bare = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if bare:
            documented.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.lineno, node.value


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_chinese_word_stands_in_the_code_of_pages(path: Path) -> None:
    if str(path.relative_to(PROJECT)) in NAMES_OF_PLACES_AND_FACES:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        f"{line}: {said}"
        for line, said in strings(tree)
        if CHINESE.search(said) and len(CHINESE.findall(said)) > 4
    ]  # fmt: skip
    assert found == []


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(PROJECT)))
def test_what_streamlit_draws_is_no_english_sentence_of_the_code(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in DRAWS:
            for given in (*node.args, *(one.value for one in node.keywords if one.arg in ("label", "help"))):
                if isinstance(given, ast.Constant) and isinstance(given.value, str) and SENTENCE.match(given.value):
                    found.append(f"{node.lineno}: {given.value}")
    assert found == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_chinese_word_stands_in_a_script(path: Path) -> None:
    code = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert not re.search(r"[一-鿿]{5,}", code)


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(PROJECT)))
def test_lists_that_may_be_empty_bring_their_own_placeholder(path: Path) -> None:
    """Streamlit would write "Choose an option" in English."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            named = {one.arg: one.value for one in node.keywords}
            none = isinstance(named.get("index"), ast.Constant) and named["index"].value is None
            if node.func.attr == "multiselect" or (node.func.attr == "selectbox" and none):
                assert "placeholder" in named, f"{path.name}:{node.lineno}"
