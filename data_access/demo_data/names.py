"""Invented names for estates, firms and property companies; none is meant to be, or taken from, a real one."""

from __future__ import annotations

import numpy as np

# Every firm's name opens with a character that says "for example", "drawn up", "sample": plainly made up.
_FIRM_OPENING = "拟例虚试仿样设喻"
_FIRM_SECOND = "和丰兴盛泰宏诚达远通润安嘉瑞康荣益茂恒昌"
_FIRM_THIRD = "禾川屿岚汀舟岫桐榆枫竹杉柏菱荷苇荻蒲葵藤"
_INDUSTRY = {
    "制造业": ("五金厂", "机械有限公司", "模具厂", "电器有限公司", "塑料制品厂", "紧固件厂", "汽配有限公司"),
    "批发零售": ("贸易有限公司", "商行", "百货店", "建材经营部"),
    "住宿餐饮": ("餐饮店", "酒店管理有限公司", "小吃店"),
    "交通物流": ("物流有限公司", "货运服务部"),
    "信息服务": ("信息技术有限公司", "软件有限公司"),
    "居民服务": ("家政服务部", "汽修店", "洗衣店"),
    "建筑业": ("建设工程有限公司", "装饰工程有限公司"),
}
_INDUSTRY_SHARE = (0.44, 0.20, 0.10, 0.07, 0.07, 0.08, 0.04)

_ESTATE_FIRST = "禾岫汀苇荻菱榆棠楸桐槿芷芸苓菡萏漪沚渚洵溆浔"
_ESTATE_SECOND = "屿澜岚曦霁昀晗煦暄旸晏昱晟澍泓沐湉漾渌淙汐沄"
_ESTATE_KIND = ("苑", "庭", "里", "园", "府", "新村", "花苑", "名邸")
_OFFICE_KIND = ("大厦", "商务中心", "广场写字楼", "创业楼")
_PROPERTY_SECOND = "和安宁祥静雅洁居邻睦"


def _spread(rng: np.random.Generator, parts: tuple[str, ...], count: int) -> list[str]:
    """``count`` different combinations, one character (or word) from each of ``parts``, in drawn order."""
    sizes = [len(part) for part in parts]
    picks = rng.choice(int(np.prod(sizes)), size=count, replace=False)
    return ["".join(part[i] for part, i in zip(parts, np.unravel_index(pick, sizes), strict=True)) for pick in picks]


def estate_names(rng: np.random.Generator, *, residential: int, offices: int) -> list[str]:
    """Names of ``residential`` estates followed by ``offices`` office buildings; all different."""
    stems = _spread(rng, (_ESTATE_FIRST, _ESTATE_SECOND, "甲乙丙"), residential + offices)
    kinds = [str(k) for k in rng.choice(_ESTATE_KIND, size=residential)]
    kinds += [str(k) for k in rng.choice(_OFFICE_KIND, size=offices)]
    seen: set[str] = set()
    names = []
    for stem, kind in zip(stems, kinds, strict=True):
        name = stem[:2] + kind
        if name in seen:  # the third character tells namesakes apart
            name = f"{stem[:2]}{kind}{stem[2]}区"
        seen.add(name)
        names.append(name)
    return names


def firm_names(rng: np.random.Generator, count: int) -> tuple[list[str], list[str]]:
    """``count`` different firm names and the industry of each."""
    stems = _spread(rng, (_FIRM_OPENING, _FIRM_SECOND, _FIRM_THIRD), min(count, 8 * 20 * 20))
    industries = [str(i) for i in rng.choice(list(_INDUSTRY), size=count, p=_INDUSTRY_SHARE)]
    names = []
    for i, industry in enumerate(industries):
        endings = _INDUSTRY[industry]
        repeat = i // len(stems)
        tail = "" if repeat == 0 else f"第{repeat + 1}分店"
        names.append(stems[i % len(stems)] + endings[int(rng.integers(len(endings)))] + tail)
    return names, industries


def property_companies() -> list[str]:
    """The invented property companies."""
    return [f"{opening}{second}物业服务" for opening in "拟例样" for second in _PROPERTY_SECOND]
