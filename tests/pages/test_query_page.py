"""The page of free analysis: the sentence asks, the page answers, and a link asks the same again."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, words
from ui import query_results
from ui.component_base import unpacked

pytestmark = pytest.mark.shared_caches

PAGE = "research/query"
CHINESE = re.compile(r"[一-鿿]")


def title(app: AppTest) -> str:
    shown = next(one.value for one in app.html if 'class="gb-title"' in one.value)
    return re.sub(r"<[^>]+>", "", shown.split("</h1>")[0])


def notices(app: AppTest) -> list[str]:
    return [re.sub(r"<[^>]+>", "", one.value) for one in app.html if one.value.startswith('<div class="gb-notice"')]


def evidence_said(app: AppTest) -> str:
    return "\n".join(one.value for one in app.html if "gb-query-tests" in one.value)


def table(app: AppTest) -> dict[str, Any]:
    for element in app.get("bidi_component"):
        if element.proto.component_name == "place_table":
            return unpacked(element.proto.bytes)
    raise AssertionError("There is no table on the page.")


def chosen(app: AppTest) -> dict[str, Any]:
    return {one.key.removesuffix("_choice"): one.value for one in app.selectbox if one.key.endswith("_choice")}


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def test_the_page_answers_at_once_and_each_part_of_the_sentence_changes_the_answer(open_app: Open) -> None:
    app = open_app(PAGE, role="researcher")
    assert not app.exception
    assert chosen(app) == {"qi": "resolution_rate", "qa": "management.self_governed", "qb": "managed",
                           "qby": "township", "adjust": "township"}  # fmt: skip
    assert title(app).startswith("问题解决率：") and "业主自治" in title(app) and "物业管理" in title(app)
    assert charts(app) == 1 and len(table(app)["rows"]) == 26
    assert "镇街相同时" in evidence_said(app) and "各层是否一样" in evidence_said(app)

    app.selectbox(key="adjust_choice").set_value("area_type").run()
    assert app.session_state["adjust"] == "area_type"
    assert "城乡相同时" in evidence_said(app) and "各层分别" in evidence_said(app)

    app.selectbox(key="qi_choice").set_value("prevention_compliance").run()
    assert title(app).startswith("防控措施落实率：")
    app.selectbox(key="qa_choice").set_value("firm_size.small.micro").run()
    assert chosen(app)["qb"] == "large.medium"
    assert app.session_state["qa"] == "firm_size.small.micro"
    app.selectbox(key="qby_choice").set_value("month").run()
    assert len(table(app)["rows"]) == 13
    app.selectbox(key="query_months").set_value((202207, 202209)).run()
    assert (app.session_state["from"], app.session_state["to"]) == ("202207", "202209")
    assert len(table(app)["rows"]) == 4
    assert "2022年第3季度" in words(app)
    app.selectbox(key="qa_choice").set_value("none").run()
    assert "qb" not in chosen(app) and "adjust" not in chosen(app)
    assert title(app).startswith("全区防控措施落实率：")
    assert not app.exception


def test_a_link_asks_the_same_question_in_english_without_leftovers(open_app: Open) -> None:
    app = open_app(PAGE, lang="en", qi="prevention_compliance", qa="management.self_governed", qb="managed",
                   qby="district", adjust="area_type")  # fmt: skip
    assert not app.exception and notices(app) == []
    assert chosen(app)["qby"] == "district"
    said = [title(app), evidence_said(app), *(cell.get("text", "") for row in table(app)["rows"]
                                           for cell in row["cells"].values())]  # fmt: skip
    said += [option for one in app.selectbox if one.key != "township_choice" for option in one.options]
    assert [line for line in said if CHINESE.search(line)] == []


def test_crossing_two_dimensions_gives_a_table_with_marks_and_needs_no_figure(open_app: Open) -> None:
    app = open_app(PAGE, form="cross", qi="prevention_compliance")
    assert not app.exception and charts(app) == 0
    assert chosen(app) == {"qi": "prevention_compliance", "qx": "management", "qy": "item"}
    sent = table(app)
    assert [column["label"] for column in sent["columns"]][:2] == ["检查项目", "合计"]
    assert {cell.get("verdict") for row in sent["rows"] for cell in row["cells"].values()} & {"worse", "much_worse"}
    app.selectbox(key="qx_choice").set_value("area_type").run()
    assert "城乡" in title(app) and not app.exception
    lone = open_app(PAGE, form="cross", qx="management", qy="management")
    assert chosen(lone)["qy"] != "management" and len(notices(lone)) == 1


def test_two_indicators_are_set_against_each_other_and_cause_is_denied(open_app: Open) -> None:
    app = open_app(PAGE, form="scatter", lang="en", qi="resolution_rate", qi2="callback_reach_rate")
    assert not app.exception and charts(app) == 1
    assert "Correlation is not cause" in words(app)
    assert "Resolution rate and Call-back reach" in words(app)
    again = open_app(PAGE, form="scatter", qi="resolution_rate", qi2="resolution_rate")
    assert chosen(again)["qi2"] == "satisfaction_rate" and "另一项指标" in notices(again)[0]


def test_a_head_compares_the_villages_of_the_own_township_and_is_told_about_others(open_app: Open) -> None:
    app = open_app(PAGE, role="head", qby="village", qin="330212110")
    own = chosen(app)["qin"]
    assert not app.exception and own != "330212110"
    assert "查看范围不包括姜山镇的村社" in notices(app)[0]
    assert list(app.selectbox(key="qin_choice").options) != []
    codes = {row["code"][:9] for row in table(app)["rows"] if row["code"] != "district"}
    assert codes == {own}
    app.run()
    assert notices(app) == [] and app.session_state["qin"] == ""


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"qb": "self_governed"}, "第二组与第一组相同或有重叠"),
        ({"qi": "supplies_standard", "qa": "management.managed"}, "不按“小区管理方式”统计"),
        ({"qi": "<script>alert(1)</script>"}, "这里没有所选的“指标”"),
    ],
)
def test_what_cannot_be_asked_is_said_and_something_near_it_is_answered(
    open_app: Open, address: dict[str, str], said: str
) -> None:
    app = open_app(PAGE, **address)
    assert not app.exception
    assert said in notices(app)[0]
    assert "<script>alert" not in words(app)
    assert len(table(app)["rows"]) == 26


def test_a_measure_that_is_no_share_is_a_table_and_a_period_without_data_is_a_sentence(open_app: Open) -> None:
    app = open_app(PAGE, qi="officials_per_1000")
    assert not app.exception and charts(app) == 0
    assert "此指标不是比例" in words(app) and len(table(app)["rows"]) == 26
    empty = open_app(PAGE, qi="supplies_standard", from_="202001", to="202001")
    assert not empty.exception and "请换一个时段、分组或指标" in words(empty)


# Picking


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[Any]]:
    """Click a mark that carries `customdata`; the pages that were asked for."""

    def click(customdata: Any) -> list[Any]:
        asked: list[Any] = []
        points = [] if customdata is None else [{"customdata": customdata}]
        state = {query_results.FIGURE: SimpleNamespace(selection=SimpleNamespace(points=points))}
        monkeypatch.setattr(query_results, "st", SimpleNamespace(session_state=state))
        monkeypatch.setattr(query_results, "go_to", lambda page, **changes: asked.append((page, changes)))
        query_results.open_place_of_figure()
        return asked

    return click


def test_a_mark_opens_its_township_or_village_and_that_of_all_together_nothing(
    opened: Callable[[Any], list[Any]],
) -> None:
    assert opened(["330212110"]) == [("places/township", {"township": "330212110", "village": None})]
    assert opened("330212110001") == [("places/village", {"township": "330212110", "village": "330212110001"})]
    assert opened("330212") == [] and opened(None) == [] and opened("side_a") == []
