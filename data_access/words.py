"""The closed word lists of the data: dimensions and their values as INDICATORS names them."""

from __future__ import annotations

LEVELS = ("province", "city", "district", "township", "village")
CODE_LENGTHS = {"province": 2, "city": 4, "district": 6, "township": 9, "village": 12}
AREA_TYPES = ("urban", "rural")
SETTLEMENT_AGES = ("established", "new")
MANAGEMENTS = ("managed", "self_governed")
FIRM_SIZES = ("large", "medium", "small", "micro")
CHANNELS = ("hotline", "web", "new_media", "grid_patrol", "petition_agent", "field_visit")
CATEGORIES = ("policy_enquiry", "livelihood_help", "complaint", "suggestion", "dispute", "hazard")
CAMPAIGNS = (
    "property_governance", "community_nuisance", "office_building", "rental_housing", "scattered_industry", "none",
)  # fmt: skip
ITEMS = (
    "gate_control", "entry_registration", "temperature_check", "arrivals_tracing", "home_observation", "disinfection",
    "supplies", "notices", "site_plan", "duty_roster", "staff_registry", "dormitory_isolation",
)  # fmt: skip
SITE_KINDS = ("village_gate", "estate", "firm", "office_building")

PLACE_CHANGES = ("merge", "split", "rename")
LOCATED_BY = ("stated", "inside", "nearest")

UNKNOWN = "unknown"
ISSUE_DIMENSIONS = ("area_type", "settlement_age", "management", "firm_size", "channel", "category", "campaign")
INSPECTION_DIMENSIONS = ("area_type", "settlement_age", "management", "firm_size", "item")
