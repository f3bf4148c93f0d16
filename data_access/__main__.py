"""`python -m data_access …`: create, fill, load, withdraw, release, recount. Plain lines in a log, a progress bar on a
terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from data_access.commands import batches, boundaries, database, loading, releasing
from data_access.database_faults import as_user_error
from data_access.engine import create_engine
from data_access.errors import UserError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what was asked, 1 when the person has to do something, 2 for a bad call."""
    given = _parser().parse_args(arguments)
    try:
        engine = create_engine()
        try:
            return int(given.run(engine, given))
        finally:
            engine.dispose()
    except UserError as problem:
        print(problem.in_language(given.lang), file=sys.stderr)
        return 1
    except SQLAlchemyError as problem:
        sentence = as_user_error(problem)
        if sentence is None:
            raise
        print(sentence.in_language(given.lang), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data_access", description=__doc__)
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of messages")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for room in (database, loading, batches, releasing, boundaries):
        room.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
