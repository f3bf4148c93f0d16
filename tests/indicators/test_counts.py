"""What methods are given: every name a fault is told by is there in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import indicators
from indicators.counts import _LABELS, check_counts
from indicators.errors import CountError

CHINESE = re.compile("[\u4e00-\u9fff]")


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of these functions in the source of the package, with where it stands."""
    for path in sorted(Path(indicators.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{path.name}:{node.lineno}", node


def argument(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def test_every_label_of_counts_has_a_chinese_one() -> None:
    """Labels given as variables (codes of indicators, names of columns and groups) stand as they are in both."""
    used = {
        (where, label.value)
        for where, call in calls("check_counts")
        if isinstance(label := argument(call, "what"), ast.Constant)
    }
    assert len(used) > 15
    assert not {(where, label) for where, label in used if not CHINESE.search(_LABELS.get(label, ""))}
    assert set(_LABELS) == {label for _, label in used} | {"counts"}, "a label that no method gives"


def test_every_share_and_number_that_is_checked_is_named_in_both_languages() -> None:
    found = list(calls("check_share", "check_enough"))
    assert len(found) > 15
    for where, call in found:
        what, zh = (argument(call, name) for name in ("what", "zh"))
        assert what is not None and zh is not None, where
        assert CHINESE.search(ast.unparse(zh)) and not CHINESE.search(ast.unparse(what)), where


@pytest.mark.parametrize("label", sorted(_LABELS))
def test_a_fault_is_told_under_its_label_in_each_language(label: str) -> None:
    with pytest.raises(CountError) as caught:
        check_counts([1, 3], [2, 2], what=label)
    assert caught.value.zh.startswith(f"{_LABELS[label]}：第2对（3/2）") and caught.value.en.startswith(
        f"{label}: 3 of 2"
    )
