"""Boundary layers from the command line: what is printed, in both languages, and how each command ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from data_access import job_folders, job_watch
from data_access.__main__ import main
from data_access.boundaries import BoundaryLayer, present_layer, read_layers
from data_access.engine import create_engine, writing
from tests.data_access.office_deliveries import packed_bomb, shapefile_zip, townships, villages, written
from tests.data_access.small_district import load, registers
from tests.data_access.surveyed_district import FANSHIDU, LUJIAYAN, firm_at, middle, survey, write_rows

Run = Callable[..., int]
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The registers of the small district under a schematic layer."""
    address = f"sqlite:///{tmp_path / 'district.db'}"
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setenv("UPLOAD_FOLDER", str(tmp_path / "uploads"))
    engine = registers(address, tmp_path)
    survey(engine, precision="schematic")
    engine.dispose()
    yield address
    for folder in job_folders.folders("jobs"):
        job_watch.ask_to_stop(folder)
    job_watch.wake()


@pytest.fixture
def run(url: str) -> Run:
    """run(path, "--accept"): the command `boundaries` with these arguments; its exit status."""

    def one(*arguments: object, lang: str = "zh") -> int:
        return main(["--lang", lang, "boundaries", *(str(argument) for argument in arguments)])

    return one


def layers(url: str) -> list[BoundaryLayer]:
    engine = create_engine(url)
    found = read_layers(engine)
    engine.dispose()
    return found


