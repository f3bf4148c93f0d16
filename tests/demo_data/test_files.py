"""The files are what departments send: the right names and headings, nothing from the future, and some dirt."""

import subprocess
import sys
import tomllib
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from data_access.demo_data import generate
from data_access.demo_data.measurement_plan import MEASURES
from data_access.demo_data.places import RENAMED_CODE, RENAMED_OLD_NAME, RENAMED_ON
from tests.demo_data.conftest import Written
from tests.demo_data.reading import Row, count_issues, read_csv, read_workbook

HEADINGS = {
    "places": "区划代码,民政代码,名称,简称,层级,上级代码,类别,城乡,成立日期,"
    "常住人口,户数,管理主体,格网列,格网行,曾用名,生效日期,终止日期,继任代码",
    "estates": "小区编号,小区名称,类别,所属镇街,所属村社,村社代码,管理方式,户数,物业公司,启用日期,经度,纬度,坐标系",
    "firms": "企业编号,企业名称,所属镇街,所属村社,村社代码,企业规模,从业人数,行业,登记日期,注销日期,经度,纬度,坐标系",
    "inspections": "检查编号,检查日期,对象类别,对象编号,对象名称,所属镇街,所属村社,是否复查,卡口封闭管理,人员车辆登记,"
    "测温验码,来返人员排查,居家观察管服,公共区域消杀,防护物资储备,宣传告知,应急预案到位,责任人在岗,员工底数登记,宿舍与隔离点",
    "issues": "工单编号,诉求时间,渠道来源,问题类型,专项行动,所属镇街,所属村社,村社代码,小区编号,企业编号,受理时间,"
    "交办时间,首次答复时间,答复时限,办理时限,办结时间,办理结果,是否回访,是否接通,是否满意,是否退回重办,重复工单号,经度,纬度",
    "measurements": "指标代码,指标名称,单位代码,单位名称,月份,分类,分子,分母,核查日期,报送日期",
}
ORDER = ["places", "estates", "firms", "inspections", "issues", "measurements"]
DEADLINES = ("答复时限", "办理时限")


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    generate(tmp_path / "here", scale=0.1)
    program = (
        "import sys; from pathlib import Path; from data_access.demo_data import generate; "
        "generate(Path(sys.argv[1]), scale=0.1)"
    )
    project = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "there")], cwd=project, check=True)
    here, there = _digests(tmp_path / "here"), _digests(tmp_path / "there")
    assert here == there and len(here) == 29


def test_another_seed_gives_another_district(tmp_path: Path) -> None:
    generate(tmp_path / "a", scale=0.01)
    generate(tmp_path / "b", scale=0.01, seed=7)
    first, second = _digests(tmp_path / "a"), _digests(tmp_path / "b")
    assert first.keys() == second.keys()
    assert all(first[name] != second[name] for name in first)


def test_the_scale_multiplies_events_and_leaves_the_registers(tmp_path: Path, written: Written) -> None:
    files = generate(tmp_path, scale=0.1)
    full = {file.path.name: file.path for file in written.files}
    for file in files:
        if file.source in ("places", "estates", "firms", "measurements"):
            assert file.path.read_bytes() == full[file.path.name].read_bytes(), file.path.name
    issues = sum(len(read_csv(file.path, "gb18030")) for file in files if file.source == "issues")
    visits = sum(len(read_workbook(file.path)[0].rows) for file in files if file.source == "inspections")
    assert issues == pytest.approx(sum(map(len, written.issue_files)) / 10, rel=0.02)
    assert visits == pytest.approx(sum(len(sheet.rows) for sheet in written.inspections) / 10, rel=0.05)


def test_a_scale_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="above 0"):
        generate(tmp_path, scale=0)


def test_files_come_in_load_order_with_the_departments_headings(written: Written) -> None:
    sources = [file.source for file in written.files]
    assert list(dict.fromkeys(sources)) == ORDER
    assert sources == sorted(sources, key=ORDER.index)
    for file in written.files:
        assert "演示数据" in file.path.name
        if file.path.suffix == ".csv":
            encoding = "gb18030" if file.source == "issues" else "utf-8-sig"
            assert file.path.read_text(encoding).splitlines()[0] == HEADINGS[file.source]
            assert file.path.read_bytes().startswith(b"\xef\xbb\xbf") == (file.source != "issues")
        else:
            for sheet in read_workbook(file.path):
                assert ",".join(sheet.heading) == HEADINGS[file.source]
                assert "演示数据" in sheet.title


