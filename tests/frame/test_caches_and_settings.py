"""What must not get into a cache, and what the server is told."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from ui import navigation

PROJECT = Path(__file__).resolve().parents[2]
SCREEN = [PROJECT / "app.py", PROJECT / "serve.py", *(PROJECT / "ui").rglob("*.py"), *(PROJECT / "pages").rglob("*.py")]
CONFIG = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
FORBIDDEN_INSIDE = {"session_state", "user", "current_visit", "current_filters", "find_viewer", "open_page", "context"}


def _cached_functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any("cache_data" in ast.unparse(one) or "cache_resource" in ast.unparse(one) for one in node.decorator_list)
    ]


CACHED = [(path, function) for path in SCREEN for function in _cached_functions(path)]


def test_there_are_cached_functions_to_look_at():
    assert any(path.name == "cached_reads.py" for path, _ in CACHED)


@pytest.mark.parametrize(("path", "function"), CACHED, ids=lambda one: getattr(one, "name", ""))
def test_no_cached_function_takes_a_person_or_reads_the_session(path, function):
    arguments = [*function.args.args, *function.args.kwonlyargs]
    assert not {"viewer", "person", "user", "visit", "session", "state"} & {one.arg for one in arguments}
    assert not any("Viewer" in ast.unparse(one.annotation) for one in arguments if one.annotation)
    read = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    called = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    assert not FORBIDDEN_INSIDE & (read | called), f"{path.name}: {function.name}"


@pytest.mark.parametrize(("path", "function"), CACHED, ids=lambda one: getattr(one, "name", ""))
def test_every_cache_is_bounded(path, function):
    written = " ".join(ast.unparse(one) for one in function.decorator_list)
    assert "max_entries" in written or "max_size" in written, f"{path.name}: {function.name}"


def test_every_cached_argument_counts_toward_the_key():
    # An argument whose name begins with an underscore is left out of the key, so one reader's result reaches another.
    hidden = [
        f"{path.name}: {function.name}({one.arg})"
        for path, function in CACHED
        for one in [*function.args.args, *function.args.kwonlyargs]
        if one.arg.startswith("_")
    ]
    assert hidden == []


def test_no_page_stands_where_the_old_rules_would_serve_it():
    assert list((PROJECT / "pages").glob("*.py")) in ([], [PROJECT / "pages" / "__init__.py"])


@pytest.mark.parametrize(
    ("section", "option", "value"),
    [
        ("browser", "gatherUsageStats", False),
        ("server", "enableStaticServing", True),
        ("server", "enableXsrfProtection", True),
        ("server", "enableCORS", True),
        ("server", "runOnSave", False),
        ("client", "toolbarMode", "minimal"),
        ("client", "showErrorDetails", "none"),
        ("client", "showErrorLinks", False),
        ("runner", "postScriptGC", False),
        ("runner", "magicEnabled", False),
    ],
)
def test_the_server_is_told(section, option, value):
    assert CONFIG[section][option] is value or CONFIG[section][option] == value


def test_the_server_knows_every_option_that_is_set():
    from streamlit import config

    known = set(config.get_config_options())
    given = {f"{section}.{name}" for section, table in CONFIG.items() for name, value in table.items()
             if not isinstance(value, dict)}  # fmt: skip
    given |= {f"theme.{mode}.{name}" for mode in ("light", "dark") for name in CONFIG["theme"][mode]}
    assert given - known == set()


def test_both_appearances_are_set_whole():
    assert set(CONFIG["theme"]["light"]) == set(CONFIG["theme"]["dark"])


def test_nothing_on_the_screen_names_another_host():
    files = [*SCREEN, PROJECT / ".streamlit" / "config.toml", *(PROJECT / "static").glob("*.svg")]
    files += [path for kind in ("js", "css", "toml") for path in (PROJECT / "ui").rglob(f"*.{kind}")]
    named = {
        f"{path.relative_to(PROJECT)}: {address}"
        for path in files
        for address in re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z][a-z0-9.-]+", path.read_text(encoding="utf-8"))
        if not address.endswith("//www.w3.org")
    }
    assert named == set()


def test_every_listed_page_has_a_title_a_script_and_its_own_address():
    paths = [entry.url_path for entry in navigation.PAGES]
    assert len(set(paths)) == len(paths)
    for entry in navigation.PAGES:
        assert (PROJECT / entry.script).is_file(), entry.script
        assert entry.section in navigation.SECTIONS
        assert entry.title("zh") and entry.title("en")
        assert set(entry.roles) <= set(navigation.ROLES)


def test_every_script_below_pages_is_listed():
    scripts = {path.relative_to(PROJECT).as_posix() for path in (PROJECT / "pages").rglob("*.py")}
    listed = {entry.script for entry in navigation.PAGES}
    assert {script for script in scripts if not script.endswith("__init__.py")} == listed


def test_every_page_asks_at_the_door_before_anything_else():
    for entry in navigation.PAGES:
        body = ast.parse((PROJECT / entry.script).read_text(encoding="utf-8")).body
        first = next(
            node
            for node in body
            if not isinstance(node, ast.Import | ast.ImportFrom)
            and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        )
        assert f"open_page('{entry.key}')" in ast.unparse(first), entry.script


def test_the_offered_indicators_are_in_the_catalogue():
    from indicators.catalogue import load_catalogue

    catalogue = load_catalogue()
    assert set(navigation.HEADLINE) <= set(catalogue)
    for entry in navigation.PAGES:
        for pairing in catalogue.pairings:
            offered = entry.offered_indicators(catalogue, pairing=pairing)
            assert bool(offered) == ("indicator" in entry.choices)
