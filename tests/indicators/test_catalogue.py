"""The catalogue: the shipped definitions are whole, and every kind of mistake stops with one helpful sentence."""

import random
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from indicators.catalogue import DEFINITIONS, Catalogue, CatalogueError, load_catalogue
from indicators.counts import COUNTERS, PLACE_ATTRIBUTES

EXPECTED = {
    "prevention": ["prevention_compliance", "full_compliance", "rectified_on_recheck", "inspection_coverage"],
    "issues": [
        "resolution_rate", "on_time_rate", "first_response_rate", "acceptance_rate", "reopen_rate", "repeat_rate",
        "overdue_open_rate", "issues_per_1000", "resolution_days",
    ],
    "satisfaction": ["satisfaction_rate", "callback_reach_rate", "callback_coverage", "solved_but_dissatisfied"],
    "strength": [
        "officials_per_1000", "grid_workers_per_1000_households", "volunteers_per_1000", "coordinators_filled",
        "specialists_filled", "post_vacancy", "party_members_on_duty", "caseload_per_grid_worker",
        "service_centre_standard", "monitoring_equipment", "it_account_active",
    ],
    "readiness": [
        "plans_current", "graded_response_assigned", "classified_control_assigned", "supplies_standard",
        "supply_days", "drills_done", "order_relayed_in_time",
    ],
    "base_data": [
        "residents_registered", "migrants_registered", "rentals_registered", "building_firms_registered",
        "employees_registered", "sources_connected", "reports_on_time", "records_valid",
    ],
    "co_governance": [
        "cogovernance_bodies", "petition_agents", "mediation_success", "fund_paid", "firms_paired",
        "departments_paired", "firm_requests_answered",
    ],
}  # fmt: skip


def test_every_indicator_is_defined_in_reading_order(catalogue: Catalogue) -> None:
    assert {domain: [one.code for one in catalogue.of_domain(domain)] for domain in catalogue.domains} == EXPECTED
    assert list(catalogue) == [code for codes in EXPECTED.values() for code in codes]
    assert len(catalogue) == 50


def test_targets_directions_and_reasons_are_those_of_the_paper(catalogue: Catalogue) -> None:
    targets = {code: catalogue[code].target for code in EXPECTED["issues"] + EXPECTED["satisfaction"]}
    assert {code: target for code, target in targets.items() if target is not None} == {
        "resolution_rate": 0.98, "on_time_rate": 0.95, "first_response_rate": 0.99, "satisfaction_rate": 0.985,
        "callback_reach_rate": 0.8,
    }  # fmt: skip
    assert catalogue["prevention_compliance"].target == 0.95 and catalogue["inspection_coverage"].target == 1.0
    assert {code for code, one in catalogue.items() if one.better == "lower"} == {
        "reopen_rate", "repeat_rate", "overdue_open_rate", "resolution_days", "solved_but_dissatisfied", "post_vacancy",
    }  # fmt: skip
    assert [code for code, one in catalogue.items() if not one.available] == ["resolution_days"]
    assert [code for code, one in catalogue.items() if one.valid_days] == EXPECTED["readiness"]


def test_measurements_say_where_they_are_reported_and_events_do_not(catalogue: Catalogue) -> None:
    at_villages = {code for code, one in catalogue.items() if one.reported_at == "village"}
    assert at_villages == {
        *EXPECTED["strength"], "residents_registered", "migrants_registered", "rentals_registered",
    }  # fmt: skip
    for one in catalogue.values():
        assert (one.reported_at is None) == (one.source != "measurements")
        assert one.numerator in COUNTERS[one.source]
        assert one.denominator in (*COUNTERS[one.source], *PLACE_ATTRIBUTES)


def test_the_four_gaps_are_there_with_the_side_the_paper_found_ahead(catalogue: Catalogue) -> None:
    found = {code: (one.dimension, one.a.values, one.b.values, one.paper_ahead) for code, one in
             catalogue.pairings.items()}  # fmt: skip
    assert found == {
        "urban_rural": ("area_type", ("urban",), ("rural",), "b"),
        "estate_management": ("management", ("self_governed",), ("managed",), "b"),
        "firm_size": ("firm_size", ("small", "micro"), ("large", "medium"), "b"),
        "settlement_age": ("settlement_age", ("new",), ("established",), None),
    }
    assert all(one.indicators[0] == "prevention_compliance" for one in catalogue.pairings.values())
    assert "urban_rural" in [one.code for one in catalogue.pairings_of("satisfaction_rate")]
    assert catalogue.pairings_of("supply_days") == ()


