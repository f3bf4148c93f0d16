"""`python -m bench pages`: measure every page of the real app. Ends with code 1 when a page showed an error.
`python -m bench intake`: measure the loading of a large file. Ends with code 1 when a load did something else.
`python -m bench statistics`: measure the statistics of a page and their growth to 30,000 places.
`python -m bench maps`: bytes and seconds of the maps in Chromium; `--url` measures an app that runs already.
`python -m bench province`: measure a map of 25,000 polygons in Chromium."""

import argparse
import sys

from sqlalchemy import make_url

from bench import report
from bench.intake import measure_intake
from bench.maps import measure_maps
from bench.pages import measure_pages
from bench.province import measure_province
from bench.statistics import measure_statistics
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
    pages.set_defaults(run=_pages)
    intake = commands.add_parser("intake", help="rows per second and peak memory of loading a large issue file")
    intake.add_argument("--rows", type=int, default=1_000_000, help="rows of the file (default 1,000,000)")
    intake.add_argument("--runs", type=int, default=3, help="times everything is loaded (default 3)")
    intake.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own as well")
    intake.set_defaults(run=_intake)
    figures = commands.add_parser("statistics", help="CPU of the statistics of a page, and how it grows")
    figures.add_argument("--runs", type=int, default=9, help="times everything is computed (default 9)")
    figures.set_defaults(run=_statistics)
    province = commands.add_parser("province", help="bytes and seconds of a map of very many polygons")
    province.add_argument("--places", type=int, default=25_000, help="polygons (default 25,000)")
    province.add_argument("--turns", type=int, default=5, help="times it is coloured anew (default 5)")
    province.set_defaults(run=_province)
    maps = commands.add_parser("maps", help="bytes of the maps, and seconds from click to painted, in Chromium")
    maps.add_argument("--runs", type=int, default=5, help="new browsers, each with every change (default 5)")
    maps.add_argument("--url", help="an app that runs already, for a comparison with another version")
    maps.set_defaults(run=_maps)
    for one in (pages, intake, figures, province, maps):
        one.add_argument("--no-write", action="store_true", help="print only; write no results")
    given = parser.parse_args()
    return int(given.run(given))


def _pages(given: argparse.Namespace) -> int:
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


def _intake(given: argparse.Namespace) -> int:
    try:
        loads, wrong = measure_intake(rows=given.rows, runs=given.runs, postgres=given.postgres, say=_say)
    except LookupError as problem:
        sys.exit(str(problem))
    print(report.intake_table(loads))
    if not given.no_write:
        _say(f"written to {report.write_intake(loads)}")
    for line in wrong:
        _say(line)
    return 1 if wrong else 0


def _statistics(given: argparse.Namespace) -> int:
    timings = measure_statistics(runs=given.runs, say=_say)
    print(report.statistics_table(timings))
    if not given.no_write:
        _say(f"written to {report.write_statistics(timings)}")
    return 0


def _province(given: argparse.Namespace) -> int:
    try:
        figures = measure_province(places=given.places, turns=given.turns, say=_say)
    except (AppDidNotStart, LookupError) as problem:
        sys.exit(str(problem))
    print(report.province_table(figures))
    if not given.no_write:
        _say(f"written to {report.write_province(figures)}")
    return 0


def _maps(given: argparse.Namespace) -> int:
    database_url = read_settings().database_url
    try:
        steps = measure_maps(url=given.url, database_url=database_url, runs=given.runs, say=_say)
    except (AppDidNotStart, LookupError) as problem:
        sys.exit(str(problem))
    print(report.maps_table(steps))
    if not given.no_write:
        _say(f"written to {report.write_maps(steps, database=make_url(database_url).get_backend_name())}")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
