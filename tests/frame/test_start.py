"""A definition that cannot be used stops the start with its sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BREAK_AND_START = """
import indicators.catalogue, pathlib, shutil, sys
broken = pathlib.Path(sys.argv[1])
shutil.copytree(indicators.catalogue.DEFINITIONS, broken)
one = broken / "resolution_rate.toml"
one.write_text(one.read_text(encoding="utf-8").replace('better = "higher"', 'better = "up"'), encoding="utf-8")
indicators.catalogue.load_catalogue.__defaults__ = (broken,)
import serve
"""


def test_a_broken_definition_stops_the_server_with_file_field_value_and_remedy(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", BREAK_AND_START, str(tmp_path / "definitions")],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    last = ended.stderr.strip().splitlines()[-1]
    assert last == "resolution_rate.toml: better is 'up'; write 'higher', 'lower' or 'neutral'."
    assert "Traceback" not in ended.stderr


def test_the_server_asks_nobody_for_its_outside_address() -> None:
    asked = subprocess.run(
        [sys.executable, "-c", "import serve; from streamlit import net_util; print(net_util.get_external_ip())"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert asked.stdout.strip() == "None"
    settings = (PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert "hideWelcomeMessage = true" in settings
