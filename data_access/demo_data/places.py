"""The places of the demonstration district: real names and codes, invented people, households and dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

GEOGRAPHY = Path(__file__).parent / "geography"
DISTRICT = "330212"
PLACE_COLUMNS = (
    "区划代码", "民政代码", "名称", "简称", "层级", "上级代码", "类别", "城乡", "成立日期",
    "常住人口", "户数", "管理主体", "格网列", "格网行", "曾用名", "生效日期", "终止日期", "继任代码",
)  # fmt: skip

# One village is renamed half way; files before the day use the invented old name.
RENAMED_CODE = "330212110274"
RENAMED_OLD_NAME = "阳府前村"
RENAMED_ON = "2021-07-01"

NEW_COMMUNITIES = 35
_NEW_SINCE_2020 = 7
_MANAGERS = {"district": "区直辖", "hightech_zone": "高新区", "lake_resort": "旅游度假区"}
_KINDS = {"community": "社区", "village": "村", "community_like": "类社区", "town": "镇", "subdistrict": "街道"}
# A community of the lake town that shares its name with a village is still countryside.
_RURAL_COMMUNITIES = ("韩岭居委会",)


@dataclass(frozen=True)
class District:
    """The district in memory.

    ``townships``: code, name, code_mca, kind, managed_by, grid_column, grid_row (25 rows).
    ``villages``: code, township_code, name, short_name, kind, urban (1 urban, 0 rural, -1 unknown), settled
    (datetime64[D]), is_new, residents, households, township (row number in ``townships``); 407 rows, ordered by code.
    """

    townships: pd.DataFrame
    villages: pd.DataFrame

    def short_names_on(self, days: np.ndarray, village: np.ndarray) -> np.ndarray:
        """Short name of each ``village`` (row numbers) as written on ``days`` (datetime64).

        A renamed village has its old name before the day of the renaming.
        """
        names = self.villages["short_name"].to_numpy(dtype=object)[village]
        renamed = int(np.flatnonzero(self.villages["code"].to_numpy() == RENAMED_CODE)[0])
        before = (village == renamed) & (days.astype("datetime64[D]") < np.datetime64(RENAMED_ON))
        names[before] = RENAMED_OLD_NAME
        return names


def build_district(rng: np.random.Generator) -> District:
    """Read the geography files and invent what they do not hold (about 1.6 million residents in all)."""
    townships = pd.read_csv(GEOGRAPHY / "townships.csv", dtype=str, encoding="utf-8-sig")
    villages = pd.read_csv(GEOGRAPHY / "villages.csv", dtype=str, encoding="utf-8-sig")
    townships = townships.sort_values("code", ignore_index=True)
    villages = villages.sort_values("code", ignore_index=True)
    number = {code: i for i, code in enumerate(townships["code"])}
    villages["township"] = villages["township_code"].map(number).astype(int)
    in_town = (townships["kind"] == "town").to_numpy()[villages["township"]]
    is_village = (villages["kind"] == "village").to_numpy()

    urban = np.where(is_village, 0, 1)
    urban[is_village & ~in_town] = 1  # villages swallowed by a subdistrict
    hub = np.flatnonzero(is_village & (villages["township_code"] == "330212106").to_numpy())
    urban[rng.choice(hub, size=3, replace=False)] = 1
    urban[villages["short_name"].isin(_RURAL_COMMUNITIES).to_numpy() & in_town] = 0
    urban[(villages["kind"] == "community_like").to_numpy()] = -1
    villages["urban"] = urban

    count = len(villages)
    size = np.where(is_village, rng.lognormal(np.log(1420), 0.42, count), rng.lognormal(np.log(6150), 0.26, count))
    size = np.where(is_village, np.clip(size, 600, 3000), np.clip(size, 3000, 9000))
    villages["residents"] = np.round(size).astype(int)
    villages["households"] = np.round(size / rng.normal(2.55, 0.12, count)).astype(int)

    settled = np.datetime64("1984-01-01") + rng.integers(0, 26 * 365, count)
    latest = villages["code"].str[-3:].astype(int).to_numpy() + rng.normal(0, 5, count)
    newest = np.flatnonzero(~is_village)[np.argsort(-latest[~is_village])][:NEW_COMMUNITIES]
    days = np.sort(rng.integers(0, 4 * 365 - 30, NEW_COMMUNITIES - _NEW_SINCE_2020))
    later = np.sort(rng.integers(4 * 365 + 30, 5 * 365 + 180, _NEW_SINCE_2020))
    settled[rng.permutation(newest)] = np.datetime64("2016-01-15") + np.concatenate([days, later])
    villages["settled"] = settled
    villages["is_new"] = settled >= np.datetime64("2015-01-01")
    return District(townships=townships, villages=villages)


def write_places(
    district: District, path: Path, *, begun: Mapping[str, str], closed: Sequence[tuple[object, ...]]
) -> Path:
    """Write the register of places (CSV, UTF-8 with BOM): district, townships, villages, and places that are no more.

    ``begun``: codes of villages to the day since which they are (text); ``closed``: whole rows in the order of
    ``PLACE_COLUMNS``.
    """
    towns, villages = district.townships, district.villages
    sums = villages.groupby("township")[["residents", "households"]].sum()
    rows: list[tuple[object, ...]] = [
        (DISTRICT, DISTRICT, "鄞州区", "鄞州", "区", "3302", "区", "", "", int(sums["residents"].sum()),
         int(sums["households"].sum()), "区直辖", "", "", "", "", "", ""),
    ]  # fmt: skip
    for i, town in enumerate(towns.itertuples()):
        short = town.name.removesuffix("街道").removesuffix("镇")
        rows.append(
            (town.code, town.code_mca, town.name, short, "镇街", DISTRICT, _KINDS[town.kind], "", "",
             int(sums.loc[i, "residents"]), int(sums.loc[i, "households"]), _MANAGERS[town.managed_by],
             town.grid_column, town.grid_row, "", "", "", "")
        )  # fmt: skip
    area_names = {1: "城市", 0: "农村", -1: ""}
    managed_by = towns["managed_by"].to_numpy()
    for place in villages.itertuples():
        settled = str(np.datetime64(place.settled, "D"))
        renamed = place.code == RENAMED_CODE
        starts = RENAMED_ON if renamed else begun.get(place.code, settled if settled >= "2020-01-01" else "")
        rows.append(
            (place.code, "", place.name, place.short_name, "村社", place.township_code, _KINDS[place.kind],
             area_names[place.urban], settled, place.residents, place.households,
             _MANAGERS[managed_by[place.township]], "", "", RENAMED_OLD_NAME if renamed else "", starts, "", "")
        )  # fmt: skip
    rows += closed
    frame = pd.DataFrame(rows, columns=list(PLACE_COLUMNS))
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    return path
