"""The rankings page: it loads for everyone, every choice changes what it shows, and nothing forbidden is shown."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, words
from ui.component_base import unpacked
from ui.payloads import rankings_villages

pytestmark = pytest.mark.shared_caches

PAGE = "places/rankings"
CHINESE = re.compile(r"[一-鿿]")
KEYS = ("rank_rows", "rate_rows", "funnel", "bands")


def tables(app: AppTest) -> list[dict[str, Any]]:
    """The data that the tables of the page were sent, the one of townships first."""
    found = [one for one in app.get("bidi_component") if one.proto.component_name == "place_table"]
    return [unpacked(one.proto.bytes) for one in found]


def figures(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(one.proto.spec) for one in app.get("plotly_chart")]


def row_names(figure: dict[str, Any]) -> list[str]:
    return [label.replace("&nbsp;", " ").strip() for label in figure["layout"]["yaxis"]["ticktext"]]


def page_title(app: AppTest) -> str:
    return re.sub(r"<[^>]+>", "", next(one.value for one in app.html if "gb-title" in one.value))


def test_the_page_shows_ranks_rates_funnel_table_and_villages(open_app: Open) -> None:
    app = open_app(PAGE, ind="prevention_compliance")
    assert not app.exception
    assert page_title(app).startswith("防控措施落实率")
    assert len(figures(app)) == 4
    ranks, rates = figures(app)[:2]
    assert row_names(ranks) == row_names(rates)
    assert ranks["layout"]["height"] == rates["layout"]["height"]
    assert len(tables(app)[0]["rows"]) == 26
    assert len(tables(app)) == 2
    shown = words(app)
    assert "两两相比共" in shown and "即使毫无差别" in shown and "个村社中" in shown


def test_the_order_of_rows_the_form_of_the_funnel_and_both_lists_are_kept_in_the_address(open_app: Open) -> None:
    app = open_app(PAGE)
    before = [row_names(figures(app)[0]), [trace.get("y") for trace in figures(app)[2]["data"]]]
    codes = [column["code"] for column in tables(app)[0]["columns"]]
    app.segmented_control[0].set_value("register")
    app.segmented_control[1].set_value("misses")
    app.selectbox(key="rk_than_choice").set_value("month")
    app.selectbox(key="rk_peers_choice").set_value("manager").run()
    assert not app.exception
    chosen = {name: app.session_state[name] for name in ("rk_order", "rk_form", "rk_than", "rk_peers")}
    assert chosen == {"rk_order": "register", "rk_form": "misses", "rk_than": "month", "rk_peers": "manager"}
    assert all(app.query_params[name] in (value, [value]) for name, value in chosen.items())
    now = [row_names(figures(app)[0]), [trace.get("y") for trace in figures(app)[2]["data"]]]
    assert now[0] != before[0] and sorted(now[0]) == sorted(before[0])
    assert now[1] != before[1]
    assert [column["code"] for column in tables(app)[0]["columns"] if column["code"] not in codes] == ["now"]
    assert any("同一管理主体" in note for note in tables(app)[0]["footnotes"])
    # The same address opens the same view for somebody else.
    other = open_app(PAGE, **chosen)
    assert row_names(figures(other)[0]) == now[0]
    assert tables(other)[0]["footnotes"] == tables(app)[0]["footnotes"]
    wrong = open_app(PAGE, rk_order="<b>", rk_form="no", rk_than="?", rk_peers="x")
    assert not wrong.exception and row_names(figures(wrong)[0]) == before[0]


def test_nothing_chinese_is_left_on_the_english_page(open_app: Open) -> None:
    app = open_app(PAGE, lang="en", ind="prevention_compliance", rk_than="month", rk_peers="similar", rk_form="misses")
    assert not app.exception
    shown = [page_title(app), *(note for table in tables(app) for note in table["footnotes"])]
    for figure in figures(app):
        shown += [note["text"] for note in figure["layout"]["annotations"]]
        shown += [text for trace in figure["data"] for text in trace.get("hovertext", ())]
        shown += figure["layout"]["yaxis"].get("ticktext") or []
    for table in tables(app):
        shown += [column["label"] + column["hint"] for column in table["columns"]]
        shown += [cell.get(part, "") for row in table["rows"] for cell in row["cells"].values()
                  for part in ("text", "title", "note")]  # fmt: skip
    assert [line for line in shown if CHINESE.search(line)] == []
    body = re.sub(r"<a [^>]*>.*?</a>", "", words(app))
    assert not CHINESE.search(body.replace("中文", "")), CHINESE.search(body)


def test_a_figure_that_is_no_share_has_ranks_and_values_but_neither_funnel_nor_bands(open_app: Open) -> None:
    app = open_app(PAGE, ind="issues_per_1000")
    assert not app.exception
    assert len(figures(app)) == 2 and len(tables(app)) == 1
    assert "不画漏斗图" in words(app) and "村社不分档" in words(app)
    assert [control.key for control in app.segmented_control if control.key == "rk_form_choice"] == []
    assert "分不出高低" in str([note["text"] for note in figures(app)[0]["layout"]["annotations"]])


def test_a_head_sees_all_townships_but_the_bands_of_the_own_villages_only(open_app: Open) -> None:
    app = open_app(PAGE, role="head", ind="prevention_compliance")
    assert not app.exception
    assert len(tables(app)[0]["rows"]) == 26
    assert "您只能查看下应街道的村社" in words(app)
    villages = {row["code"] for table in tables(app) for row in table["rows"] if len(row["code"]) == 12}
    assert {code[:9] for code in villages} <= {"330212001"}, "the first township, where no other was chosen"


def test_months_not_yet_due_are_ranked_as_provisional(open_app: Open) -> None:
    app = open_app(PAGE, role="steward", from_="202212", to="202212")
    assert not app.exception
    assert "名次为暂定" in words(app) and "不足12个月" in words(app)
    assert "里数据够的" in page_title(app)
    assert "不排名" in str(figures(app)[0]["data"]), "townships without enough cases keep their rows"


def test_without_an_earlier_period_no_move_is_claimed(open_app: Open) -> None:
    app = open_app(PAGE, from_="202001", to="202001")
    assert not app.exception
    assert "没有可比的时段，不看名次变动" in words(app)
    assert not {"now", "before", "move", "change"} & {column["code"] for column in tables(app)[0]["columns"]}
    assert "rk_than_choice" not in {one.key for one in app.selectbox}


def test_with_too_few_cases_everywhere_there_is_a_sentence_instead_of_ranks(open_app: Open) -> None:
    app = open_app(PAGE, set="picked", with_="330212016,330212104", from_="202001", to="202001")
    assert not app.exception
    assert "样本都少，不排名" in words(app)
    assert figures(app) == [] and tables(app) == []


def test_a_set_of_townships_is_ranked_among_itself(open_app: Open) -> None:
    app = open_app(PAGE, set="towns", ind="prevention_compliance")
    assert not app.exception
    assert len(tables(app)[0]["rows"]) == 11 and len(row_names(figures(app)[0])) == 10
    assert "10个镇" in page_title(app)
    assert len(row_names(figures(app)[3])) == 10


def test_a_click_on_a_bar_opens_its_township(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(rankings_villages, "bands_of", lambda view, code: "bands")
    monkeypatch.setattr(rankings_villages, "band_counts", lambda bands: {"place": ["330212110", "330212001"]})
    monkeypatch.setattr(rankings_villages, "go_to", lambda page, **changes: asked.append((page, changes["township"])))
    for points in ([{"y": 1}], [], [{"y": 7}]):
        state = {"bands": SimpleNamespace(selection=SimpleNamespace(points=points))}
        monkeypatch.setattr(rankings_villages, "st", SimpleNamespace(session_state=state))
        rankings_villages.open_township_of_bar("bands", None, "resolution_rate")()  # type: ignore[arg-type]
    assert asked == [("places/township", "330212001")]
