"""`python -m bench pages`: measure every page of the real app. Ends with code 1 when a page showed an error."""

import argparse
import sys

from sqlalchemy import make_url

from bench import report
from bench.pages import measure_pages
from data_access.settings import read_settings
from scripts.running_app import AppDidNotStart


def main() -> int:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    pages = commands.add_parser("pages", help="CPU, bytes and rows of opening each page and changing its choices")
    pages.add_argument("--changes", type=int, default=20, help="different views of each page (default 20)")
    pages.add_argument("--opens", type=int, default=10, help="times each page is opened again (default 10)")
    pages.add_argument("--page", metavar="KEY", help="one page only, such as briefing/overview")
    pages.add_argument("--no-write", action="store_true", help="print only; write no results")
    given = parser.parse_args()
    database_url = read_settings().database_url
    try:
        measures = measure_pages(
            database_url=database_url, changes=given.changes, opens=given.opens, only=given.page, say=_say
        )
    except (AppDidNotStart, LookupError) as problem:
        sys.exit(str(problem))
    print(report.table(measures))
    if not given.no_write:
        _say(f"written to {report.write(measures, database=make_url(database_url).get_backend_name())}")
    broken = {f"{measure.page}: {error}" for measure in measures for error in measure.errors}
    for line in sorted(broken):
        _say(line)
    return 1 if broken else 0


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
