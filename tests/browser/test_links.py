"""A link shows what the reader saw: every choice of every page stands in the address, and a fresh visitor sees it so.

The pages run under AppTest, which compares all they are made of; two of them also in a real Chromium.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from streamlit.testing.v1 import AppTest

from scripts.running_app import RunningApp
from tests.browser.test_usability_walks import Walk
from tests.placed_points import placed_copy, reading
from ui.address import PARAMETERS
from ui.navigation import PAGES, PROJECT, PageEntry, page_entry
from ui.texts import text
from ui.webgl_check import ANSWER

if TYPE_CHECKING:
    from playwright.sync_api import Browser

JIANGSHAN, FANSHIDU, XIAYING = "330212110", "330212110214", "330212001"
SOME: Final = (XIAYING, "330212005", "330212006", "330212103", JIANGSHAN)
CHOICES: Final = ("selectbox", "multiselect", "segmented_control", "radio", "checkbox", "toggle", "text_input")
DRAWN: Final = ("html", "markdown", "caption", "warning", "error", "info", "success")


@dataclass(frozen=True)
class Control:
    """One control of one page: the key of its widget, another value, what of the address says so, and how it opens."""

    page: str
    key: str
    value: Any
    parameters: tuple[str, ...]
    address: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        said = "" if self.value is None or isinstance(self.value, list | tuple) else f"-{self.value}"
        return f"{page_entry(self.page).url_path}-{'+'.join(self.parameters)}{said}"


OTHERS: Final = {
    "period": ("epidemic", ("from", "to")),
    "indicator": ("satisfaction_rate", ("ind",)),
    "pairing": ("estate_management", ("pair",)),
    "township": (JIANGSHAN, ("tn",)),
}
"""Another value of each choice that pages share, and the parameters that then stand in the address."""

OWN: Final[dict[str, dict[str, tuple[Any, dict[str, str]]]]] = {
    "briefing/overview": {},
    "gaps/pairings": {
        "sort": ("a", {}),
        "within": ("estate_age", {"pair": "estate_management"}),
        "reach": ("target", {}),
    },
    "gaps/finder": {"find_in": ("area", {}), "find_gap": ("firm_size", {}), "find_topic": ("strength", {})},
    "places/rankings": {
        "rk_order": ("kind", {}),
        "rk_form": ("misses", {}),
        "rk_than": ("month", {}),
        "rk_peers": ("manager", {}),
    },
    "places/all_indicators": {"rugshow": ("both", {}), "rugsort": ("name", {})},
    "places/township": {"spine": ("table", {})},
    "places/village": {},
    "places/points": {"points": ("firms", {})},
    "service/issues": {
        "iss_by": ("channel", {}),
        "iss_rate": ("repeat_rate", {}),
        "iss_back": ("category", {}),
        "iss_month": ("satisfaction_rate", {}),
    },
    "service/satisfaction": {"sby": ("channel", {})},
    "service/campaigns": {"campaign": ("rental_housing", {}), "outcome": ("resolution_rate", {})},
    "grassroots/staffing": {
        "mode": ("emergency", {}),
        "staff_map": ("post_vacancy", {}),
        "staff_gap": ("urban_rural", {}),
    },
    "grassroots/readiness": {"mode": ("emergency", {}), "ready_map": ("plans_current", {})},
    "grassroots/co_governance": {
        "mode": ("emergency", {}),
        "body_map": ("mediation_success", {}),
        "body_table": ("bodies", {}),
    },
    "grassroots/base_data": {
        "mode": ("emergency", {}),
        "base_map": ("rentals_registered", {}),
        "base_table": ("missing", {}),
    },
    "research/query": {
        "form": ("cross", {}),
        "qi": ("prevention_compliance", {}),
        "qa": ("area_type.urban", {}),
        "qb": ("unknown", {}),
        "qby": ("month", {}),
        "qin": (JIANGSHAN, {"qby": "village"}),
        "qx": ("channel", {"form": "cross"}),
        "qy": ("channel", {"form": "cross"}),
        "qi2": ("on_time_rate", {"form": "scatter"}),
        "adjust": ("estate_age", {}),
    },
    "research/clusters": {"level": ("township", {})},
    "about/definitions": {"defq": ("满意", {}), "defdom": ("strength", {})},
    "about/methods": {
        "method": ("funnel", {}),
        "x": ("18", {}),
        "n": ("25", {}),
        "rest": ("satisfaction_rate", {}),
        "x2": ("900", {"rest": "counts"}),
        "n2": ("1100", {"rest": "counts"}),
    },
    "about/data_quality": {"see": ("issues", {}), "dim": ("firm_size", {})},
}
"""Choices of a page's own: parameter to another value and the address at which the choice is offered."""

NOT_LINKED: Final = re.compile(r"viewer_|annotation_|release_|take_back_|place_change_form_|history_")
"""Who is looking (a colleague sees what the own role may see), and fields of forms that are being filled in."""


