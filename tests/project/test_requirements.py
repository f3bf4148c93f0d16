"""What is imported is named, what is named is pinned, and the pins agree."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
OURS = {"app", "serve", "pages", "ui", "data_access", "indicators", "geo", "tests", "bench", "scripts"}
PRODUCT = ("app.py", "serve.py", "pages", "ui", "data_access", "indicators", "geo")
DEVELOPMENT = ("tests", "bench", "scripts")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: str) -> dict[str, str]:
    """Package to version, of the lines that pin one."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==(\S+)$", (PROJECT / file).read_text(), flags=re.MULTILINE)
    return {normal(name): version for name, version in found}


def sources(roots: tuple[str, ...]) -> Iterator[Path]:
    for root in roots:
        path = PROJECT / root
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def imported(roots: tuple[str, ...]) -> dict[str, Path]:
    """Every foreign top-level module to one file that imports it."""
    found: dict[str, Path] = {}
    for path in sources(roots):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names = [node.module]
            for name in names:
                top = name.split(".")[0]
                # A sibling module of a component's tests may be imported by its bare name.
                if top not in OURS and top not in sys.stdlib_module_names and not (path.parent / f"{top}.py").exists():
                    found[top] = path
    return found


@pytest.mark.parametrize(
    ("roots", "files"),
    [(PRODUCT, ("requirements.txt",)), (DEVELOPMENT, ("requirements.txt", "requirements-dev.txt"))],
)
def test_every_package_we_import_is_named_in_the_requirements(roots: tuple[str, ...], files: tuple[str, ...]) -> None:
    named = {package for file in files for package in pins(file)}
    packages = packages_distributions()
    unnamed = {
        f"{module} (imported by {path.relative_to(PROJECT)})"
        for module, path in imported(roots).items()
        if not named & {normal(package) for package in packages.get(module, [])}
    }
    assert unnamed == set()


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_pins_agree_with_the_constraints(file: str) -> None:
    constraints = pins("constraints.txt")
    assert pins(file)
    for package, version in pins(file).items():
        assert constraints.get(package) == version, package


def test_every_requirement_has_an_exact_version() -> None:
    for file in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        lines = [line for line in (PROJECT / file).read_text().splitlines() if line and line[0] not in "#-"]
        assert len(lines) == len(pins(file)), file


def test_the_constraints_hold_no_path_of_one_machine() -> None:
    assert not re.search(r"file:|/(home|root|opt|tmp)/", (PROJECT / "constraints.txt").read_text())
