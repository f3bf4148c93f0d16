"""The schema: reference tables, facts, counts, intake, and the tables that keep the house running.

Constraints refuse nonsense at the last door: counts below zero, numerators above denominators, cases closed before they
were reported, codes and words that do not exist. Months are integers YYYYMM; codes are the national statistical codes.
"""

from data_access.tables.base import metadata
from data_access.tables.counts import (
    INSPECTION_COUNTERS,
    ISSUE_COUNTERS,
    inspection_monthly,
    issue_monthly,
    measurement_monthly,
)
from data_access.tables.facts import inspection_result, issue, measurement
from data_access.tables.house import annotation, audit_event, briefing, data_version, person, release, release_figure
from data_access.tables.intake import (
    batch,
    batch_flag,
    emptied_result,
    heading_answer,
    name_alias,
    register_row,
    rejected_row,
    row_sighting,
    submission,
)
from data_access.tables.reference import (
    boundary_layer,
    boundary_shape,
    estate,
    firm,
    place,
    place_change,
    place_change_part,
    place_code,
    site,
)

__all__ = [
    "INSPECTION_COUNTERS", "ISSUE_COUNTERS", "annotation", "audit_event", "batch", "batch_flag", "boundary_layer",
    "boundary_shape", "briefing", "data_version", "emptied_result", "estate", "firm", "heading_answer",
    "inspection_monthly", "inspection_result", "issue", "issue_monthly", "measurement", "measurement_monthly",
    "metadata", "name_alias", "person", "place", "place_change", "place_change_part", "place_code", "register_row",
    "rejected_row", "release", "release_figure", "row_sighting", "site", "submission",
]  # fmt: skip
