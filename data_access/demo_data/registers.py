"""The registers of the demonstration district: estates, office buildings and firms, with their groups."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_access.demo_data.merged_village import predecessor_of_rows, written
from data_access.demo_data.names import estate_names, firm_names, property_companies
from data_access.demo_data.places import District
from data_access.demo_data.workbook import Sheet, write_workbook

ESTATES, OFFICES, FIRMS = 1100, 60, 4500
ESTATE_COLUMNS = (
    "小区编号", "小区名称", "类别", "所属镇街", "所属村社", "村社代码", "管理方式", "户数", "物业公司", "启用日期",
    "经度", "纬度", "坐标系",
)  # fmt: skip
FIRM_COLUMNS = (
    "企业编号", "企业名称", "所属镇街", "所属村社", "村社代码", "企业规模", "从业人数", "行业", "登记日期", "注销日期",
    "经度", "纬度", "坐标系",
)  # fmt: skip
SIZES = ("大型", "中型", "小型", "微型")
SIZE_SHARE = (0.03, 0.09, 0.33, 0.55)
UNKNOWN_SIZE = 4
_OFFICE_TOWNSHIPS = ("330212002", "330212005", "330212006", "330212008", "330212010", "330212014", "330212016")


@dataclass(frozen=True)
class Registers:
    """``estates``: code, name, office (bool), village, township (row numbers), managed (1 managed, 0 self-governed, -1
    unknown), households, opened (datetime64[D]); residential first, then offices, each ordered by village.
    ``firms``: code, name, village, township, size (0 large … 3 micro, 4 unknown), opened, ended (NaT while it lives).
    Both have the columns of :func:`data_access.demo_data.site_positions.with_positions` before they are written.
    """

    estates: pd.DataFrame
    firms: pd.DataFrame


def build_registers(rng: np.random.Generator, district: District) -> Registers:
    """Draw both registers; their size does not depend on the scale of the events."""
    return Registers(_estates(rng, district), _firms(rng, district))


def _estates(rng: np.random.Generator, district: District) -> pd.DataFrame:
    villages = district.villages
    weight = villages["residents"].to_numpy() * np.where(villages["kind"] == "village", 0.45, 1.0)
    home = np.sort(rng.choice(len(villages), size=ESTATES, p=weight / weight.sum()))
    codes = district.townships["code"].to_numpy()
    central = np.isin(codes[villages["township"]], _OFFICE_TOWNSHIPS) & (villages["kind"] != "village").to_numpy()
    office = np.sort(rng.choice(np.flatnonzero(central), size=OFFICES))
    village = np.concatenate([home, office])
    is_office = np.arange(len(village)) >= ESTATES
    rural = villages["urban"].to_numpy()[village] == 0
    managed = (rng.random(len(village)) > np.where(rural, 0.62, 0.335)).astype(int)
    managed[rng.random(len(village)) < 0.02] = -1
    managed[is_office] = 1
    late = rng.random(len(village)) < 0.04
    opened = np.datetime64("1992-01-01") + rng.integers(0, 27 * 365, len(village))
    opened[late] = np.datetime64("2020-01-10") + rng.integers(0, 1000, int(late.sum()))
    households = np.clip(rng.lognormal(np.log(430), 0.55, len(village)), 60, 2600).astype(int)
    companies = np.array(property_companies(), dtype=object)
    company = companies[rng.integers(0, len(companies), len(village))]
    company[managed != 1] = ""
    codes_of_estates = [f"XQ{i + 1:05d}" for i in range(ESTATES)] + [f"LY{i + 1:05d}" for i in range(OFFICES)]
    return pd.DataFrame(
        {
            "code": codes_of_estates,
            "name": estate_names(rng, residential=ESTATES, offices=OFFICES),
            "office": is_office,
            "village": village,
            "township": villages["township"].to_numpy()[village],
            "managed": managed,
            "households": np.where(is_office, 0, households),
            "company": company,
            "opened": opened,
        }
    )


def _firms(rng: np.random.Generator, district: District) -> pd.DataFrame:
    villages = district.villages
    weight = np.sqrt(villages["residents"].to_numpy()) * np.where(villages["kind"] == "village", 1.25, 1.0)
    weight = weight * rng.lognormal(0, 0.6, len(villages))
    village = np.sort(rng.choice(len(villages), size=FIRMS, p=weight / weight.sum()))
    size = rng.choice(len(SIZES), size=FIRMS, p=SIZE_SHARE)
    middle = np.array([1300.0, 420.0, 48.0, 6.0])[size]
    top = np.array([6000, 999, 299, 19])[size]
    low = np.array([1000, 300, 20, 1])[size]
    staff = np.clip(rng.lognormal(np.log(middle), 0.5), low, top).astype(int)
    names, industry = firm_names(rng, FIRMS)
    opened = np.datetime64("1996-01-01") + rng.integers(0, 24 * 365, FIRMS)
    late = rng.random(FIRMS) < 0.07
    opened[late] = np.datetime64("2020-01-05") + rng.integers(0, 1040, int(late.sum()))
    ended = np.full(FIRMS, np.datetime64("NaT"), dtype="datetime64[D]")
    gone = ~late & (rng.random(FIRMS) < 0.045) & (size >= 2)
    ended[gone] = np.datetime64("2020-03-01") + rng.integers(0, 1000, int(gone.sum()))
    return pd.DataFrame(
        {
            "code": [f"QY{i + 1:06d}" for i in range(FIRMS)],
            "name": names,
            "village": village,
            "township": villages["township"].to_numpy()[village],
            "size": np.where(rng.random(FIRMS) < 0.025, UNKNOWN_SIZE, size),
            "staff": staff,
            "industry": industry,
            "opened": opened,
            "ended": ended,
        }
    )


def _day_texts(days: pd.Series) -> list[str]:
    return ["" if text == "NaT" else text for text in days.to_numpy().astype("datetime64[D]").astype(str)]


def _villages_of(district: District, sites: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Short name and code of each site's village; what opened before the merger is still under the villages before."""
    village = sites["village"].to_numpy()
    before = predecessor_of_rows(district, village=village, days=sites["opened"].to_numpy(), turn=np.arange(len(sites)))
    names, codes = (district.villages[column].to_numpy(dtype=object)[village] for column in ("short_name", "code"))
    return written(names, before, 2), written(codes, before, 0)


