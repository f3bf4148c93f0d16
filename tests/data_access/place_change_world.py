"""A small district with something filed in every village, and its counts without what differs from load to load."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from data_access.engine import reading
from data_access.tables import inspection_monthly, issue_monthly, measurement_monthly, name_alias, place, site
from tests.data_access.small_district import (
    issue_row,
    load,
    open_case,
    visit,
    write_issues,
    write_measurements,
    write_visits,
)

CHENGXING, DONGYU = "330212005001", "330212005002"
FANSHIDU, LUJIAYAN, MAOSHAN, MAOSHANCUN = "330212110001", "330212110002", "330212110003", "330212110004"
VILLAGES = {
    CHENGXING: ("中河街道", "城兴社区"), DONGYU: ("中河街道", "东裕社区"), FANSHIDU: ("姜山镇", "翻石渡村"),
    LUJIAYAN: ("姜山镇", "陆家堰村"), MAOSHAN: ("姜山镇", "茅山社区"), MAOSHANCUN: ("姜山镇", "茅山村"),
}  # fmt: skip
JIANGSHAN, ZHONGHE = "330212110", "330212005"
MARCH = dt.date(2020, 3, 1)
BY = {"document": "鄞民〔2020〕1号", "by": "tester"}


def case(number: int, village: str, month: int, *, due: bool = True) -> dict[str, str]:
    """A case of one village in a month of 2020; still open, with a later deadline, unless it is `due`."""
    township, name = VILLAGES[village]
    moment = f"2020-{month:02d}-03 09:00"
    row = (issue_row if due else open_case)(number)
    times = {"诉求时间": moment, "受理时间": moment, "交办时间": "", "首次答复时间": "", "答复时限": ""}
    if due:
        times |= {"办理时限": f"2020-{month:02d}-10 18:00", "办结时间": f"2020-{month:02d}-07 17:00"}
    return row | times | {"所属镇街": township, "所属村社": name, "村社代码": village}


def load_everything(engine: Engine, folder: Path, *, part: int = 0, parts: int = 1) -> None:
    """Cases, inspections and measurements of all villages over three months; `part` of `parts` of them."""
    cases = [
        case(number, village, month, due=number % 3 > 0)
        for number, (village, month) in enumerate((village, month) for village in VILLAGES for month in (1, 2, 3, 4))
    ]
    visits = [
        visit(number, site_code, f"2020-{month:02d}-05", ("合格", "不合格" if number % 2 else "合格", ""))
        for number, (site_code, month) in enumerate(
            (one, month) for one in ("X001", "X002", "Q001", "Q002", FANSHIDU, LUJIAYAN) for month in (1, 2, 3)
        )
    ]
    measured = [
        ("officials_per_1000", village, f"2020-{month:02d}", "", str(3 + number), str(1000 + number))
        for number, village in enumerate(VILLAGES)
        for month in (1, 2, 3)
    ]
    for rows, source, write in (
        (cases, "issues", write_issues), (visits, "inspections", write_visits),
        (measured, "measurements", write_measurements),
    ):  # fmt: skip
        suffix = "csv" if source == "issues" else "xlsx"
        load(engine, source, write(folder / f"{source}{part}.{suffix}", rows[part::parts]))


def counts(engine: Engine) -> dict[str, list[tuple]]:
    """Every stored count, sorted."""
    with reading(engine) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in (issue_monthly, inspection_monthly, measurement_monthly)
        }


def register(engine: Engine) -> dict[str, list[tuple]]:
    """What the registers and the known names say."""
    with reading(engine) as connection:
        tables = (place, site, name_alias)
        return {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in tables
        }
