"""A district of six villages in the departments' own formats, small enough to count by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter
from sqlalchemy.engine import Engine

from data_access import schema
from data_access.counts import read_counts
from data_access.engine import create_engine, reading
from data_access.ingestion.load_batch import load_file
from data_access.ingestion.load_summary import LoadSummary
from data_access.permissions import Scope
from data_access.rollup_check import differences
from tests.data_access.prepared_registers import copy_registers

PLACES = """区划代码,民政代码,名称,简称,层级,上级代码,类别,城乡,成立日期,常住人口,户数,管理主体,格网列,格网行,曾用名,生效日期
330212,,鄞州区,鄞州,区,,区,,,,,,,,,
330212005,330212007,中河街道,中河街道,镇街,330212,街道,,,,,区直辖,1,2,,
330212110,330212121,姜山镇,姜山镇,镇街,330212,镇,,,,,区直辖,0,4,,
330212005001,,城兴社区居委会,城兴社区,村社,330212005,社区,城市,1998-05-01,5000,1800,区直辖,,,,
330212005002,,东裕社区居委会,东裕社区,村社,330212005,社区,城市,2017-03-01,4000,1500,区直辖,,,,
330212110001,,翻石渡村委会,翻石渡村,村社,330212110,村,农村,1960-01-01,1200,420,区直辖,,,翻石村,
330212110002,,陆家堰村委会,陆家堰村,村社,330212110,村,农村,1960-01-01,900,300,区直辖,,,,
330212110003,,茅山社区居委会,茅山社区,村社,330212110,社区,城市,2001-01-01,2500,900,区直辖,,,,
330212110004,,茅山村委会,茅山村,村社,330212110,村,农村,1960-01-01,1500,500,区直辖,,,,
"""
FIRMS = """企业编号,企业名称,所属镇街,所属村社,村社代码,企业规模,从业人数,行业,登记日期,注销日期
Q001,甲厂,姜山镇,翻石渡村,330212110001,大型,1200,制造,2005-01-01,
Q002,乙厂,姜山镇,茅山村,330212110004,微型,6,制造,2015-01-01,
Q003,丙店,中河街道,城兴社区,330212005001,,3,零售,2018-01-01,
"""
ESTATES = (
    ("小区编号", "小区名称", "类别", "所属镇街", "所属村社", "村社代码", "管理方式", "户数", "物业公司", "启用日期"),
    ("X001", "甲苑", "住宅小区", "中河街道", "城兴社区", "330212005001", "物业管理", "600", "甲物业", "2001-01-01"),
    ("X002", "乙苑", "住宅小区", "中河街道", "东裕社区", "330212005002", "业主自治", "200", "", "1996-01-01"),
    ("X003", "丙楼", "商务楼宇", "中河街道", "城兴社区", "330212005001", "", "", "", "2010-01-01"),
)
ISSUE_COLUMNS = [
    "工单编号",
    "诉求时间",
    "渠道来源",
    "问题类型",
    "专项行动",
    "所属镇街",
    "所属村社",
    "村社代码",
    "小区编号",
    "企业编号",
    "受理时间",
    "交办时间",
    "首次答复时间",
    "答复时限",
    "办理时限",
    "办结时间",
    "办理结果",
    "是否回访",
    "是否接通",
    "是否满意",
    "是否退回重办",
    "重复工单号",
]
VISIT_COLUMNS = ("检查编号", "检查日期", "对象类别", "对象编号", "对象名称", "所属镇街", "所属村社", "是否复查",
                 "卡口封闭管理", "测温验码", "员工底数登记")  # fmt: skip


def issue_row(number: int, **changes: str) -> dict[str, str]:
    """A case of 城兴社区 in February 2020, solved in time and satisfied, unless `changes` (Chinese headings) say so."""
    row = dict.fromkeys(ISSUE_COLUMNS, "") | {
        "工单编号": f"G{number:05d}", "诉求时间": "2020-02-03 09:00", "渠道来源": "12345电话", "问题类型": "民生求助",
        "所属镇街": "中河街道", "所属村社": "城兴社区", "村社代码": "330212005001", "受理时间": "2020-02-03 09:30",
        "交办时间": "2020-02-03 10:00", "首次答复时间": "2020-02-03 15:00", "答复时限": "2020-02-04 09:30",
        "办理时限": "2020-02-10 18:00", "办结时间": "2020-02-07 17:00", "办理结果": "已解决", "是否回访": "是",
        "是否接通": "是", "是否满意": "是", "是否退回重办": "否",
    }  # fmt: skip
    return row | changes


def open_case(number: int, **changes: str) -> dict[str, str]:
    """A case that is accepted, not closed, and whose deadline lies on 20 February 2020."""
    empty = {name: "" for name in ("办结时间", "办理结果", "是否回访", "是否接通", "是否满意", "是否退回重办")}
    return issue_row(number, **({"办理时限": "2020-02-20 18:00"} | empty | changes))


def write_issues(path: Path, rows: Sequence[dict[str, str]], *, encoding: str = "gb18030") -> Path:
    """A case export as the hotline sends it."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, fieldnames=ISSUE_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_sheet(path: Path, rows: Sequence[Sequence[str]], *, title: str = "", sheet: str = "表一") -> Path:
    """A workbook of one sheet, with a title row above the heading when there is a title."""
    with xlsxwriter.Workbook(path) as workbook:
        worksheet = workbook.add_worksheet(sheet)
        start = 0
        if title:
            worksheet.write_string(0, 0, title)
            start = 1
        for number, row in enumerate(rows, start):
            for column, cell in enumerate(row):
                worksheet.write(number, column, cell)
    return path