def write_estates(district: District, registers: Registers, path: Path) -> Path:
    """Write the register of estates and office buildings (XLSX, one sheet)."""
    towns, estates = district.townships, registers.estates
    management = {1: "物业管理", 0: "业主自治", -1: ""}
    short_names, village_codes = _villages_of(district, estates)
    rows = zip(
        estates["code"], estates["name"],
        np.where(estates["office"], "商务楼宇", "住宅小区").tolist(),
        towns["name"].to_numpy()[estates["township"]], short_names, village_codes, estates["managed"].map(management),
        [int(n) if n else None for n in estates["households"]], estates["company"], _day_texts(estates["opened"]),
        *([float(text) if text else None for text in estates[name]] for name in ("lon", "lat")),
        estates["coordinate_system"], strict=True,
    )  # fmt: skip
    title = "「演示数据」鄞州区住宅小区和商务楼宇名录（虚构，非真实小区）"
    return write_workbook(path, [Sheet("小区名录", title, ESTATE_COLUMNS, rows)])


def write_firms(district: District, registers: Registers, path: Path) -> Path:
    """Write the register of firms (CSV, UTF-8 with BOM)."""
    towns, firms = district.townships, registers.firms
    short_names, village_codes = _villages_of(district, firms)
    frame = pd.DataFrame(
        {
            "企业编号": firms["code"],
            "企业名称": firms["name"],
            "所属镇街": towns["name"].to_numpy()[firms["township"]],
            "所属村社": short_names,
            "村社代码": village_codes,
            "企业规模": np.array([*SIZES, ""], dtype=object)[firms["size"]],
            "从业人数": firms["staff"],
            "行业": firms["industry"],
            "登记日期": _day_texts(firms["opened"]),
            "注销日期": _day_texts(firms["ended"]),
            "经度": firms["lon"],
            "纬度": firms["lat"],
            "坐标系": firms["coordinate_system"],
        }
    )[list(FIRM_COLUMNS)]
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    return path
