"""The server: `streamlit run serve.py`. The same app as app.py, with what belongs to a server around it.

Static files go out compressed once and cached by the browser, every answer carries security headers, the database and
the heavy libraries are looked at before the first reader comes, /readyz says whether there is data, and an error of
ours becomes a number in the log and a sentence on the screen.
"""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import anyio
import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit import net_util

from data_access.errors import UserError
from data_access.job_watch import keep_clean
from data_access.releases import DataVersion
from data_access.settings import read_settings
from indicators.catalogue import CatalogueError, load_catalogue
from ui.navigation import switch_off_old_rules
from ui.web_answers import CompressedStaticFiles, SecurityHeaders

PROJECT = Path(__file__).resolve().parent
HEAVY = ("pandas", "scipy.stats", "geopandas", "plotly.graph_objects", "sqlalchemy", "ui.page_head", "ui.navigation")
log = logging.getLogger("governance_balance")


def look_at_database() -> DataVersion | None:
    """The data version readers would see now; None when the database is empty, not made or out of reach."""
    from ui import cached_reads

    try:
        return cached_reads.data_version()
    except SQLAlchemyError:
        log.exception("The database cannot be read; check DATABASE_URL.")
        return None


def open_log() -> None:
    """Our own lines, with their time, on standard error."""
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False


def prepare() -> DataVersion | None:
    """Import what the first reader would wait for, and say in the log whether there is data."""
    open_log()
    switch_off_old_rules()
    for name in HEAVY:
        import_module(name)
    keep_clean()
    log.info("http://localhost:%s", st.get_option("server.port"))
    version = look_at_database()
    if version is None:
        log.warning("The database holds no data yet: run python -m data_access init.")
    else:
        log.info("Data version %s, as of %s.", version.number, version.as_of)
    return version


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Before the first reader comes."""
    version = await anyio.to_thread.run_sync(prepare)
    if version is not None and read_settings().warm_up:
        import_module("ui.warm_up").warm_up_in_background(version)
    yield {}


async def ready(_request: Request) -> JSONResponse:
    """200 with the data version when readers will see data, 503 otherwise. Says nothing about the data itself."""
    version = await anyio.to_thread.run_sync(look_at_database)
    if version is None:
        return JSONResponse({"ready": False}, status_code=503)
    return JSONResponse({"ready": True, "data_version": version.number})


def tell_of_error(error: Exception) -> bool:
    """Show a sentence in place of a traceback; what is no UserError goes to the log under a number the reader sees."""
    from data_access.database_faults import is_away
    from ui import messages
    from ui.texts import text

    if isinstance(error, UserError):
        messages.user_error(error, lang=str(st.session_state.get("lang") or "zh"))
        return True
    reference = secrets.token_hex(4).upper()
    if is_away(error):
        log.error("The database does not answer. %s", reference, exc_info=error)
        lang = str(st.session_state.get("lang") or "zh")
        messages.problem(text("frame.messages.not_read_before", lang, reference=reference))
        return True
    log.error("Error %s", reference, exc_info=error)
    messages.fault(reference)
    return True


def ask_nobody_for_our_address() -> None:
    """Streamlit would ask a host on the internet for this machine's outside address, at the start and again for
    readers who come by a name it does not know. There is no outside; intranet names go into ``corsAllowedOrigins``."""
    net_util.get_external_ip = lambda: None


def map_origins() -> tuple[str, ...]:
    """The hosts of the configured base map; none without one. Ends the start with a sentence for one that is wrong."""
    try:
        ground = read_settings().base_map
    except UserError as problem:
        sys.exit(f"{problem.zh}\n{problem.en}")
    return ground.origins if ground else ()


def require_catalogue() -> None:
    """End the start with one sentence (file, field, value, remedy) when a definition file cannot be used."""
    try:
        load_catalogue()
    except CatalogueError as problem:
        sys.exit(str(problem))


ask_nobody_for_our_address()
require_catalogue()
app = st.App(
    PROJECT / "app.py",
    lifespan=lifespan,
    routes=[Route("/readyz", ready)],
    middleware=[Middleware(SecurityHeaders, map_origins=map_origins()), Middleware(CompressedStaticFiles)],
    on_script_error=tell_of_error,
)

if __name__ == "__main__":
    app.run()
