"""Which coordinate system a delivered layer is read in."""

from __future__ import annotations

import geopandas as gpd

from data_access.boundary_delivery.choices import DeliveryChoices
from data_access.boundary_delivery.columns import PlaceColumns
from data_access.boundary_delivery.findings import sentence
from data_access.boundary_delivery.known import Known
from data_access.boundary_delivery.matching import match_places
from data_access.errors import UserError
from geo.candidate_systems import Candidate, declared_candidate
from geo.reference_systems import Recognition, recognise


def recognised(frame: gpd.GeoDataFrame, columns: PlaceColumns, known: Known) -> Recognition:
    """The coordinate system a layer seems to be in, with the help of shapes whose position is known."""
    reference = known.surveyed
    coded = frame
    if reference is not None and columns.level is not None:
        coded = frame.assign(code=match_places(frame, known.register, columns).codes)
        coded = coded[coded["code"].notna()]
        if coded.empty:
            coded, reference = frame, None
    elif reference is not None:
        reference = None
    return recognise(coded, box=known.box, declared=frame.crs, reference=reference)


def chosen_system(
    frame: gpd.GeoDataFrame, columns: PlaceColumns, choices: DeliveryChoices, known: Known
) -> tuple[Candidate, list[dict[str, str]]]:
    """The system the layer is read in: the one a person gave, else the one it seems to be in; and what to say of it.

    Raises UserError where nobody gave one and none can be told, and for a name that is none.
    """
    found = recognised(frame, columns, known)
    chosen = found.chosen
    if choices.system is None:
        if chosen is None:
            raise UserError(zh=f"{found.zh}请指定坐标系。", en=f"{found.en} Say which coordinate system it is.")
        kind = "look" if found.assumed or found.contradicted else "found"
        return chosen, [sentence(found.zh, found.en, kind=kind)]
    given = _given(choices)
    if chosen is not None and _same(chosen, given):
        return chosen, [sentence(found.zh, found.en, kind="look" if found.contradicted else "found")]
    said = [sentence(f"坐标系按指定的“{given.zh}”读取。", f"Read in the coordinate system given: {given.en}.")]
    if chosen is not None:
        said.append(sentence(f"按坐标推断应是“{chosen.zh}”，与指定的不同；请核对。",
                             f"By its coordinates it would rather be {chosen.en}; check it.", kind="look"))  # fmt: skip
    elif not any(_same(one, given) for one in found.candidates):
        said.append(sentence(found.zh, found.en, kind="look"))
    return given, said


def _given(choices: DeliveryChoices) -> Candidate:
    told = (choices.system or "").strip()
    known = declared_candidate(told, ())
    if known is None:
        raise UserError(
            zh=f"“{told}”不是已知的坐标系；请写成 EPSG:4549 这样的代号。",
            en=f"'{told}' is no known coordinate system; give a code such as EPSG:4549.",
        )
    return Candidate(told, known.zh, known.en, swapped=choices.swapped)


def _same(one: Candidate, other: Candidate) -> bool:
    return (one.crs.upper(), one.swapped) == (other.crs.upper(), other.swapped)
