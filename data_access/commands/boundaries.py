"""Commands about boundary layers: bring one in, list them, accept, set aside, delete."""

from __future__ import annotations

import argparse
import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

from data_access import jobs, schema
from data_access.boundaries import BoundaryLayer, drop_layer, present_layer, read_layers
from data_access.boundary_delivery.acceptance import Change, accept, set_aside
from data_access.boundary_delivery.choices import DeliveryChoices
from data_access.commands.caller import machine, user_name
from data_access.commands.sentences import say
from data_access.errors import UserError
from geo.coordinates import DATUMS

_STATES = {
    "zh": {"present": "正在使用", "accepted": "已启用", "waiting": "待决定", "surveyed": "测绘", "schematic": "示意"},
    "en": {"present": "in use", "accepted": "accepted", "waiting": "waiting", "surveyed": "surveyed",
           "schematic": "schematic"},
}  # fmt: skip
_WHERE = {"village": ("村社", "villages"), "township": ("镇街", "townships")}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Put the commands of this room on the parser."""
    command = commands.add_parser(
        "boundaries",
        help="bring in an office's boundary layer; list, accept, set aside or delete layers",
        usage="%(prog)s FILE [OPTIONS] | --look FILE | --list | --accept N | --set-aside N | --delete N | "
        "--schematic [N]",
    )
    command.add_argument("file", nargs="?", type=Path, metavar="FILE", help="GeoPackage, GeoJSON, Shapefile (zip), "
                         "FileGDB, KML, FlatGeobuf or GeoParquet")  # fmt: skip
    command.add_argument("--look", action="store_true", help="only say what the file holds")
    command.add_argument("--villages", metavar="LAYER", help="the layer with villages (default: recognised)")
    command.add_argument("--townships", metavar="LAYER", help="the layer with townships (default: recognised)")
    command.add_argument("--crs", metavar="CRS", help="coordinate system, such as EPSG:4549 (default: recognised)")
    command.add_argument("--northing-first", action="store_true", help="with --crs: the file has the northing first")
    command.add_argument("--datum", choices=DATUMS, default="CGCS2000", help="GCJ-02 or BD-09 for shifted web maps")
    command.add_argument("--encoding", help="of texts, such as GB18030 (default: judged by the bytes)")
    for level, word in (("village", "villages"), ("township", "townships")):
        command.add_argument(f"--{level}-code", metavar="COLUMN", help=f"column with the codes of {word}")
        command.add_argument(f"--{level}-name", metavar="COLUMN", help=f"column with the names of {word}")
    command.add_argument("--place", action="append", default=[], metavar="LEVEL:NUMBER=CODE",
                         help="the place of a shape that was not recognised, as the report numbers it; no CODE: "
                         "leave it out")  # fmt: skip
    command.add_argument("--tolerance", type=float, default=30.0, metavar="METRES", help="simplify borders (0: not)")
    command.add_argument("--name", default="", help="what the layer is called (default: the file's name)")
    command.add_argument("--source", default="", help="where it comes from")
    command.add_argument("--licence", default="", help="what may be done with it")
    command.add_argument("--review-number", default="", help="审图号 to be printed on maps")
    command.add_argument("--attribution", default="", help="to be printed on maps")
    command.add_argument("--valid-from", type=dt.date.fromisoformat, default=dt.date(2020, 1, 1), metavar="DATE")
    command.add_argument("--accept", nargs="?", type=int, const=-1, metavar="N",
                         help="let layer N count; with FILE: the one brought now")  # fmt: skip
    command.add_argument("--set-aside", type=int, metavar="N", help="layer N counts no longer")
    command.add_argument("--delete", type=int, metavar="N", help="forget layer N, which does not count")
    command.add_argument("--list", action="store_true", help="say which layers there are")
    command.add_argument(
        "--schematic",
        nargs="?",
        type=int,
        const=-1,
        metavar="N",
        help="draw a schematic layer of the register; with N: in the townships of layer N",
    )
    command.set_defaults(run=_boundaries)


def _boundaries(engine: Engine, given: argparse.Namespace) -> int:
    schema.upgrade(engine)
    by, at = user_name(), machine()
    if given.file is not None:
        return _look(given, by) if given.look else _bring(engine, given, by, at)
    if given.schematic is not None:
        _draw(engine, given, by, at)
    elif given.accept is not None and given.accept >= 0:
        _say_change(given, accept(engine, given.accept, by=by, at=at), "已启用", "Accepted")
    elif given.set_aside is not None:
        _say_change(given, set_aside(engine, given.set_aside, by=by, at=at), "已停用", "Set aside")
    elif given.delete is not None:
        drop_layer(engine, given.delete, by=by, at=at)
        say(given, "已删除。", "Deleted.")
    elif given.list:
        _list(engine, given)
    else:
        raise UserError(
            zh="请写明边界文件，或 --list、--accept N、--set-aside N、--delete N、--schematic 之一。",
            en="Name a file of boundaries, or give one of --list, --accept N, --set-aside N, --delete N, --schematic.",
        )
    return 0


def _say_change(given: argparse.Namespace, change: Change, zh: str, en: str) -> None:
    more_zh, more_en = change.sentences()
    say(given, f"{zh}：{change.layer.origin.name}。{more_zh}", f"{en}: {change.layer.origin.name}. {more_en}".rstrip())


def _draw(engine: Engine, given: argparse.Namespace, by: str, at: str) -> None:
    within = given.schematic if given.schematic >= 0 else None
    number = None if within is None else str(within)
    found = _done(jobs.start_job("draw_boundaries", by=by, origin=at, choices=number or ""), by)
    for one in found["sentences"]:
        print(f"{'! ' if one['kind'] == 'look' else '  '}{one[given.lang]}")
    _keep_or_accept(engine, given, found["layer"], by, at)


def _keep_or_accept(engine: Engine, given: argparse.Namespace, number: int, by: str, at: str) -> None:
    """With --accept what was brought counts from now on."""
    if given.accept is not None:
        _say_change(given, accept(engine, number, by=by, at=at), f"图层 {number} 已启用", f"Layer {number} is accepted")
    else:
        say(given, f"图层 {number} 已存入，尚未启用；核对后用 boundaries --accept {number} 启用。",
            f"Layer {number} is kept and waits; let it count with boundaries --accept {number}.")  # fmt: skip


def _list(engine: Engine, given: argparse.Namespace) -> None:
    layers, present = read_layers(engine), present_layer(engine)
    if not layers:
        say(given, "还没有边界图层。", "There is no boundary layer yet.")
    for layer in layers:
        print(_line(layer, present, given.lang))


def _line(layer: BoundaryLayer, present: BoundaryLayer | None, lang: str) -> str:
    origin = layer.origin
    state = "present" if present and layer.id == present.id else "accepted" if layer.accepted else "waiting"
    words = _STATES[lang]
    sizes = (f"镇街 {layer.townships}，村社 {layer.villages}" if lang == "zh"
             else f"{layer.townships} townships, {layer.villages} villages")  # fmt: skip
    return f"{layer.id}\t{origin.name}\t{words[state]}\t{words[origin.precision]}\t{sizes}\t{origin.valid_from} –"


def _run(kind: jobs.Kind, given: argparse.Namespace, by: str, at: str, choices: DeliveryChoices) -> dict[str, Any]:
    """The work in a process of its own, bounded in memory and time. Raises UserError when it was refused or failed."""
    path = given.file.resolve()
    if not path.exists():
        raise UserError(zh=f"找不到文件“{given.file}”；请核对路径。", en=f"There is no file '{given.file}'; check it.")
    return _done(jobs.start_job(kind, by=by, path=path, file_name=path.name, origin=at, choices=choices.to_json()), by)


def _done(job: str, by: str) -> dict[str, Any]:
    state = jobs.wait_for(job, by=by)
    if state.state != "done" or state.result is None:
        raise UserError(zh=state.zh or "没有完成。", en=state.en or "It was not finished.")
    return state.result


def _look(given: argparse.Namespace, by: str) -> int:
    found = _run("look_boundaries", given, by, machine(), DeliveryChoices(encoding=given.encoding))
    zh = given.lang == "zh"
    for layer in found["layers"]:
        guess = layer.get("guess")
        if guess is None:
            print(f"{layer['name']}: {layer['why_not'][0 if zh else 1] if layer['why_not'] else ''}")
            continue
        level = _WHERE.get(guess["level"], ("？", "?"))[0 if zh else 1]
        columns = ", ".join(f"{name}={column}" for name, column in guess["columns"].items()
                            if name in ("code", "name", "township") and column)  # fmt: skip
        print(f"{layer['name']}: {level}, {guess['matched']}/{layer['features']}, {columns}")
        print(f"  {guess['system_sentence'][0 if zh else 1]}")
        for note in guess["notes"]:
            print(f"  {note[0 if zh else 1]}")
    return 0


def _bring(engine: Engine, given: argparse.Namespace, by: str, at: str) -> int:
    choices = _choices(given, by, at)
    choices.check()
    found = _run("bring_boundaries", given, by, at, choices)
    for one in found["sentences"]:
        about = _WHERE[one["level"]][0 if given.lang == "zh" else 1] if "level" in one else ""
        print(f"{'! ' if one['kind'] == 'look' else '  '}{about and f'[{about}] '}{one[given.lang]}")
    for level, rows in found["unmatched"].items():
        for row in rows:
            likely = ("、" if given.lang == "zh" else ", ").join(
                f"{code} {name}" for code, name in row["candidates"][:3]
            )  # fmt: skip
            print(f"! {level}:{row['row']}\t{row['code']} {row['name']}\t{row[given.lang]}\t{likely}")
    _keep_or_accept(engine, given, found["layer"], by, at)
    return 0


def _choices(given: argparse.Namespace, by: str, at: str) -> DeliveryChoices:
    columns = {
        level: {
            name: column
            for name in ("code", "name")
            if (column := getattr(given, f"{level}_{name}"))
        }
        for level in _WHERE
    }  # fmt: skip
    choices = DeliveryChoices(
        villages=given.villages, townships=given.townships, encoding=given.encoding, system=given.crs,
        swapped=given.northing_first, datum=given.datum, columns=columns, answers=_answers(given.place),
        tolerance=given.tolerance or None, name=given.name, source=given.source, licence=given.licence,
        review_number=given.review_number, attribution=given.attribution, valid_from=given.valid_from,
    )  # fmt: skip
    if choices.villages or choices.townships:
        return choices
    found = _run("look_boundaries", given, by, at, choices)
    named = {}
    for layer in found["layers"]:
        level = (layer.get("guess") or {}).get("level")
        if level and level not in named:
            named[level] = layer["name"]
    if not named:
        raise UserError(
            zh="没有看出哪个图层是村社或镇街；请先用 --look 查看，再写明 --villages 或 --townships。",
            en="No layer could be recognised as villages or townships; see --look, then give --villages, --townships.",
        )
    return replace(choices, villages=named.get("village"), townships=named.get("township"))


def _answers(given: list[str]) -> dict[str, dict[int, str]]:
    answers: dict[str, dict[int, str]] = {}
    for one in given:
        place, found, code = one.partition("=")
        level, _, number = place.partition(":")
        if not found or level not in _WHERE or not number.isdigit():
            raise UserError(
                zh=f"“{one}”看不懂；请写成 village:12=330212110214，或 village:12= 表示不导入。",
                en=f"'{one}' is not understood; write village:12=330212110214, or village:12= to leave it out.",
            )
        answers.setdefault(level, {})[int(number)] = code
    return answers