def widget_key(page: str, parameter: str) -> str:
    """The key of the visible widget behind a parameter."""
    if page == "about/methods":
        return {"method": "method_index", "rest": "choice_of_rest"}.get(parameter, parameter)
    if page == "about/data_quality":
        return f"choice_of_{parameter}"
    return parameter if parameter == "defq" else f"{parameter}_choice"


def start_of(entry: PageEntry) -> dict[str, str]:
    """The address the choices of a page are tried at: some townships instead of all, as far as the page knows them."""
    if "township_set" in entry.choices:
        return {"set": "picked", "with": ",".join(SOME)}
    return {"tn": XIAYING} if entry.whole_district or entry.optional_township else {}


def controls_of(entry: PageEntry) -> Iterator[Control]:
    """Every control of a page whose state changes what is seen."""
    page, start = entry.key, start_of(entry)

    def control(key: str, value: Any, parameters: tuple[str, ...], **other: str) -> Control:
        return Control(page, key, value, parameters, tuple((start | other).items()))

    yield control("other_language", None, ("lang",))
    for choice in entry.choices:
        key = f"filter_{choice}"
        if choice == "township_set":
            yield Control(page, key, "picked", ("set",), (("with", start["with"]),))
            yield control("filter_picked", [*SOME[:3], SOME[-1]], ("with",))
        elif choice == "indicator" and entry.indicators == "pairing":
            yield control(key, "resolution_rate", ("ind",))
        elif choice == "village":
            yield control(key, FANSHIDU, ("vl",), tn=JIANGSHAN)
        else:
            yield control(key, *OTHERS[choice])
    if page in WITH_A_COLOURED_MAP:
        yield control("map_colours", "groups", ("colours",))
    for parameter, (value, address) in OWN.get(page, {}).items():
        yield control(widget_key(page, parameter), value, (parameter,), **address)
    if page == "research/query":
        summer = {"from": "202207", "to": "202209"}
        yield control("query_months", (202204, 202206), ("from", "to"), **summer)
    if page == "briefing/overview":
        yield Control(page, "filter_township_set", "towns", ("set",))
        months = {"from": "202202", "to": "202206"}
        yield control("filter_first", 202203, ("from",), **months)
        yield control("filter_last", 202207, ("to",), **months)
    if page == "places/township":
        yield Control(page, "filter_township_set", "similar", ("set",), (("tn", JIANGSHAN),))


WITH_A_COLOURED_MAP: Final = (
    "briefing/overview", "places/township", "service/satisfaction", "grassroots/staffing", "grassroots/co_governance",
    "grassroots/base_data",
)  # fmt: skip
CONTROLS: Final = tuple(control for entry in PAGES for control in controls_of(entry))


# What a page shows


def opened(page: str, address: dict[str, str]) -> AppTest:
    """The page as somebody sees it who follows a link."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=90)
    roles = page_entry(page).roles
    app.session_state["viewer_role"] = "leader" if "leader" in roles else roles[0]
    app.session_state[ANSWER] = True
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def shown(app: AppTest) -> list[tuple[str, Any]]:
    """Everything the page is made of: words, data of the components, figures, maps, tables, and every choice."""
    parts: list[tuple[str, Any]] = [(kind, one.value) for kind in DRAWN for one in getattr(app, kind)]
    for one in app.get("bidi_component"):
        proto = one.proto
        mixed = proto.mixed.SerializeToString(deterministic=True)
        parts.append((proto.component_name, (proto.bytes, proto.json, proto.arrow_data.data, mixed)))
    parts += [("figure", (one.proto.spec, one.proto.alt)) for one in app.get("plotly_chart")]
    parts += [("points", one.proto.json) for one in app.get("deck_gl_json_chart")]
    parts += [("frame", one.value.to_csv()) for one in app.dataframe]
    for kind in CHOICES:
        for one in getattr(app, kind):
            if not hidden(one.key):
                parts.append((one.key, (one.label, tuple(getattr(one, "options", ())), one.value)))
    return parts


def hidden(key: str) -> bool:
    """Whether a field only binds the address and is kept out of sight."""
    own = {name for page, names in OWN.items() for name in names if widget_key(page, name) != name}
    return key in PARAMETERS or key in own


def differing(one: AppTest, other: AppTest) -> list[str]:
    """Names of the parts in which two sessions differ, empty where they show the same."""
    mine, theirs = shown(one), shown(other)
    names = [a[0] for a, b in zip(mine, theirs, strict=False) if a != b]
    return names or ([f"{len(mine)} parts against {len(theirs)}"] if len(mine) != len(theirs) else [])


def address_of(app: AppTest, *, typed: Control | None = None) -> dict[str, str]:
    """What the address says, defaults left out.

    What was ``typed`` into a field that is bound to the address is written there by the browser, which AppTest is not.
    """
    said = {name: value[-1] if isinstance(value, list) else value for name, value in app.query_params.items()}
    bound = widget(app, typed.key).proto if typed and typed.value is not None else None
    if typed is not None and getattr(bound, "query_param_key", ""):
        said[bound.query_param_key] = str(typed.value)
    return {name: value for name, value in said.items() if value}


def widget(app: AppTest, key: str) -> Any:
    """The control with this key. Raises AssertionError where the page does not have it."""
    for kind in CHOICES:
        for one in getattr(app, kind):
            if one.key == key:
                return one
    raise AssertionError(f"There is no control {key!r} on the page.")


def choose(app: AppTest, key: str, value: Any) -> Any:
    """Choose ``value`` (None: press the button) and give what was chosen before."""
    before = None
    if value is None:
        app.button(key=key).click().run()
    else:
        before = widget(app, key).value
        assert before != value
        widget(app, key).set_value(value).run()
    assert not app.exception
    return before


@pytest.fixture(scope="module", autouse=True)
def database(demo_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A district with places for its points and a surveyed map, so that no page has to refuse; caches kept between."""
    with reading(placed_copy(demo_sqlite, tmp_path_factory.mktemp("links"), surveyed=True)):
        yield


