"""A page that shows only what single villages hold: whose township the address may name."""

from __future__ import annotations

from ui.address import Offer, read_address

JIANGSHAN, BAIZHANG = "330212110", "330212008"


def offer(*, own: str | None) -> Offer:
    return Offer(
        first_month=202001, last_month=202212, townships=(BAIZHANG, JIANGSHAN), own_township=own,
        township_required=own is not None, village_townships=None if own is None else (own,), villages_only=True,
    )  # fmt: skip


def test_without_a_township_everybody_of_the_district_sees_all_of_it() -> None:
    filters, problems = read_address({}, offer=offer(own=None))
    assert filters.township is None and problems == ()
    filters, problems = read_address({"tn": BAIZHANG}, offer=offer(own=None))
    assert filters.township == BAIZHANG and problems == ()


def test_a_head_stays_in_the_own_township_and_is_told_why() -> None:
    filters, problems = read_address({}, offer=offer(own=JIANGSHAN))
    assert filters.township == JIANGSHAN and problems == ()
    filters, problems = read_address({"tn": BAIZHANG}, offer=offer(own=JIANGSHAN))
    assert filters.township == JIANGSHAN and filters.village is None
    assert [problem.key for problem in problems] == ["filters.problems.not_permitted"]
