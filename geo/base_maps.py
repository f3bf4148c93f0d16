"""The base map under surveyed layers: tiles or a style from one configured address, checked before anything asks it.

Web Mercator tiles of the usual numbering (z from 0, x eastward, y southward from the north-west corner). The datum of
the tiles has to be CGCS2000 or WGS 84; tiles in GCJ-02 lie some 500 m off and nothing here can see that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from geo.errors import LayerError

PLACEHOLDERS: Final = ("{z}", "{x}", "{y}")
TILE_PIXELS: Final = 256
LEAST_ZOOM: Final = 1
"""天地图 has no tile of zoom 0."""
GREATEST_ZOOM: Final = 18
"""Beyond it the last tiles are drawn larger."""
MOST_SIGNS: Final = 2000
_ANY_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
_HOST: Final = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


@dataclass(frozen=True)
class BaseMap:
    """A base map that may be asked for; made by :func:`base_map`, which checks it.

    Attributes
    ----------
    address
        A tile template with {z}, {x} and {y}, or the address of a MapLibre style (version 8). It may hold a key, so it
        is left out of ``repr``.
    labels
        A second tile template, drawn on top (names as a layer of their own); "" for none.
    attribution
        What has to be printed beside the map.
    """

    address: str = field(repr=False)
    labels: str = field(repr=False)
    attribution: str

    @property
    def is_style(self) -> bool:
        """Whether the address is that of a style."""
        return _is_style(self.address)

    @property
    def origins(self) -> tuple[str, ...]:
        """The hosts that are asked, as "scheme://host:port", each once."""
        return tuple(dict.fromkeys(_origin(one) for one in (self.address, self.labels) if one))

    def style(self) -> str | dict[str, Any]:
        """The address of the style, or a style (version 8) with the tiles as its raster sources, labels above."""
        if self.is_style:
            return self.address
        sources = {"ground": self.address} | ({"labels": self.labels} if self.labels else {})
        about = {"type": "raster", "tileSize": TILE_PIXELS, "minzoom": LEAST_ZOOM, "maxzoom": GREATEST_ZOOM}
        return {
            "version": 8,
            "sources": {name: {**about, "tiles": [template]} for name, template in sources.items()},
            "layers": [{"id": name, "type": "raster", "source": name} for name in sources],
        }


def base_map(address: str, *, labels: str = "", attribution: str = "") -> BaseMap | None:
    """The base map of these settings; None where ``address`` is empty: there is none.

    Raises LayerError, without repeating an address (it may hold a key), for anything that cannot be used: a scheme
    other than http and https, a name and password before the host, a template without exactly one {z}, {x} and {y} or
    with other placeholders, labels without tiles under them, or a missing attribution.
    """
    address, labels, attribution = address.strip(), labels.strip(), attribution.strip()
    if not address:
        if labels:
            raise _error(
                "BASE_MAP_LABELS",
                "只有注记、没有底图；请同时设置 BASE_MAP，或去掉这一项",
                "names labels without a map under them; set BASE_MAP as well, or leave it out",
            )
        return None
    _require_address("BASE_MAP", address)
    if not _is_style(address):
        _require_template("BASE_MAP", address)
    if labels:
        if _is_style(address):
            raise _error(
                "BASE_MAP_LABELS",
                "不能叠加在样式文件上；请在样式文件里加入注记，或改用瓦片地址",
                "cannot lie on a style; put the labels into the style, or use tile addresses",
            )
        _require_address("BASE_MAP_LABELS", labels)
        _require_template("BASE_MAP_LABELS", labels)
    if not attribution:
        raise _error(
            "BASE_MAP_ATTRIBUTION",
            "没有填写，而底图必须注明来源和审图号；请填写，例如“天地图 审图号：GS(2024)0568号”",
            "is empty, but a base map has to name its source and review number; write it, for example "
            "'Tianditu, review number GS(2024)0568'",
        )
    return BaseMap(address=address, labels=labels, attribution=attribution)


def _require_address(setting: str, address: str) -> None:
    stray = any(sign.isspace() or not sign.isprintable() or sign in "\"'<>\\" for sign in address)
    if len(address) > MOST_SIGNS or stray:
        raise _error(
            setting,
            "含有空格、引号等地址中不应有的字符，或过长；请检查",
            "holds spaces, quotes or the like, or is too long; check it",
        )
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known or not _HOST.fullmatch(parts.netloc.rpartition("@")[2]):
        raise _error(
            setting,
            "不是完整的地址；请以 http:// 或 https:// 开头，写明服务器，不使用 {s} 之类的子域名占位符",
            "is no complete address; begin with http:// or https://, name the server, and use no placeholder such as "
            "{s} in its name",
        )
    if "@" in parts.netloc:
        raise _error(
            setting,
            "在服务器名前带有用户名或密码，浏览器会拒绝；请去掉，改用服务方给的密钥参数",
            "has a name or password before the server, which browsers refuse; use the provider's key parameter",
        )


def _require_template(setting: str, address: str) -> None:
    if sorted(_ANY_PLACEHOLDER.findall(address)) != sorted(PLACEHOLDERS):
        raise _error(
            setting,
            "应当把 {z}、{x}、{y} 各写一次，不写别的占位符；样式文件的地址须以 .json 结尾",
            "has to hold {z}, {x} and {y} once each and no other placeholder; the address of a style ends in .json",
        )


def _is_style(address: str) -> bool:
    return urlsplit(address).path.endswith(".json") and not _ANY_PLACEHOLDER.search(address)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _error(setting: str, zh: str, en: str) -> LayerError:
    return LayerError(zh=f"底图设置 {setting} {zh}。", en=f"The base map setting {setting} {en}.")
