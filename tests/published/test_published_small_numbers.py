"""Small numbers: printed suppression patterns audited by linear programming, and the printed rules of two bodies.

The tables are those of the GaussSuppression manual (Langsrud, Statistics Norway), "Small count frequency table
suppression": people by age and country, the countries within or outside the EU. Cells marked there as suppressed must
come out as not calculable, and cells it says would be revealed must come out as revealed.
"""

import numpy as np
import pandas as pd

from indicators.small_numbers import must_hide
from indicators.suppression_audit import audit, suppress
from indicators.table_margins import Margins, margins

EU = {"Spain": "EU", "Portugal": "EU", "Iceland": "nonEU", "EU": "total", "nonEU": "total"}


def table(young: tuple[int, int, int], old: tuple[int, int, int], *, eu: bool) -> Margins:
    """Counts for Spain, Iceland, Portugal with all sums."""
    rows = [
        (age, geo, freq)
        for age, freqs in (("young", young), ("old", old))
        for geo, freq in zip(("Spain", "Iceland", "Portugal"), freqs, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["age", "geo", "freq"])
    return margins(frame, value="freq", keys={"age": None, "geo": EU if eu else None})


def mask(made: Margins, *cells: str) -> np.ndarray:
    return (made.cells["age"] + ":" + made.cells["geo"]).isin(cells).to_numpy()


def test_the_margins_are_those_printed() -> None:
    made = table((5, 2, 0), (6, 3, 4), eu=True)
    value = dict(zip(made.cells["age"] + ":" + made.cells["geo"], made.values, strict=True))
    printed = {
        "total:total": 20, "total:EU": 15, "total:nonEU": 5, "total:Iceland": 5, "total:Portugal": 4, "total:Spain": 11,
        "old:total": 13, "old:EU": 10, "old:nonEU": 3, "young:total": 7, "young:EU": 5, "young:nonEU": 2,
    }  # fmt: skip
    assert len(value) == 18 and {name: value[name] for name in printed} == printed


def test_table_1_is_protected_by_the_three_further_cells_it_hides() -> None:
    made = table((5, 2, 0), (6, 3, 4), eu=False)
    primary = mask(made, "young:Portugal")
    printed = mask(made, "young:Portugal", "young:Iceland", "old:Portugal", "old:Iceland")
    assert audit(made.values, primary, made.constraints).exposed[primary].all()
    found = audit(made.values, printed, made.constraints)
    assert not found.exposed.any()
    # By hand: young Iceland + young Portugal = 2, and the columns hold 5 and 4, so each of the four may vary by 2.
    assert (found.high - found.low)[printed].tolist() == [2, 2, 2, 2]
    assert found.high[primary].tolist() == [2]
    ours = suppress(made.values, made.constraints, primary, protect=2)
    np.testing.assert_array_equal(ours.hidden, printed)


def test_table_2_is_protected_through_its_hierarchy() -> None:
    made = table((5, 2, 0), (6, 3, 4), eu=True)
    primary = mask(made, "young:nonEU", "young:Iceland", "young:Portugal")
    printed = primary | mask(made, "old:EU", "old:nonEU", "old:Iceland", "old:Portugal", "young:EU")
    assert not audit(made.values, printed, made.constraints).exposed.any()
    for one in np.flatnonzero(printed & ~primary):
        fewer = printed.copy()
        fewer[one] = False
        assert audit(made.values, fewer, made.constraints).exposed[primary].any()


def test_table_7_would_reveal_two_zeros_without_the_spanish_cells() -> None:
    # "The reason for the Spain suppressions is to prevent the disclosure of zeros": with young:Spain shown, the sum of
    # young:Iceland and young:Portugal is seen to be 0.
    made = table((5, 0, 0), (6, 3, 4), eu=True)
    without = mask(
        made, "young:nonEU", "young:Iceland", "young:Portugal", "old:EU", "old:nonEU", "old:Iceland", "old:Portugal",
        "young:EU",
    )  # fmt: skip
    zeros = mask(made, "young:Iceland", "young:Portugal")
    seen = audit(made.values, without, made.constraints)
    assert seen.exposed[zeros].all() and seen.high[zeros].tolist() == [0, 0]
    printed = without | mask(made, "young:Spain", "old:Spain")
    assert not audit(made.values, printed, made.constraints).exposed[zeros].any()


def test_one_hidden_cell_is_found_by_subtraction() -> None:
    # NHS Digital 2018, change of the disclosure control for HES and ECDS: hidden values 1 to 5 need secondary
    # suppression because "other values within the data" may recalculate them; with numbers of ours: 23 + 17 + * = 43.
    frame = pd.DataFrame({"site": ["a", "b", "c"], "n": [23, 17, 3]})
    made = margins(frame, value="n", keys={"site": None})
    hidden = made.cells["site"].eq("c").to_numpy()
    found = audit(made.values, hidden, made.constraints)
    assert found.exposed.sum() == 1 and found.low[hidden] == found.high[hidden] == 3


def test_the_thresholds_of_published_rules_hide_what_they_say() -> None:
    # NHS Digital, HES and ECDS from September 2018: sub-national counts 1 to 7 become *, 0 and 8 or more do not.
    assert must_hide(0, [0, 1, 7, 8], k=8).tolist() == [False, True, True, False]
    # Before: 1 to 5. Washington State Department of Health: "suppress all non-zero counts which are less than ten".
    assert must_hide(0, [0, 1, 5, 6], k=6).tolist() == [False, True, True, False]
    assert must_hide(0, [0, 1, 9, 10], k=10).tolist() == [False, True, True, False]