def visit(number: int, site: str, day: str, results: tuple[str, str, str], *, recheck: str = "否") -> tuple[str, ...]:
    """One inspection visit: results for gate control, temperature check and staff registry ("" = not looked at)."""
    return (f"J{number:05d}", day, "企业", site, "某对象", "", "", recheck, *results)


def write_visits(path: Path, visits: Sequence[tuple[str, ...]]) -> Path:
    """An inspection sheet with a title row."""
    return write_sheet(path, [VISIT_COLUMNS, *visits], title="防控检查表")


def write_measurements(path: Path, rows: Sequence[tuple[str, ...]]) -> Path:
    """A department's sheet; rows are (indicator, place code, month, part, numerator, denominator)."""
    heading = ("指标代码", "指标名称", "单位代码", "单位名称", "月份", "分类", "分子", "分母", "核查日期")
    full = [(row[0], "", row[1], "", *row[2:6], row[6] if len(row) > 6 else "") for row in rows]
    return write_sheet(path, [heading, *full], title="监测值")


def load(engine: Engine, source: str, path: Path) -> LoadSummary:
    """Load one file as the tests' steward."""
    return load_file(engine, source=source, path=path, loaded_by="tester")


def registers(url: str, folder: Path) -> Engine:
    """A fresh database at `url` with places, estates and firms, whose files lie in `folder`."""
    copy_registers(url, folder, _load_registers)
    return create_engine(url)


def _load_registers(url: str, folder: Path) -> None:
    engine = create_engine(url)
    schema.upgrade(engine)
    (folder / "places.csv").write_text(PLACES, encoding="utf-8-sig")
    (folder / "firms.csv").write_text(FIRMS, encoding="utf-8-sig")
    load(engine, "places", folder / "places.csv")
    load(engine, "estates", write_sheet(folder / "estates.xlsx", ESTATES, title="小区楼宇名录"))
    load(engine, "firms", folder / "firms.csv")
    engine.dispose()


def counted(engine: Engine, within: str, *, source: str = "issues", dimension: str = "all", month: int = 0) -> dict:
    """The counts of one place, of one month or of all months together: value → counter → figure."""
    level = {6: "district", 9: "township", 12: "village"}[len(within)]
    frame = read_counts(
        engine, scope=Scope(root="330212"), source=source, level=level, within=within, first=month or 190001, last=month or 299912,
        dimension=dimension,
    )  # fmt: skip
    return frame.set_index("value").to_dict("index")


def agree(engine: Engine) -> bool:
    """Whether every count equals the events."""
    with reading(engine) as connection:
        found = differences(connection)
    assert found == []
    return True


def changed_places(path: Path, **changes: dict[str, str]) -> Path:
    """The register of the small district with cells changed: code → heading → text."""
    rows = list(csv.DictReader(io.StringIO(PLACES)))
    for row in rows:
        row |= changes.get(f"c{row['区划代码']}", {})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
