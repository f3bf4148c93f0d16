"""The words of figures are complete in both languages."""

import string

from tests.charts.sample_rows import words


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_have_the_same_phrases_with_the_same_facts() -> None:
    chinese, english = words("zh"), words("en")
    assert set(chinese) == set(english)
    for key, template in chinese.items():
        assert placeholders(template) == placeholders(english[key]), key
