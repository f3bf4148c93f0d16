"""What the colours of a map show can be chosen, stands in the address, and agrees with the figures."""

from __future__ import annotations

import pytest

from tests.pages.conftest import Open
from tests.pages.test_overview_page import component

pytestmark = pytest.mark.shared_caches

PAGES = [("briefing/overview", {}), ("places/township", {"tn": "330212110", "ind": "prevention_compliance"})]


def choose(app, colours: str):
    control = next(one for one in app.segmented_control if one.key == "map_colours")
    return control.set_value(colours).run()


@pytest.mark.parametrize(("page", "given"), PAGES)
def test_groups_hold_about_equally_many_places_and_the_legend_says_which_values(open_app: Open, page, given) -> None:
    app = open_app(page, **given)
    verdicts = component(app, "choropleth")
    assert verdicts["strip"] is None
    choose(app, "groups")
    drawn = component(app, "choropleth")
    assert app.session_state["colours"] == "groups"
    assert app.query_params["colours"] in ("groups", ["groups"])
    assert set(drawn["classes"]) == set(verdicts["classes"])
    groups = [name for name in drawn["classes"].values() if name.startswith("group_")]
    assert len(set(groups)) >= 2
    legend = {entry["key"]: entry for entry in drawn["legend"]}
    assert {name: groups.count(name) for name in set(groups)} == {
        name: entry["count"] for name, entry in legend.items() if name.startswith("group_")
    }
    assert all("%" in entry["word"] for name, entry in legend.items() if name.startswith("group_"))
    assert drawn["alt"] != verdicts["alt"]


@pytest.mark.parametrize(("page", "given"), PAGES)
def test_shades_run_between_the_lowest_and_the_highest_value(open_app: Open, page, given) -> None:
    app = open_app(page, colours="shades", **given)
    drawn = component(app, "choropleth")
    steps = [int(name.removeprefix("step_")) for name in drawn["classes"].values() if name.startswith("step_")]
    assert (min(steps), max(steps)) == (1, 21)
    lowest = next(code for code, name in drawn["classes"].items() if name == "step_1")
    assert drawn["strip"]["low"] in drawn["hover"][lowest][1]
    assert {name for name in drawn["styles"] if name.startswith("step_")} == {
        name for name in drawn["classes"].values() if name.startswith("step_")
    }


def test_labels_of_a_map_of_values_carry_the_value(open_app: Open) -> None:
    app = open_app("briefing/overview", colours="groups")
    drawn = component(app, "choropleth")
    for code, name in drawn["classes"].items():
        if name.startswith("group_"):
            assert drawn["labels"][code][-1] in drawn["hover"][code][1]
            assert drawn["labels"][code][0].endswith(drawn["labels"][code][-1])


def test_back_to_verdicts_leaves_the_address_clean(open_app: Open) -> None:
    app = open_app("briefing/overview", colours="shades")
    choose(app, "verdict")
    assert app.session_state["colours"] == ""
    assert component(app, "choropleth")["strip"] is None


def test_an_unknown_colour_in_the_address_counts_as_the_default(open_app: Open) -> None:
    app = open_app("briefing/overview", colours="rainbow")
    assert not app.exception
    assert component(app, "choropleth")["strip"] is None
