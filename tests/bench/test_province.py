"""The made-up province that is measured, and its table."""

from pathlib import Path

import pytest
import shapely

from bench import report
from bench.made_province import BOX, SIDE_POINTS, made_province
from bench.province import Figure


@pytest.mark.parametrize("places", [1, 10, 97, 400])
def test_a_province_has_as_many_villages_as_asked_and_they_fit_together(places: int) -> None:
    shapes = made_province(places)
    outlines = shapes.geometry.to_numpy()
    assert len(shapes) == places == shapes["code"].nunique() == shapes["name"].nunique()
    assert (shapely.get_num_coordinates(outlines) == 4 * SIDE_POINTS + 1).all()
    assert shapely.is_valid(outlines).mean() > 0.99
    assert shapely.coverage_is_valid(outlines[shapely.is_valid(outlines)])
    west, south, east, north = shapes.total_bounds
    assert BOX[0] - 0.25 * (BOX[2] - BOX[0]) <= west < east <= BOX[2] + 0.25 * (BOX[2] - BOX[0])
    assert BOX[1] - 0.25 * (BOX[3] - BOX[1]) <= south < north <= BOX[3] + 0.25 * (BOX[3] - BOX[1])


def test_the_figures_are_written_as_json_and_as_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    path = report.write_province([Figure("polygons", 25_000, ""), Figure("sent, a change", 25.5, "kB")])
    assert '"figure": 25.5' in path.read_text()
    lines = (tmp_path / "province.md").read_text().splitlines()
    assert [cell.strip() for cell in lines[-1].strip("|").split("|")] == ["sent, a change", "25.5", "kB"]
    assert "25,000" in lines[-2]
