"""What recognising a layer's coordinate system comes to: the systems that fit, the one chosen, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.candidate_systems import Candidate, Points
from geo.metres import distances

SAME_PLACE: Final = 150.0
"""Metres up to which two systems need no question: the older datums differ from CGCS2000 by less than this."""

COMPARABLE: Final = 600.0
"""Metres: a layer must come this near to the known shapes to be compared with them (web maps shift by up to 500)."""


@dataclass(frozen=True)
class Recognition:
    """Which coordinate system a layer is in.

    chosen        the system to read it with; None when there is none, or a person must choose
    candidates    every system that fits, the chosen one first, then the likeliest
    distances     metres from the known shapes, one for each candidate; None without known shapes
    share_inside  share (0-1) of the features that the first candidate (with none: the declared system) puts into the
                  widened box; NaN when there is neither
    declared      what the file declares; None when it says nothing or nothing readable
    assumed       ``chosen`` is a guess, not what was declared
    contradicted  something is declared, and the coordinates do not agree with it
    zh, en        the same in sentences for the person who imports the layer
    """

    chosen: Candidate | None
    candidates: tuple[Candidate, ...]
    distances: tuple[float, ...] | None
    share_inside: float
    declared: Candidate | None
    assumed: bool
    contradicted: bool
    zh: str
    en: str

    @property
    def swapped(self) -> bool:
        """The axes must be swapped to read the layer."""
        return self.chosen is not None and self.chosen.swapped


@dataclass(frozen=True, eq=False)
class Fit:
    """What a candidate makes of the layer.

    places    longitudes and latitudes of points in its features, (n, 2); NaN where there are none
    share     share (0-1) of them in the widened box
    distance  median distance in metres from the known shapes; NaN without such shapes
    """

    candidate: Candidate
    places: Points
    share: float
    distance: float = float("nan")

    def apart(self, other: Fit) -> float:
        """Median distance in metres between where two systems put the layer; infinite if they share no place."""
        gaps = distances(self.places, other.places)
        gaps = gaps[np.isfinite(gaps)]
        return float(np.median(gaps)) if len(gaps) else float("inf")


def describe(
    chosen: Fit | None, fits: list[Fit], rivals: list[Fit], first: Fit | None, *, unreadable: bool
) -> Recognition:
    """The result in figures and words.

    fits        all that fit, the chosen one first; ``rivals`` are those among them that the known shapes leave possible
    first       the declared system, whether it fits or not; None when nothing, or nothing readable, is declared
    unreadable  something is declared that is no coordinate system
    """
    leading = chosen or (fits[0] if fits else first)
    said = [_said(chosen, first, unreadable=unreadable, fits=first in fits)]
    if chosen is None:
        said.append(_asked(rivals))
    else:
        said += [] if chosen is first else [_assumed(chosen)]
        said += _cautions(chosen)
    return Recognition(
        chosen=chosen.candidate if chosen else None,
        candidates=tuple(one.candidate for one in fits),
        distances=tuple(one.distance for one in fits) if any(one.distance >= 0 for one in fits) else None,
        share_inside=leading.share if leading else np.nan,
        declared=first.candidate if first else None,
        assumed=chosen is not None and chosen is not first,
        contradicted=first is not None and chosen is not first,
        zh="".join(zh for zh, _ in said),
        en=" ".join(en for _, en in said),
    )


def _said(chosen: Fit | None, first: Fit | None, *, unreadable: bool, fits: bool) -> tuple[str, str]:
    """What the file says, and whether it is so."""
    if unreadable:
        return "文件里的坐标系说明无法识别。", "The coordinate system named in the file cannot be read."
    if first is None:
        return "文件没有声明坐标系。", "The file declares no coordinate system."
    zh, en = first.candidate.zh, first.candidate.en
    inside = f"{first.share:.0%}"
    if chosen is first:
        return (
            f"按文件声明读取：{zh}；{inside} 的图形落在本区范围内。",
            f"Read as declared: {en}; {inside} of the features lie in the district.",
        )
    if fits:
        metres = f"{first.distance:,.0f}"
        return (
            f"文件声明为“{zh}”，但这样与已知图形中位相差 {metres} 米，比别的坐标系差。",
            f"The file declares {en}, but the features would lie a median {metres} m from the known shapes, farther "
            "than in another system.",
        )
    return (
        f"文件声明为“{zh}”，但这样只有 {inside} 的图形落在本区范围内，与坐标不符。",
        f"The file declares {en}, but only {inside} of the features would lie in the district: the coordinates "
        "disagree.",
    )


def _assumed(chosen: Fit) -> tuple[str, str]:
    zh, en, inside = chosen.candidate.zh, chosen.candidate.en, f"{chosen.share:.0%}"
    near_zh = near_en = ""
    if chosen.distance >= 0:
        near_zh = f"，与已知图形中位相差 {chosen.distance:,.0f} 米"
        near_en = f", a median {chosen.distance:,.0f} m from the known shapes"
    return (
        f"按坐标推定为“{zh}”：{inside} 的图形落在本区范围内{near_zh}。请确认后再使用。",
        f"Assumed from the coordinates: {en}; {inside} of the features lie in the district{near_en}. Confirm before "
        "use.",
    )


def _asked(rivals: list[Fit]) -> tuple[str, str]:
    """Why nothing is chosen, and whom to ask what."""
    if not rivals:
        return (
            "没有一种常用坐标系能使图层落在本区范围内：它可能不是本区的图层、远大于本区，或用了带平移、旋转的地方坐标系。"
            "请向提供单位询问坐标系名称，或索要 CGCS2000 经纬度的图层。",
            "No common coordinate system puts the layer into the district: it may show another place, reach far beyond "
            "the district, or use a local grid that is shifted or turned. Ask the office which system it is, or for "
            "the layer in CGCS2000 longitudes and latitudes.",
        )
    apart: list[Fit] = []
    for one in rivals:
        if all(one.apart(other) > SAME_PLACE for other in apart):
            apart.append(one)
    metres = f"{max(apart[0].apart(one) for one in apart[1:]):,.0f}"
    zh = "、".join(f"“{one.candidate.zh}”" for one in apart)
    en = "; ".join(one.candidate.en for one in apart)
    return (
        f"有 {len(apart)} 种坐标系都能使图形落在本区：{zh}，位置相差达 {metres} 米，仅凭坐标分不出来。"
        "请向提供单位询问，或用位置已知的图层比对。",
        f"{len(apart)} systems put the features into the district: {en}. They differ by up to {metres} m, and the "
        "coordinates alone cannot tell. Ask the office, or compare with a layer whose position is known.",
    )


def _cautions(chosen: Fit) -> list[tuple[str, str]]:
    said = []
    if chosen.candidate.swapped:
        said.append(
            (
                "坐标先北后东（X、Y 颠倒），读取时对调。",
                "The coordinates stand northing first (X and Y swapped); they are swapped back.",
            )
        )
    if chosen.candidate.older:
        said.append(
            (
                "旧坐标系换算到 CGCS2000 没有用本地参数，位置误差有几十米，最大约 120 米；"
                "若坐标其实是 CGCS2000，请改选。",
                "An older datum is taken to CGCS2000 without local parameters: positions are tens of metres off, up to "
                "about 120. If the coordinates are in fact CGCS2000, choose that instead.",
            )
        )
    if chosen.distance > COMPARABLE:
        said.append(
            (
                f"图形与已知图形中位相差 {chosen.distance:,.0f} 米，请先核对是不是同一地区的图层。",
                f"The features lie a median {chosen.distance:,.0f} m from the known shapes: check that they show the "
                "same places.",
            )
        )
    return said
