"""The views readers open first, computed before they ask: the ready-made periods, the township sets, the indicators.

A view nobody has opened since the data changed costs some tenths of a second once; here that is paid in the
background, a little at a time, after the server has started.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from typing import Final

from data_access.permissions import Scope
from data_access.released_months import local_now, seen_until
from data_access.releases import DataVersion
from data_access.settings import read_settings
from ui import cached_reads
from ui.address import FIXED_SETS, periods
from ui.measures import View, present_layer_number
from ui.navigation import HEADLINE, ROLES
from ui.payloads.overview_payload import mounted, mounted_map
from ui.texts import LANGUAGES

PAUSE_SECONDS: Final = 0.05
log = logging.getLogger("governance_balance")


def views(version: DataVersion) -> Iterator[tuple[View, str]]:
    """Views with the indicator on their map, in the order in which leaders, who open them first, are likely to want
    them; nothing of a month they may not see."""
    until = cached_reads.releases().limit(ROLES[0], now=local_now())
    version = seen_until(version, until)
    if version.first_month is None or version.last_month is None:
        return
    spans = periods(version.first_month, version.last_month)
    wanted = [(span, "all", HEADLINE[0]) for span in spans.values()]
    wanted += [(spans["last12"], "all", indicator) for indicator in HEADLINE[1:]]
    wanted += [(spans["last12"], township_set, HEADLINE[0]) for township_set in FIXED_SETS[1:]]
    for (first, last), township_set, indicator in dict.fromkeys(wanted):
        for lang in LANGUAGES:
            yield (
                View(
                    root=read_settings().root_place,
                    villages_of=None,
                    first=first,
                    last=last,
                    township_set=township_set,
                    version=version.number,
                    first_month=version.first_month,
                    provisional_from=version.provisional_from,
                    lang=lang,
                    until=until,
                    layer=present_layer_number(),
                ),
                indicator,
            )


def warm_up(version: DataVersion) -> int:
    """Compute every view of :func:`views`; the number computed. Stops early when newer data have come."""
    count = 0
    for until in {cached_reads.releases().limit(ROLES[0], now=local_now()), None}:
        cached_reads.revisions(Scope(root=read_settings().root_place, until=until), version=version.number)
    for view, indicator in views(version):
        now = cached_reads.data_version()
        if now is None or now.number != version.number:
            break
        mounted(view, indicator, version.demonstration, None)
        mounted_map(view, indicator, version.demonstration, None)
        count += 1
        time.sleep(PAUSE_SECONDS)
    return count


def warm_up_in_background(version: DataVersion) -> threading.Thread:
    """Start :func:`warm_up` beside the server. An error in it ends the thread and is logged; pages compute anyway."""
    thread = threading.Thread(
        target=lambda: log.info("%s views are ready.", warm_up(version)), name="warm-up", daemon=True
    )
    thread.start()
    return thread
