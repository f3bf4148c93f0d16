"""Commands about the database as a whole: init, demo, rollup."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from sqlalchemy.engine import Engine
from tqdm import tqdm

from data_access import schema
from data_access.boundaries import LayerOrigin, load_schematic_boundaries
from data_access.commands.sentences import say
from data_access.demo_data import generate
from data_access.engine import reading, writing
from data_access.errors import UserError
from data_access.ingestion.load_batch import load_file
from data_access.released_months import months_with_data, read_releases, release
from data_access.releases import current_data_version, current_version
from data_access.rollup_check import differences
from data_access.rollups import recount_everything

DEMO_SEED = 330212
DEMONSTRATION = "demonstration"
SCHEMATIC = LayerOrigin(
    name="schematic", source="示意图，非测绘成果", precision="schematic", licence="随本项目发布，可自由使用"
)
GEOGRAPHY = Path(__file__).resolve().parent.parent / "demo_data" / "geography"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Put the commands of this room on the parser."""
    init = commands.add_parser("init", help="create or migrate the database; fill an empty one with the demonstration")
    init.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
    init.set_defaults(run=_init, scale=1.0, seed=DEMO_SEED, keep=None)
    demo = commands.add_parser("demo", help="write the demonstration district's files and load them")
    demo.add_argument("--scale", type=float, default=1.0, help="multiplies issues and visits (default 1)")
    demo.add_argument("--seed", type=int, default=DEMO_SEED)
    demo.add_argument("--keep", type=Path, metavar="DIR", help="keep the written files in DIR")
    demo.set_defaults(run=_demo)
    rollup = commands.add_parser("rollup", help="count everything anew, or --verify the counts against the events")
    rollup.add_argument("--verify", action="store_true")
    rollup.set_defaults(run=_rollup)


def _init(engine: Engine, given: argparse.Namespace) -> int:
    schema.upgrade(engine)
    if not given.no_demo and not schema.holds_data(engine):
        return _demo(engine, given)
    return 0


def _demo(engine: Engine, given: argparse.Namespace) -> int:
    schema.upgrade(engine)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        say(given, "正在生成演示数据文件……", "Writing the demonstration files …")
        files = generate(folder, seed=given.seed, scale=given.scale)
        label, unit = ("演示数据", "文件") if given.lang == "zh" else ("demonstration", "file")
        with tqdm(files, desc=label, unit=unit, disable=None) as bar:
            for file in bar:
                bar.set_postfix_str(file.path.name)
                load_file(
                    engine, source=file.source, path=file.path, loaded_by=DEMONSTRATION, demonstration=True,
                    received_on=file.received_on,
                )  # fmt: skip
                if file.source == "places":
                    load_schematic_boundaries(
                        engine,
                        files=[GEOGRAPHY / "townships_schematic.geojson", GEOGRAPHY / "villages_schematic.geojson"],
                        origin=SCHEMATIC,
                        by=DEMONSTRATION,
                    )
    _release_what_is_due(engine)
    say(given, "演示数据已载入。", "The demonstration district is loaded.")
    return 0


def _release_what_is_due(engine: Engine) -> None:
    """Release the demonstration's months that are wholly due; somebody's own releases are left alone."""
    version, before = current_data_version(engine), read_releases(engine)
    if version is None or (before.ever and {one.released_by for one in before.months} != {DEMONSTRATION}):
        return
    provisional = version.provisional_from
    due = [month for month in months_with_data(engine) if provisional is None or month < provisional]
    if due and due[-1] > (before.newest or 0):
        release(engine, due[-1], by=DEMONSTRATION)


def _rollup(engine: Engine, given: argparse.Namespace) -> int:
    schema.upgrade(engine)
    if given.verify:
        with reading(engine) as connection:
            found = differences(connection)
        if not found:
            say(given, "计数与事件逐格核对一致。", "Every count agrees with the events.")
            return 0
        for line in found[:50]:
            print(line)
        say(given, f"共 {len(found)} 处不一致。", f"{len(found)} differences.")
        return 1
    with writing(engine) as connection:
        version = current_version(connection)
        if version is None or version.as_of is None:
            raise UserError(zh="数据库中还没有事件数据。", en="There are no events in the database yet.")
        recount_everything(connection, as_of=version.as_of)
    say(given, "已按事件重新计数。", "Everything was counted anew.")
    return 0
