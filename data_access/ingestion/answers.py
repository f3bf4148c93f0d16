"""What a steward has confirmed about a file: which heading means which field, which name means which village."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answers:
    """Confirmed meanings.

    Attributes
    ----------
    headings
        Heading as it stands in the file → field of the form, None for a column to leave out.
    places
        (township, village) as they stand in the file → code of the village.
    """

    headings: Mapping[str, str | None] = field(default_factory=dict)
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def to_json(self) -> str:
        """As text that `from_json` reads."""
        places = [[township, village, code] for (township, village), code in self.places.items()]
        return json.dumps({"headings": dict(self.headings), "places": places}, ensure_ascii=False)

    @classmethod
    def from_json(cls, written: str) -> Answers:
        """The answers that `to_json` wrote."""
        given = json.loads(written)
        places = {(township, village): code for township, village, code in given["places"]}
        return cls(headings=given["headings"], places=places)