def present(url: str) -> int | None:
    engine = create_engine(url)
    layer = present_layer(engine)
    engine.dispose()
    return layer.id if layer else None


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A zipped GBK Shapefile of the villages without .cpg and .prj, in zone 40; one of them has no known name."""
    frame = villages().to_crs("EPSG:4528").drop(columns="镇街")
    frame.loc[2, ["代码", "名称"]] = [None, "某某新村"]
    return shapefile_zip(frame, tmp_path, encoding="GB18030", cpg=False, prj=False)


def test_a_delivery_is_looked_at_brought_and_accepted(run: Run, url: str, office: Path, capsys: Printed) -> None:
    assert run("--look", office) == 0
    printed = capsys.readouterr().out
    assert "村界: 村社, 5/6, code=代码, name=名称" in printed
    assert "EPSG:4528" in printed and "没有 .cpg" in printed
    assert len(layers(url)) == 1

    assert run(office, "--review-number", "浙S(2024)12号", "--source", "规划局") == 0
    printed = capsys.readouterr().out
    assert "6 个图形中有 5 个对上了村社名录" in printed
    assert "! village:2\t" in printed and "某某新村" in printed
    assert "图层 2 已存入，尚未启用；核对后用 boundaries --accept 2 启用" in printed
    assert present(url) == 1

    assert run("--accept", 2) == 0
    assert "已启用：村界。已按新边界重新定位：0 个对象、0 件工单换了村社" in capsys.readouterr().out
    assert present(url) == 2
    origin = layers(url)[0].origin
    assert (origin.review_number, origin.source, origin.file_name) == ("浙S(2024)12号", "规划局", "村界.zip")


def test_an_answer_puts_a_shape_in_and_the_layer_may_count_at_once(
    run: Run, url: str, office: Path, capsys: Printed
) -> None:
    arguments = ("--villages", "村界", "--place", f"village:2={FANSHIDU}", "--accept", "--name", "2024")
    assert run(office, *arguments, lang="en") == 0
    printed = capsys.readouterr().out
    assert "6 of 6 shapes were found on the register of villages" in printed
    assert "Layer 2 is accepted: 2024." in printed
    assert "changed their village" in printed
    (layer, _) = layers(url)
    assert (layer.id, layer.villages, present(url)) == (2, 6, 2)


@pytest.mark.parametrize(
    ("lang", "lines"),
    [("zh", ["测绘 2020-01-01", "正在使用", "示意", "镇街 0，村社 6"]),
     ("en", ["测绘 2020-01-01", "in use", "schematic", "0 townships, 6 villages"])],
)  # fmt: skip
def test_layers_are_listed(run: Run, lang: str, lines: list[str], capsys: Printed) -> None:
    assert run("--list", lang=lang) == 0
    (printed,) = capsys.readouterr().out.splitlines()
    assert printed.startswith("1\t")
    assert all(one in printed for one in lines)


def test_a_layer_is_set_aside_and_deleted_and_one_in_use_is_not(run: Run, url: str, capsys: Printed) -> None:
    assert run("--delete", 1) == 1
    assert "请先停用，再删除" in capsys.readouterr().err
    assert run("--set-aside", 1, lang="en") == 0
    assert capsys.readouterr().out == "Set aside: 测绘 2020-01-01.\n"
    assert present(url) is None
    assert run("--delete", 1, lang="en") == 0
    assert run("--list", lang="en") == 0
    assert capsys.readouterr().out == "Deleted.\nThere is no boundary layer yet.\n"


@pytest.mark.parametrize("deed", ["--accept", "--set-aside", "--delete"])
@pytest.mark.parametrize(("lang", "words"), [("zh", "已经不在了"), ("en", "is gone")])
def test_what_is_gone_cannot_be_decided_upon(run: Run, deed: str, lang: str, words: str, capsys: Printed) -> None:
    assert run(deed, 99, lang=lang) == 1
    printed = capsys.readouterr()
    assert words in printed.err and printed.out == ""


def refusals(folder: Path) -> dict[str, tuple[tuple[object, ...], str, str]]:
    """Arguments that are refused, and words of the sentence in Chinese and in English."""
    good = written(villages(), folder / "good.gpkg", "GPKG", layer="村界")
    other = written(villages()[["geometry"]].assign(n=range(6)), folder / "other.gpkg", "GPKG", layer="地块")
    return {
        "nothing": ((), "请写明边界文件", "Name a file of boundaries"),
        "no file": ((folder / "无.gpkg",), "找不到文件", "There is no file"),
        "bomb": ((packed_bomb(folder / "b.zip", 60),), "“b.zip”", "“b.zip”"),
        "not recognised": ((other,), "没有看出哪个图层是村社或镇街", "No layer could be recognised"),
        "no layer": ((good, "--villages", "别的"), "没有图层“别的”", "has no layer “别的”"),
        "answer": ((good, "--place", "村:1"), "看不懂", "is not understood"),
        "answered place": ((good, "--place", "village:0=1"), "没有代码为 1 的", "no open village with the code 1"),
        "system": ((good, "--villages", "村界", "--crs", "地方坐标系"), "不是已知的坐标系", "no known coordinate"),
        "tolerance": ((good, "--villages", "村界", "--tolerance", "9999"), "请填 0 到 500", "from 0 to 500"),
        "column": ((good, "--villages", "村界", "--village-code", "编码"), "没有“编码”这一列", "has no column '编码'"),
    }  # fmt: skip


SLOW = ("answered place", "no layer", "column")
CASES = ("nothing", "no file", "bomb", "not recognised", "answer", "system", "tolerance")


@pytest.mark.parametrize("case", [*CASES, *(pytest.param(one, marks=pytest.mark.slow) for one in SLOW)])
def test_what_cannot_be_done_ends_with_status_1_and_a_sentence(
    run: Run, url: str, tmp_path: Path, case: str, capsys: Printed
) -> None:
    arguments, zh, en = refusals(tmp_path)[case]
    lang = "en" if sum(map(ord, case)) % 2 else "zh"
    assert run(*arguments, lang=lang) == 1
    printed = capsys.readouterr()
    assert (en if lang == "en" else zh) in printed.err
    assert len(layers(url)) == 1


@pytest.mark.slow
def test_positions_are_located_anew_and_counted(
    run: Run, url: str, tmp_path: Path, capsys: Printed
) -> None:  # fmt: skip
    engine = create_engine(url)
    number = survey(engine)
    load(engine, "firms", write_rows(tmp_path / "f.csv", [firm_at("P1", middle(FANSHIDU))]))
    with writing(engine) as connection:
        connection.execute(sa.text(f"UPDATE boundary_layer SET accepted_at = NULL WHERE id <> {number}"))
    engine.dispose()
    frame = villages()[["代码", "geometry"]]
    frame.loc[[2, 3], "代码"] = [LUJIAYAN, FANSHIDU]
    path = written(frame, tmp_path / "新.gpkg", "GPKG", layer="村界")
    assert run(path, "--accept") == 0
    assert "1 个对象、0 件工单换了村社" in capsys.readouterr().out
    assert run("--set-aside", 3, lang="en") == 0
    assert "1 sites and 0 issues changed their village" in capsys.readouterr().out


@pytest.mark.slow
def test_a_schematic_layer_is_drawn_with_and_without_townships(
    run: Run, url: str, tmp_path: Path, capsys: Printed
) -> None:
    path = written(townships(), tmp_path / "镇.gpkg", "GPKG", layer="镇界")
    assert run(path, "--townships", "镇界") == 0
    assert run("--schematic", 2, lang="en") == 0
    printed = capsys.readouterr().out
    assert "! Townships are those of '镇'; the villages inside are invented" in printed
    assert "Layer 3 is kept and waits" in printed
    assert run("--schematic", "--accept") == 0
    printed = capsys.readouterr().out
    assert "全部界线是按名录和常住人口虚构的示意" in printed and "图层 4 已启用" in printed
    found = {layer.id: (layer.surveyed, layer.townships, layer.villages, layer.accepted) for layer in layers(url)}
    assert found == {1: (False, 0, 6, True), 2: (True, 2, 0, False), 3: (False, 2, 6, False), 4: (False, 2, 6, True)}
    assert run("--schematic", 99) == 1
    assert "已经不在了" in capsys.readouterr().err
