"""The errors a person can act on, for the rooms from here upward; the family itself is defined below, in indicators."""

from __future__ import annotations

from indicators.errors import UserError

__all__ = ["UserError"]
