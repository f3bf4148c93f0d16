"""Views of a page for measuring, and the table."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest

from bench import report
from bench.choices import Choices
from bench.pages import Measure
from ui.navigation import PAGES, PageEntry


@pytest.mark.slow
def test_views_of_a_page_differ_and_use_all_its_choices(demo_sqlite: Path) -> None:
    choices = Choices(f"sqlite:///{demo_sqlite}")
    overview = next(page for page in PAGES if page.key == "briefing/overview")
    queries = choices.query_strings(overview, at_most=20)
    assert len(queries) == len(set(queries)) == 20
    used = {key for query in queries for key in parse_qs(query)}
    assert used == {"from", "to", "set", "ind"}


@pytest.mark.slow
def test_a_page_without_choices_has_one_view(demo_sqlite: Path) -> None:
    choices = Choices(f"sqlite:///{demo_sqlite}")
    assert choices.query_strings(PageEntry("about/x", url_path="x"), at_most=5) == [""]


def test_results_are_written_as_json_and_as_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    measure = Measure(
        page="a/b", step="change, new", times=3, cpu_ms=12.5, seconds=0.03, kilobytes=1234.5, rows=0, elements=4
    )
    path = report.write([measure], database="sqlite")
    assert '"cpu_ms": 12.5' in path.read_text()
    last = (tmp_path / "summary.md").read_text().splitlines()[-1]
    assert [cell.strip() for cell in last.strip("|").split("|")] == [
        *("a/b", "change, new", "3", "12.5", "0.03", "1,234.5", "0", "4")
    ]