@pytest.fixture(scope="module")
def visits() -> dict[tuple[str, Any], AppTest]:
    """Sessions that show a page as its address says, to be used again."""
    return {}


@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_a_choice_stands_in_the_address_and_a_fresh_visitor_sees_the_same(
    control: Control, visits: dict[tuple[str, Any], AppTest]
) -> None:
    start = dict(control.address)
    app = visits.pop((control.page, control.address), None) or opened(control.page, start)
    before = shown(app)

    was = choose(app, control.key, control.value)
    assert shown(app) != before
    address = address_of(app, typed=control)
    changed = {name for name in address.keys() | start.keys() if address.get(name) != start.get(name)}
    assert changed == set(control.parameters)
    assert differing(app, opened(control.page, address)) == []

    choose(app, control.key, was)
    assert shown(app) == before
    if address_of(app) == start:  # a place that was chosen again stays in the address
        visits[control.page, control.address] = app


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.url_path)
def test_no_choice_of_a_page_is_left_out_of_the_test_above(entry: PageEntry) -> None:
    app = opened(entry.key, start_of(entry))
    on_page = {one.key for kind in CHOICES for one in getattr(app, kind) if not hidden(one.key)}
    tried = {control.key for control in controls_of(entry)}
    assert {key for key in on_page if not NOT_LINKED.match(key)} <= tried


# In a real browser


def same_for_a_colleague(walk: Walk, app: RunningApp, browser: Browser) -> None:
    """Open the address in front of the reader in a browser that knows nothing, and compare all words."""
    link = walk.page.url
    other = Walk(app, browser, link.removeprefix(app.url))
    other.page.wait_for_function(
        "title => document.querySelector('h1.gb-title')?.innerText === title", arg=walk.title(), timeout=60_000
    )
    for _ in range(60):
        theirs, mine = sorted(other.words().splitlines()), sorted(walk.words().splitlines())
        if theirs == mine:  # a map redrawn in place keeps its names in another order
            break
        other.page.wait_for_timeout(250)
    assert theirs == mine
    assert other.page.url == link
    other.page.context.close()
    walk.page.context.close()


@pytest.mark.browser
def test_the_link_of_a_gap_with_every_choice_changed_shows_a_colleague_the_same(
    demo_app: RunningApp, browser: Browser
) -> None:
    walk = Walk(demo_app, browser, "/pairings")
    walk.choose("filter_pairing", "小区管理落差", leads_to="pair=estate_management")
    walk.choose("filter_township_set", "街道 15 个", leads_to="set=subdistricts")
    for key, words, leads_to in (
        ("sort_choice", "按变化", "sort=change"),
        ("within_choice", text("pairings.within.estate_age", "zh"), "within=estate_age"),
        ("reach_choice", "达到目标95%", "reach=target"),
    ):
        walk.press(walk.page.locator(f".st-key-{key} button").filter(has_text=words), leads_to=leads_to)
    same_for_a_colleague(walk, demo_app, browser)


@pytest.mark.browser
def test_the_link_of_a_question_shows_a_colleague_the_same(demo_app: RunningApp, browser: Browser) -> None:
    walk = Walk(demo_app, browser, "/query")
    walk.choose("qi_choice", "防控措施落实率", leads_to="qi=prevention_compliance")
    walk.choose("qby_choice", "逐月", leads_to="qby=month")
    walk.choose("adjust_choice", "小区楼龄", leads_to="adjust=estate_age")
    walk.choose("filter_period", "2021年", leads_to="from=202101&to=202112")
    same_for_a_colleague(walk, demo_app, browser)
