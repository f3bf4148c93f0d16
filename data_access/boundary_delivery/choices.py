"""What a person decided about a delivery: layers, columns, coordinate system, and what it is called."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from data_access.errors import UserError
from geo.coordinates import DATUMS


@dataclass(frozen=True)
class DeliveryChoices:
    """Everything an import needs besides the file.

    Attributes
    ----------
    villages, townships
        Names of the layers with the shapes of each level; None where the delivery has none. At least one is needed.
    encoding
        Of texts, when a person knows better than the bytes.
    system, swapped
        The coordinate system as pyproj reads it, and whether the file has the northing first; None to recognise it.
    datum
        "CGCS2000" (nothing is shifted), "GCJ-02" or "BD-09".
    columns
        Level → {"code": …, "name": …, "township": …}: columns a person named; what is not there is guessed.
    answers
        Level → number of the shape → code of its place, "" to leave it out.
    snap, gap, tolerance
        Metres; see :func:`geo.coverage.clean_coverage`.
    name, source, licence, review_number, attribution, valid_from
        What is kept with the layer; see :class:`data_access.boundaries.LayerOrigin`.
    """

    villages: str | None = None
    townships: str | None = None
    encoding: str | None = None
    system: str | None = None
    swapped: bool = False
    datum: str = "CGCS2000"
    columns: dict[str, dict[str, str | None]] = field(default_factory=dict)
    answers: dict[str, dict[int, str]] = field(default_factory=dict)
    snap: float = 2.0
    gap: float = 5.0
    tolerance: float | None = 30.0
    name: str = ""
    source: str = ""
    licence: str = ""
    review_number: str = ""
    attribution: str = ""
    valid_from: dt.date = dt.date(2020, 1, 1)

    def check(self) -> None:
        """Raise `UserError` for choices that cannot be followed."""
        if not (self.villages or self.townships):
            raise UserError(
                zh="还没有选择图层；请至少选定村社图层或镇街图层。",
                en="No layer is chosen; choose the layer of villages, of townships, or both.",
            )
        if self.villages is not None and self.villages == self.townships:
            raise UserError(
                zh=f"图层“{self.villages}”不能既是村社又是镇街；请改选其一。",
                en=f"The layer '{self.villages}' cannot hold both villages and townships; change one of the two.",
            )
        if self.datum not in DATUMS:
            raise UserError(
                zh=f"没有名为“{self.datum}”的坐标基准；请用 {'、'.join(DATUMS)}。",
                en=f"There is no datum '{self.datum}'; use {', '.join(DATUMS)}.",
            )
        for label, label_en, metres in (("捕捉", "snapping", self.snap), ("缝隙", "gap", self.gap),
                                        ("简化", "simplifying", self.tolerance or 0.0)):  # fmt: skip
            if not 0 <= metres <= 500:
                raise UserError(
                    zh=f"{label}距离是 {metres:g} 米；请填 0 到 500 之间的数。",
                    en=f"The distance for {label_en} is {metres:g} m; give a number from 0 to 500.",
                )

    def to_json(self) -> str:
        """As text for a job's order."""
        return json.dumps(asdict(self) | {"valid_from": self.valid_from.isoformat()}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> DeliveryChoices:
        """What `to_json` wrote."""
        plain: dict[str, Any] = json.loads(text)
        plain["valid_from"] = dt.date.fromisoformat(plain["valid_from"])
        plain["answers"] = {
            level: {int(row): code for row, code in rows.items()} for level, rows in plain["answers"].items()
        }
        return cls(**plain)
