"""What a reader could choose on a page, as query strings: taken from the menu, the catalogue and the database."""

from collections.abc import Iterator
from itertools import product
from urllib.parse import urlencode

from data_access.engine import create_engine
from data_access.permissions import Scope
from data_access.places import read_places
from data_access.released_months import local_now, read_releases, seen_until
from data_access.releases import current_data_version
from data_access.settings import read_settings
from indicators.catalogue import Catalogue, load_catalogue
from ui.address import FIXED_SETS, add_months
from ui.navigation import ROLES, PageEntry


class Choices:
    """The values of every choice in one database."""

    def __init__(self, database_url: str) -> None:
        engine = create_engine(database_url)
        try:
            scope = Scope(root=read_settings().root_place)
            version = current_data_version(engine)
            if version is not None:  # the benchmark looks on as a leader
                version = seen_until(version, read_releases(engine).limit(ROLES[0], now=local_now()))
            townships = list(read_places(engine, scope=scope, level="township")["code"])
            villages = list(read_places(engine, scope=scope, level="village")["code"])
        finally:
            engine.dispose()
        if version is None or version.first_month is None or version.last_month is None:
            raise LookupError("The database holds no data: run python -m data_access demo first.")
        self._catalogue: Catalogue = load_catalogue()
        self._periods = list(_periods(version.first_month, version.last_month))
        self._townships = townships
        self._villages = villages

    def query_strings(self, page: PageEntry, *, at_most: int) -> list[str]:
        """Up to ``at_most`` different views of ``page``, spread over all its choices; [""] where it offers none."""
        offered: list[list[dict[str, str]]] = []
        for choice in page.choices:
            if choice == "period":
                offered.append(self._periods)
            elif choice == "township_set":
                offered.append([{"set": one} for one in FIXED_SETS])
            elif choice == "indicator" and isinstance(page.indicators, tuple):
                codes = page.offered_indicators(self._catalogue, pairing=None)
                offered.append([{"ind": one} for one in codes])
            elif choice == "pairing":
                offered.append([{"pair": one} for one in self._catalogue.pairings])
            elif choice == "township" and "village" not in page.choices:
                offered.append([{"tn": one} for one in self._townships])
            elif choice == "village":
                offered.append([{"tn": one[:9], "vl": one} for one in self._villages])
        combinations = list(product(*[one for one in offered if one]))
        step = max(1, len(combinations) // at_most)
        # An odd step walks through all dimensions instead of along the last one.
        step += step % 2 == 0
        chosen = [combinations[index * step % len(combinations)] for index in range(min(at_most, len(combinations)))]
        queries = [urlencode({key: value for part in one for key, value in part.items()}) for one in chosen]
        return list(dict.fromkeys(queries)) or [""]


def _periods(first: int, last: int) -> Iterator[dict[str, str]]:
    """The default, and windows of 3, 6 and 12 months that end in each of the last months."""
    yield {}
    for back in range(6):
        end = add_months(last, -back)
        for length in (3, 6, 12):
            start = add_months(end, 1 - length)
            if start >= first:
                yield {"from": str(start), "to": str(end)}
