"""A layer that begins or ceases to count, and what follows: positions are located anew where surveyed shapes count."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Engine

from data_access.boundaries import BoundaryLayer, accept_layer, present_layer, set_aside_layer
from data_access.relocation import Relocation, relocate


@dataclass(frozen=True, eq=False)
class Change:
    """What came of accepting a layer or setting it aside.

    Attributes
    ----------
    layer
        The layer as it is now.
    present
        The layer that counts today; None where none does.
    relocation
        What was located anew; None where the layer that counts is the same as before, schematic or without villages.
    """

    layer: BoundaryLayer
    present: BoundaryLayer | None
    relocation: Relocation | None

    def sentences(self) -> tuple[str, str]:
        """What there is to know besides that it was done, in both languages; "" for nothing."""
        zh, en = [], []
        if self.layer.accepted and (self.present is None or self.present.id != self.layer.id):
            name_zh, name_en = _called(self.present)
            zh.append(f"今天使用的仍是{name_zh}：测绘图层先于示意图层，其后以生效日期和导入先后为准。")
            en.append(f"Today {name_en} is still in use: surveyed layers come before schematic ones, then the later "
                      "date of validity and the newer layer count.")  # fmt: skip
        if self.relocation is not None:
            zh.append(_moved(self.relocation)[0])
            en.append(_moved(self.relocation)[1])
        return "".join(zh), " ".join(en)


def accept(engine: Engine, number: int, *, by: str, at: str = "") -> Change:
    """Let a waiting layer count, and locate positions anew on it. Raises UserError when the layer is gone.

    Doing it again is harmless, and locates again: for a layer that was accepted ahead of its day, and after a fault
    between the two steps.
    """
    before = present_layer(engine)
    return _change(engine, accept_layer(engine, number, by=by, at=at), before, by=by, at=at)


def set_aside(engine: Engine, number: int, *, by: str, at: str = "") -> Change:
    """A layer counts no longer; positions are located anew where another surveyed one does."""
    before = present_layer(engine)
    return _change(engine, set_aside_layer(engine, number, by=by, at=at), before, by=by, at=at)


def _change(engine: Engine, layer: BoundaryLayer, before: BoundaryLayer | None, *, by: str, at: str) -> Change:
    present = present_layer(engine)
    if present is None or not present.surveyed or not present.villages:
        return Change(layer, present, None)
    same = before is not None and before.id == present.id and layer.id != present.id
    return Change(layer, present, None if same else relocate(engine, by=by, at=at))


def _called(layer: BoundaryLayer | None) -> tuple[str, str]:
    if layer is None:
        return "没有图层（尚未到生效日期）", "no layer"
    return f"“{layer.origin.name}”", f"'{layer.origin.name}'"


def _moved(moved: Relocation) -> tuple[str, str]:
    zh = f"已按新边界重新定位：{moved.sites_moved} 个对象、{moved.issues_moved} 件工单换了村社"
    en = f"Positions were located anew: {moved.sites_moved} sites and {moved.issues_moved} issues changed their village"
    outside, elsewhere = (moved.sites_outside, moved.issues_outside), (moved.sites_elsewhere, moved.issues_elsewhere)
    if any(outside):
        zh += f"，{outside[0]} 个对象、{outside[1]} 件工单在所有村社之外、村社不变"
        en += f"; {outside[0]} sites and {outside[1]} issues lie outside all villages and stay where they were"
    if any(elsewhere):
        zh += f"，{elsewhere[0]} 个对象、{elsewhere[1]} 件工单的坐标不在所填村社之内、以所填为准"
        en += f"; {elsewhere[0]} sites and {elsewhere[1]} issues lie outside the village they name, which counts"
    return f"{zh}。", f"{en}."