def test_nothing_is_dated_after_the_as_of_day_but_deadlines(written: Written) -> None:
    day = "2022-12-31"
    times = [c for c in written.issues[0] if (c.endswith("时间") or c.endswith("时限")) and c not in DEADLINES]
    assert len(times) == 5
    for row in written.issues:
        assert all(row[column][:10] <= day for column in times), row
        assert row["诉求时间"] >= "2020-01-01"
    for sheet in written.inspections:
        assert all(visit["检查日期"] <= day for visit in sheet.rows if visit["检查日期"][5:7] != "13")
    for row in _measurement_rows(written):
        assert row["核查日期"] <= day and _month(row) <= "2022-12"
    for firm in written.firms.values():
        assert max(firm["登记日期"], firm["注销日期"]) <= day
    assert all(max(p["成立日期"], p["生效日期"]) <= day for p in written.places.values())


def test_steps_of_a_case_follow_each_other(written: Written) -> None:
    for row in written.issues:
        steps = [row["诉求时间"], row["受理时间"], row["交办时间"], row["首次答复时间"]]
        known = [step for step in steps if step]
        assert known == sorted(known), row
        if row["办结时间"]:
            assert row["办结时间"] >= row["首次答复时间"] >= row["受理时间"] > ""
        else:
            assert row["是否回访"] == row["是否退回重办"] == "否" and row["办理结果"] == ""
        assert (row["是否接通"] != "") == (row["是否回访"] == "是")
        assert (row["是否满意"] != "") == (row["是否接通"] == "是")


def test_december_2022_is_partly_open_and_not_due(written: Written) -> None:
    december = count_issues(row for row in written.issues if row["诉求时间"].startswith("2022-12"))
    assert 0.3 < december["due"] / december["reported"] < 0.8
    assert 0.5 < december["closed"] / december["reported"] < 0.9
    assert december["reached"] < december["closed"]


def test_every_code_in_the_events_stands_in_a_register_and_existed_then(written: Written) -> None:
    for row in written.issues:
        day = row["诉求时间"][:10]
        if row["村社代码"]:
            assert written.places[row["村社代码"]]["成立日期"] <= day
        if row["小区编号"]:
            assert written.estates[row["小区编号"]]["启用日期"] <= day
        if row["企业编号"]:
            firm = written.firms[row["企业编号"]]
            assert firm["登记日期"] <= day <= (firm["注销日期"] or "9999")
    cases = {row["工单编号"] for row in written.issues}
    assert all(row["重复工单号"] in cases for row in written.issues if row["重复工单号"])
    assert len({visit["检查编号"] for sheet in written.inspections for visit in sheet.rows}) == sum(
        len(sheet.rows) for sheet in written.inspections
    )


def test_failed_items_are_mostly_looked_at_again_within_weeks_and_mostly_put_right(written: Written) -> None:
    items = written.inspections[0].heading[8:]
    visits = [visit for sheet in written.inspections for visit in sheet.rows if visit["检查日期"][5:7] != "13"]
    failed = sum(v[item] == "不合格" for v in visits if v["是否复查"] == "否" for item in items)
    again = [v[item] for v in visits if v["是否复查"] == "是" for item in items if v[item] != ""]
    assert 0.8 < len(again) / failed < 0.95
    assert 0.8 < again.count("合格") / len(again) < 0.95


def test_the_dirt_of_real_files_is_there(written: Written) -> None:
    inside = across = 0
    seen: dict[str, Row] = {}
    for rows in written.issue_files:
        numbers = Counter(row["工单编号"] for row in rows)
        inside += sum(n > 1 for n in numbers.values())
        for number in numbers.keys() & seen.keys():
            across += 1
            assert seen[number]["办结时间"] == ""
        seen |= {row["工单编号"]: row for row in rows}
    assert 10 <= inside <= 30 and 20 <= across <= 50
    names_only = [row for row in written.issues if row["村社代码"] == ""]
    short_names = {place["简称"] for place in written.places.values()} | {RENAMED_OLD_NAME}
    misspelled = [row for row in names_only if row["所属村社"] not in short_names]
    assert 0.003 < len(names_only) / len(written.issues) < 0.007
    assert len(misspelled) > 50
    unknown = [f for f in written.firms.values() if f["企业规模"] == ""]
    assert 60 < len(unknown) < 200
    assert 5 < sum(e["管理方式"] == "" for e in written.estates.values()) < 60
    assert sum(p["城乡"] == "" for p in written.places.values() if p["层级"] == "村社") == 1