def test_every_chinese_text_is_chinese_and_every_english_text_is_not(catalogue: Catalogue) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    ascii_marks = re.compile(r"[\u4e00-\u9fff][,;:?]|[,;:?][\u4e00-\u9fff]")
    for one in catalogue.values():
        for field in ("name", "numerator_text", "denominator_text", "description", "caveats", "owner"):
            text = getattr(one, field)
            assert chinese.search(text.zh), f"{one.code}.{field}"
            assert not chinese.search(text.en), f"{one.code}.{field}"
            assert not ascii_marks.search(text.zh), f"{one.code}.{field}: {text.zh}"
    for dimension in catalogue.dimensions.values():
        assert "unknown" in dimension.values
        assert all(chinese.search(name.zh) and not chinese.search(name.en) for name in dimension.values.values())


def test_a_text_is_read_by_language_and_a_definition_cannot_be_changed(catalogue: Catalogue) -> None:
    one = catalogue["resolution_rate"]
    assert (one.name["zh"], one.name["en"], one.name.zh) == ("问题解决率", "Resolution rate", "问题解决率")
    with pytest.raises(KeyError):
        one.name["de"]
    with pytest.raises(KeyError):
        catalogue["nothing"]
    with pytest.raises(ValidationError, match="frozen"):
        one.target = 0.5


def test_codes_of_a_source_come_in_reading_order(catalogue: Catalogue) -> None:
    assert [one.code for one in catalogue.of_source("inspections")] == EXPECTED["prevention"]
    assert catalogue.of_domain("nothing") == ()


# --- the hash -------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped definitions that a test may spoil."""
    return Path(shutil.copytree(DEFINITIONS, tmp_path / "definitions"))


def change(folder: Path, file: str, old: str, new: str) -> Path:
    """Replace ``old`` in a definition file; the file must hold it."""
    path = folder / file
    content = path.read_text(encoding="utf-8")
    assert old in content, f"{file} does not hold {old}"
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    return folder


def test_the_hash_is_that_of_the_content_and_not_of_its_layout(folder: Path, catalogue: Catalogue) -> None:
    path = folder / "resolution_rate.toml"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
    random.Random(4).shuffle(lines)
    path.write_text("# another layout\n" + "\n\n".join(lines) + "\n", encoding="utf-8")
    assert load_catalogue(folder).hash == catalogue.hash
    assert re.fullmatch(r"[0-9a-f]{64}", catalogue.hash)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("resolution_rate.toml", "target = 0.98", "target = 0.97"),
        ("resolution_rate.toml", "问题解决率", "解决率"),
        ("resolution_rate.toml", "hide_below = 10", "hide_below = 11"),
        ("pairings.toml", 'paper_ahead = "b"', 'paper_ahead = "a"'),
        ("vocabulary.toml", "新媒体", "社交媒体"),
    ],
)
def test_any_change_of_meaning_changes_the_hash(
    folder: Path, catalogue: Catalogue, file: str, old: str, new: str
) -> None:
    assert load_catalogue(change(folder, file, old, new)).hash != catalogue.hash


# --- mistakes -------------------------------------------------------------------------------------------------------

