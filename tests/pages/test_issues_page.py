"""The issues page: whole in both languages, every choice changes what it shows, and each reader sees the own part."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, words
from tests.pages.test_overview_page import page_title
from ui.component_base import unpacked

pytestmark = pytest.mark.shared_caches

PAGE = "service/issues"
JIANGSHAN, BAIZHANG = "330212110", "330212008"
FIGURES = ("issue_chain", "issue_days", "issue_open", "issue_months")


def table(app: AppTest, key: str) -> dict[str, Any]:
    """What the table of this key was sent."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == "place_table" and f"-{key}" in element.proto.id:
            found: dict[str, Any] = unpacked(element.proto.bytes)
            return found
    raise AssertionError(f"No table {key} on the page.")


def columns(app: AppTest, key: str) -> list[str]:
    return [column["code"] for column in table(app, key)["columns"]]


@pytest.mark.parametrize(
    ("lang", "said", "others"),
    [("zh", "三个大数怎么来的", "Lost here"), ("en", "Where the three headline figures come from", "这步少了")],
)
def test_the_page_loads_whole_in_both_languages(open_app: Open, lang: str, said: str, others: str) -> None:
    app = open_app(PAGE, role="steward", lang=lang)
    assert not app.exception
    text = words(app)
    assert said in text and "issues." not in text
    assert others not in text and "{" not in text.replace("{}", "")
    assert len(app.get("plotly_chart")) == len(FIGURES) + 1, "stewards see the closings around the deadline as well"
    for key in ("issue_days_table", "issue_open_table", "issue_matrix", "issue_back", "issue_hints"):
        assert table(app, key)["rows"], key
    assert len(table(app, "issue_matrix")["rows"]) == 26


def test_a_township_has_its_own_figures_and_its_villages_in_the_backlog(open_app: Open) -> None:
    own = open_app(PAGE, role="researcher", tn=JIANGSHAN)
    assert not own.exception
    assert "姜山镇" in page_title(own)
    assert all(row["code"].startswith(JIANGSHAN) for row in table(own, "issue_open_table")["rows"])
    assert "不是证据" in words(own) and "χ²" in words(own)
    assert table(own, "issue_matrix")["selected"] == JIANGSHAN


def test_every_choice_of_the_page_stands_in_the_address_and_changes_what_is_shown(open_app: Open) -> None:
    app = open_app(
        PAGE, role="researcher", iss_by="management", iss_rate="repeat_rate", iss_back="category",
        iss_month="satisfaction_rate",
    )  # fmt: skip
    assert not app.exception
    assert {row["code"] for row in table(app, "issue_days_table")["rows"]} >= {"all", "managed", "self_governed"}
    assert columns(app, "issue_matrix")[1] == "repeat_rate"
    assert {"complaint", "hazard"} <= {row["code"] for row in table(app, "issue_back")["rows"]}
    assert "群众满意率：" in words(app)
    app.segmented_control(key="iss_by_choice").set_value("firm_size").run()
    assert not app.exception
    assert app.query_params["iss_by"] == "firm_size"
    assert "micro" in {row["code"] for row in table(app, "issue_days_table")["rows"]}


def test_leaders_are_told_that_the_hints_are_not_for_them_and_choices_not_offered_count_as_the_first(
    open_app: Open,
) -> None:
    app = open_app(PAGE, iss_by="campaign", iss_rate="issues_per_1000", iss_back="village", iss_month="x' OR 1=1")
    assert not app.exception
    assert "complaint" in {row["code"] for row in table(app, "issue_days_table")["rows"]}
    assert columns(app, "issue_matrix")[1] == "on_time_rate"
    assert len(table(app, "issue_open_table")["rows"]) == 26
    assert "供政策研究者和数据管理员核查用" in words(app) and "χ²" not in words(app)
    with pytest.raises(AssertionError, match="No table"):
        table(app, "issue_hints")


def test_a_head_sees_the_totals_of_another_township_but_not_its_villages(open_app: Open) -> None:
    other = open_app(PAGE, role="head", tn=JIANGSHAN)
    assert not other.exception
    assert "您的查看范围不包括这个镇街的村社" in words(other)
    with pytest.raises(AssertionError, match="No table"):
        table(other, "issue_open_table")
    assert len(table(other, "issue_matrix")["rows"]) == 26


def test_a_period_that_is_only_provisional_is_shown_and_its_undue_cases_are_no_failures(open_app: Open) -> None:
    app = open_app(PAGE, role="researcher", from_="202212", to="202212")
    assert not app.exception
    assert "暂定" in words(app) and "另有" in words(app)
    assert len(app.get("plotly_chart")) >= len(FIGURES)
