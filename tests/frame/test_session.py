"""Who is looking, and what that person may read."""

from dataclasses import dataclass

import pytest

from data_access.permissions import NotPermitted
from ui import session
from ui.session import Refusal, Viewer, recognise

NOW = 1_700_000_000


@dataclass(frozen=True)
class Known:
    name: str
    role: str
    township: str | None


PEOPLE = {
    "lead@example.cn": Known("王", "leader", None),
    "head@example.cn": Known("李", "head", "330212110"),
    "lost@example.cn": Known("赵", "head", None),
    "odd@example.cn": Known("钱", "emperor", None),
    "town@example.cn": Known("孙", "researcher", "330212110"),
}


def claims(email: str, **more: object) -> dict[str, object]:
    return {"is_logged_in": True, "email": email, "exp": NOW + 60, **more}


def test_somebody_known_is_let_in_with_the_role_of_the_register():
    viewer = recognise(claims("head@example.cn"), find_person=PEOPLE.get, now=NOW)
    assert viewer == Viewer(name="李", role="head", township="330212110", local=False)


def test_a_role_claimed_by_the_token_counts_for_nothing():
    viewer = recognise(claims("head@example.cn", role="steward", roles=["steward"]), find_person=PEOPLE.get, now=NOW)
    assert isinstance(viewer, Viewer)
    assert viewer.role == "head"


def test_only_heads_belong_to_a_township():
    viewer = recognise(claims("town@example.cn"), find_person=PEOPLE.get, now=NOW)
    assert isinstance(viewer, Viewer)
    assert viewer.township is None


@pytest.mark.parametrize("expires", [NOW, NOW - 1, 0, None, "tomorrow"])
def test_a_token_that_has_expired_or_never_says_when_is_refused(expires):
    found = recognise(claims("lead@example.cn", exp=expires), find_person=PEOPLE.get, now=NOW)
    assert isinstance(found, Refusal)
    assert found.key == "login_expired"


@pytest.mark.parametrize("email", ["nobody@example.cn", "", "lost@example.cn", "odd@example.cn"])
def test_somebody_the_register_does_not_know_well_enough_is_refused(email):
    found = recognise(claims(email), find_person=PEOPLE.get, now=NOW)
    assert isinstance(found, Refusal)
    assert found.key == "login_unknown"


def test_an_address_the_platform_has_not_verified_is_refused():
    found = recognise(claims("lead@example.cn", email_verified=False), find_person=PEOPLE.get, now=NOW)
    assert isinstance(found, Refusal)
    assert found.key == "login_unverified"


def test_nobody_signed_in_is_nobody():
    assert recognise({"is_logged_in": False}, find_person=PEOPLE.get, now=NOW) is None


def test_a_head_reads_the_villages_of_the_own_township_only():
    scope = Viewer("李", "head", "330212110", False).scope()
    scope.check(level="village", within="330212110")
    scope.check(level="township", within="330212")
    with pytest.raises(NotPermitted):
        scope.check(level="village", within="330212001")


def test_a_head_without_a_township_reads_no_village():
    with pytest.raises(NotPermitted):
        Viewer("李", "head", None, False).scope().check(level="village", within="330212110")


@pytest.mark.parametrize("role", ["leader", "researcher", "steward"])
def test_the_others_read_every_village(role):
    Viewer("x", role, None, True).scope().check(level="village", within="330212001")


def test_a_local_viewer_is_a_leader_until_another_role_is_chosen():
    towns = ("330212001", "330212110")
    assert session.local_viewer({}, lang="zh", townships=towns).role == "leader"
    assert session.local_viewer({"viewer_role": "emperor"}, lang="zh", townships=towns).role == "leader"
    head = session.local_viewer({"viewer_role": "head", "viewer_township": "330212110"}, lang="zh", townships=towns)
    assert (head.role, head.township, head.local) == ("head", "330212110", True)
    stray = session.local_viewer({"viewer_role": "head", "viewer_township": "999"}, lang="zh", townships=towns)
    assert stray.township == "330212001"


def test_outside_a_page_there_is_no_visit():
    with pytest.raises(LookupError, match="outside a page"):
        session.current_visit()


def test_the_front_door_closes_however_the_run_ends():
    with pytest.raises(RuntimeError), session.front_door(None):
        raise RuntimeError
    with pytest.raises(LookupError):
        session.current_filters()