RATE = "resolution_rate.toml"
MISTAKES = [
    # A wrong value in a field of an indicator.
    (RATE, 'better = "higher"', 'better = "up"',
     "resolution_rate.toml: better is 'up'; write 'higher', 'lower' or 'neutral'."),
    (RATE, 'source = "issues"', 'source = "tickets"',
     "resolution_rate.toml: source is 'tickets'; write 'issues', 'inspections' or 'measurements'."),
    (RATE, 'kind = "proportion"', 'kind = "share"', "kind is 'share'; write 'proportion', 'ratio' or 'duration'."),
    (RATE, "target = 0.98", "target = 98", "target is 98.0; write a share between 0 and 1, for a proportion only."),
    (RATE, "target = 0.98", "target = -0.1", "target is -0.1; write a share between 0 and 1"),
    (RATE, "target = 0.98", 'target = "98%"', "target is '98%'; write a valid number."),
    (RATE, "target = 0.98", "target = nan", "target is nan; write a finite number."),
    (RATE, "hide_below = 10", "hide_below = -1", "hide_below is -1; write greater than or equal to 0."),
    (RATE, "hide_below = 10", "hide_below = 9.5", "hide_below is 9.5; write a valid integer."),
    (RATE, "hide_below = 10", 'hide_below = "10"', "hide_below is '10'; write a valid integer."),
    (RATE, 'domain = "issues"', 'domain = "issue"', "domain is 'issue'; write one of prevention, issues, satisfaction"),
    (RATE, 'dimensions = ["area_type"', 'dimensions = ["area"',
     "dimensions is 'area'; write only dimensions of issues"),
    (RATE, 'dimensions = ["area_type"', 'dimensions = ["item"',
     "dimensions is 'item'; write only dimensions of issues"),
    (RATE, 'dimensions = ["area_type"', 'dimensions = ["channel", "area_type"', "name each dimension once."),
    (RATE, 'unit = { zh = "%"', 'unit = { zh = ""', "unit.zh is ''; write a text."),
    # Fields that do not exist, are missing, or do not fit together.
    (RATE, "hide_below = 10", "hide_under = 10", "hide_under is not a field"),
    (RATE, "hide_below = 10", "", "hide_below is missing; write it."),
    (RATE, 'en = "Resolution rate" }', "}", "this is not valid TOML"),
    (RATE, ', en = "Resolution rate" }', " }", "name.en is missing; write it."),
    (RATE, 'zh = "问题解决率", ', "", "name.zh is missing; write it."),
    (RATE, 'name = { zh = "问题解决率", en = "Resolution rate" }', 'name = "问题解决率"',
     "name is '问题解决率'; write { zh = ..., en = ... }"),
    (RATE, 'numerator = "verified_solved"', 'numerator = "solved"',
     "numerator is 'solved'; write one of the counters of issues: reported, accepted"),
    (RATE, 'numerator = "verified_solved"', 'numerator = "items_passed"', "numerator is 'items_passed'"),
    (RATE, 'numerator = "verified_solved"', 'numerator = "residents"', "numerator is 'residents'"),
    (RATE, 'denominator = "due"', 'denominator = "deadline"', "denominator is 'deadline'; write one of reported"),
    (RATE, 'denominator = "due"', 'denominator = "verified_solved"', "write another field than the numerator."),
    (RATE, 'denominator = "due"', 'denominator = "residents"', "kind is 'proportion'; write 'ratio'"),
    (RATE, 'kind = "proportion"', 'kind = "proportion"\nper = 100', "per is 100; write 1 for a proportion"),
    (RATE, 'better = "higher"', 'better = "neutral"',
     "target is 0.98; leave it out where neither direction is better."),
    (RATE, "hide_below = 10", 'hide_below = 10\nreported_at = "village"',
     "reported_at is 'village'; write 'village' or"),
    (RATE, "hide_below = 10", "hide_below = 10\navailable = false", "available is false; write false together with"),
    ("plans_current.toml", 'reported_at = "township"', "", "reported_at is left out; write 'village' or 'township'"),
    ("plans_current.toml", 'reported_at = "township"', 'reported_at = "house"', "write 'village' or 'township'."),
    ("plans_current.toml", "valid_days = 180", "valid_days = 0", "valid_days is 0; write greater than or equal to 1."),
    ("plans_current.toml", 'denominator = "denominator"', 'denominator = "residents"', "denominator is 'residents'"),
    ("issues_per_1000.toml", "per = 1000", "per = 1000\ntarget = 0.5", "target is 0.5; write a share between 0 and 1"),
    ("issues_per_1000.toml", "per = 1000", "per = 0", "per is 0; write greater than or equal to 1."),
    # Codes and file names.
    (RATE, 'code = "resolution_rate"', 'code = "resolution"',
     "resolution_rate.toml: code is 'resolution'; write 'resolution_rate' or rename the file to resolution.toml."),
    (RATE, 'code = "resolution_rate"', 'code = "Resolution rate"', "write small letters, digits and underscores"),
    (RATE, 'code = "resolution_rate"', 'code = "acceptance_rate"',
     "resolution_rate.toml: code is 'acceptance_rate'; give each indicator its own code"),
    # Pairings.
    ("pairings.toml", 'dimension = "area_type"', 'dimension = "area"',
     "pairings.toml: urban_rural.dimension is 'area'; write one of area_type, settlement_age"),
    ("pairings.toml", 'values = ["urban"]', 'values = ["city"]',
     "pairings.toml: urban_rural.a.values is 'city'; write values among urban, rural, unknown."),
    ("pairings.toml", 'values = ["rural"]', 'values = ["rural", "urban"]', "take urban out of one of the two groups."),
    ("pairings.toml", 'values = ["urban"]', "values = []", "urban_rural.a.values is []; name at least one."),
    ("pairings.toml", '"prevention_compliance", "full', '"compliance", "full',
     "urban_rural.indicators is 'compliance'; write the code of a defined indicator."),
    ("pairings.toml", '"prevention_compliance", "full', '"supply_days", "full',
     "urban_rural.indicators is 'supply_days'; add area_type to the dimensions of supply_days.toml"),
    ("pairings.toml", 'paper_ahead = "b"', 'paper_ahead = "rural"',
     "urban_rural.paper_ahead is 'rural'; write 'a' or 'b'."),
    ("pairings.toml", "[urban_rural]", "urban_rural = 1\n[other]", "urban_rural is 1; write a table [urban_rural]."),
    ("pairings.toml", "[urban_rural]", '[urban_rural]\ncode = "other"', "urban_rural.code is 'other'; leave it out"),
    # Vocabulary.
    ("vocabulary.toml", 'code = "satisfaction"', 'code = "issues"',
     "vocabulary.toml: domains.code is 'issues'; name it once."),
    ("vocabulary.toml", 'code = "settlement_age"', 'code = "area_type"',
     "dimensions.code is 'area_type'; name it once."),
    ("vocabulary.toml", 'urban = { zh = "城市社区", en = "Urban community" }', 'urban = "城市社区"',
     "dimensions.0.values.urban is '城市社区'; write"),
    ("vocabulary.toml", 'domains = [', "domains = [[", "this is not valid TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "sentence"), MISTAKES)
def test_a_mistake_stops_with_one_sentence_that_names_file_field_value_and_remedy(
    folder: Path, file: str, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(change(folder, file, old, new))
    message = str(caught.value)
    assert sentence in message
    assert message.startswith(f"{file}: ") and message.endswith(".") and "\n" not in message
    assert isinstance(caught.value, ValueError)


def test_a_second_file_with_a_used_code_is_refused_by_its_name(folder: Path) -> None:
    shutil.copy(folder / "resolution_rate.toml", folder / "zz_copy.toml")
    with pytest.raises(CatalogueError, match=r"^zz_copy\.toml: code is 'resolution_rate'; give each indicator its own"):
        load_catalogue(folder)


@pytest.mark.parametrize("file", ["pairings.toml", "vocabulary.toml"])
def test_a_missing_companion_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(CatalogueError, match=f"^{file}: the file is missing"):
        load_catalogue(folder)


def test_a_file_in_another_encoding_says_so(folder: Path) -> None:
    path = folder / "resolution_rate.toml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    with pytest.raises(CatalogueError, match=r"resolution_rate\.toml: byte \d+ is not UTF-8; save the file as UTF-8"):
        load_catalogue(folder)


def test_an_office_can_add_a_pairing_and_an_indicator_as_files_alone(folder: Path) -> None:
    own = (folder / "on_time_rate.toml").read_text(encoding="utf-8").replace('"on_time_rate"', '"own_rate"')
    (folder / "own_rate.toml").write_text(own, encoding="utf-8")
    with (folder / "pairings.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[hotline_web]\nname = { zh = "渠道落差", en = "Channel gap" }\ndimension = "channel"\n'
            'a = { values = ["hotline"], name = { zh = "电话", en = "Hotline" } }\n'
            'b = { values = ["web"], name = { zh = "网络", en = "Web" } }\n'
            'indicators = ["own_rate"]\ndescription = { zh = "比较渠道。", en = "Compares channels." }\n'
        )
    catalogue = load_catalogue(folder)
    assert catalogue["own_rate"].domain == "issues"
    assert catalogue.pairings["hotline_web"].paper_ahead is None


def test_every_definition_file_is_the_catalogue_and_nothing_else() -> None:
    for path in DEFINITIONS.glob("*.toml"):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        if path.name not in ("pairings.toml", "vocabulary.toml"):
            assert content["code"] == path.stem
