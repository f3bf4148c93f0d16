"""Small hand-made rows for chart tests: every kind of row that a chart must tell apart."""

import math
import tomllib
from pathlib import Path

import pandas as pd

LANGUAGES = Path(__file__).resolve().parents[2] / "ui" / "languages"
NAMES = {"d": "全区", "p1": "姜山镇", "p2": "云龙镇", "p3": "东吴镇", "p4": "横溪镇", "p5": "塘溪镇"}
GROUPS = ("城市", "农村")
MONTHS = {202001: "2020年1月", 202002: "2月", 202003: "3月", 202004: "4月", 202005: "5月", 202006: "6月"}


def words(language: str = "zh") -> dict[str, str]:
    """The section ``charts`` of one language."""
    return tomllib.loads((LANGUAGES / language / "charts.toml").read_text(encoding="utf-8"))


def gap_row(place: str, **changes: object) -> dict[str, object]:
    """A gap of +6 points that is clear, changed as asked."""
    return {
        "place": place,
        "a_x": 960,
        "a_n": 1000,
        "a_value": 0.96,
        "b_x": 450,
        "b_n": 500,
        "b_value": 0.9,
        "difference": 0.06,
        "low": 0.032,
        "high": 0.091,
        "ahead": "a",
        "state": "value",
        **changes,
    }


def gap_rows() -> pd.DataFrame:
    """Clear gap, unclear gap, the other way round, a missing group, too few, and the district last."""
    return pd.DataFrame(
        [
            gap_row("p1"),
            gap_row("p2", b_value=0.95, difference=0.01, low=-0.012, high=0.034, ahead="none"),
            gap_row("p3", a_value=0.88, difference=-0.02, low=-0.035, high=-0.004, ahead="b"),
            gap_row(
                "p4",
                b_x=0,
                b_n=0,
                b_value=math.nan,
                difference=math.nan,
                low=math.nan,
                high=math.nan,
                ahead=None,
                state="no_data",
            ),
            gap_row(
                "p5", b_x=3, b_n=4, b_value=0.75, difference=0.21, low=-0.02, high=0.6, ahead=None, state="too_few"
            ),
            gap_row("d", difference=0.0, b_value=0.96, low=-0.01, high=0.01, ahead="none"),
        ]
    )


def rate_row(**changes: object) -> dict[str, object]:
    """A rate of 95 % over 200 cases, changed as asked."""
    return {"x": 190, "n": 200, "value": 0.95, "low": 0.911, "high": 0.973, "state": "value", **changes}
