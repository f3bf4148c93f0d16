"""What the browser is sent for one map, and what is refused before it is sent."""

import json
from typing import Any

import pytest

from ui.choropleth import LegendEntry, map_data, map_strings


def arguments(**changed: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "geometry_url": "app/static/geometry/0.json",
        "level": "township",
        "classes": {"330212110": "worse"},
        "hover": {"330212110": ["姜山镇", "97.9%"]},
        "palette": "verdict",
        "legend": [LegendEntry("worse", "▼", "较差", 1)],
        "alt": "各镇街与其余镇街相比",
        "watermark": "示意图",
        "strings": map_strings(lambda key: key),
        "within": None,
        "selected": None,
        "height": 560,
        "labels": None,
        "legend_title": "",
    }
    return {**usual, **changed}


def test_the_data_is_plain_json() -> None:
    data = map_data(**arguments(labels={"330212110": "Jiangshan", "330212109": ("Hengxi town", "Hengxi")}))
    assert json.loads(json.dumps(data)) == data
    assert data["labels"] == {"330212110": ["Jiangshan"], "330212109": ["Hengxi town", "Hengxi"]}
    assert data["words"] == {"worse": "较差"}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"level": "district"}, "level is 'district'"),
        ({"within": "330212110"}, "needs level 'village'"),
        ({"palette": "rainbow"}, "palette is 'rainbow'"),
        ({"classes": {"330212110": "a_behind"}}, "no class a_behind"),
        ({"strings": {"zoom_in": "放大"}}, "strings lack zoom_out, home"),
        ({"alt": " "}, "alt is empty"),
        ({"hover": {"330212110": ["1", "2", "3", "4", "5"]}}, "up to 4 lines"),
        ({"hover": {"330212110": "姜山镇"}}, "up to 4 lines"),
    ],
)
def test_what_the_map_cannot_show_is_refused_with_a_reason(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        map_data(**arguments(**changed))