def test_the_renamed_village_has_its_old_name_in_older_rows(written: Written) -> None:
    place = written.places[RENAMED_CODE]
    assert (place["曾用名"], place["生效日期"]) == (RENAMED_OLD_NAME, RENAMED_ON)
    rows = [row for row in written.issues if row["村社代码"] == RENAMED_CODE]
    assert {row["所属村社"] == RENAMED_OLD_NAME for row in rows if row["诉求时间"] < RENAMED_ON} == {True}
    assert {row["所属村社"] == place["简称"] for row in rows if row["诉求时间"] > RENAMED_ON} == {True}


def _measurement_rows(written: Written) -> list[Row]:
    codes = {measure.code for measure in MEASURES}
    rows = [row for sheets in written.measurements.values() for sheet in sheets for row in sheet.rows]
    return [row for row in rows if row["指标代码"] in codes and row["分子"] != "待报"]


def _month(row: Row) -> str:
    text = str(row["月份"])
    return f"{text[:4]}-{int(text[5:].rstrip('月')):02d}"


def test_every_measurement_indicator_is_reported_at_its_level(written: Written) -> None:
    rows = _measurement_rows(written)
    length = {row["指标代码"]: len(row["单位代码"]) for row in rows}
    assert length == {measure.code: 12 if measure.level == "village" else 9 for measure in MEASURES}
    assert len(MEASURES) == 31 and len({m.code for m in MEASURES}) == 31
    parts = {row["指标代码"]: set() for row in rows}
    for row in rows:
        parts[row["指标代码"]].add(row["分类"])
    named = {code: values for code, values in parts.items() if values != {""}}
    assert {code: len(values - {""}) for code, values in named.items()} == {"cogovernance_bodies": 5, "fund_paid": 5}
    assert {"2020-03", "2020年3月"} <= {row["月份"] for row in rows}


def test_the_departments_words_are_those_of_the_vocabulary(written: Written) -> None:
    project = Path(__file__).resolve().parents[2]
    vocabulary = tomllib.loads((project / "indicators/definitions/vocabulary.toml").read_text("utf-8"))
    words = {
        dimension["code"]: {name["zh"] for name in dimension["values"].values()}
        for dimension in vocabulary["dimensions"]
    }
    rows = _measurement_rows(written)
    used = {
        "channel": {row["渠道来源"] for row in written.issues},
        "category": {row["问题类型"] for row in written.issues},
        "campaign": {row["专项行动"] for row in written.issues} - {""},
        "management": {row["管理方式"] for row in written.estates.values()} - {""},
        "firm_size": {row["企业规模"] for row in written.firms.values()} - {""},
        "item": set(written.inspections[0].heading[8:]),
        "body": {row["分类"] for row in rows if row["指标代码"] == "cogovernance_bodies"},
        "fund_use": {row["分类"] for row in rows if row["指标代码"] == "fund_paid"},
    }
    sizes = {"campaign": 5, "management": 2, "firm_size": 4, "item": 12, "body": 5, "fund_use": 5}
    for dimension, values in used.items():
        assert len(values) == sizes.get(dimension, 6)
        assert values <= words[dimension], dimension


def test_measured_shares_never_exceed_one_and_some_months_never_came(written: Written) -> None:
    proportions = {measure.code: measure.proportion for measure in MEASURES}
    too_many = 0
    months: dict[tuple[str, str], set[str]] = {}
    for row in _measurement_rows(written):
        assert row["分子"] >= 0 and row["分母"] > 0
        too_many += proportions[row["指标代码"]] and row["分子"] > row["分母"]
        months.setdefault((row["指标代码"], row["单位代码"]), set()).add(_month(row))
    assert too_many == 1  # the one row that is to be refused
    every = {measure.code: 36 // measure.every for measure in MEASURES}
    late = {place for (code, place), seen in months.items() if len(place) == 9 and len(seen) < every[code]}
    assert 2 <= len(late) <= 12


def test_some_readiness_was_last_checked_long_ago(written: Written) -> None:
    verified = {measure.code for measure in MEASURES if measure.verified}
    rows = [row for row in _measurement_rows(written) if row["指标代码"] in verified and _month(row) == "2022-12"]
    stale = [row for row in rows if row["核查日期"] < "2021-12-31"]
    assert all(row["核查日期"] for row in rows)
    assert 0.05 < len(stale) / len(rows) < 0.3
    others = [row for row in _measurement_rows(written) if row["指标代码"] not in verified]
    assert all(row["核查日期"] == "" for row in others)
