"""What every column of a source holds, as the templates and the steward's pages say it.

``python -m data_access.ingestion.column_tables`` writes the tables of docs/steward.zh.md and docs/steward.en.md anew.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from data_access.ingestion.source_form import LOAD_ORDER, SourceForm, dimension_words, source_form

DOCUMENTS = {
    lang: Path(__file__).resolve().parents[2] / "docs" / f"steward.{lang}.md" for lang in ("zh", "en")
}  # fmt: skip
BEGIN = "<!-- columns: written by python -m data_access.ingestion.column_tables -->"
END = "<!-- end of columns -->"
_ITEM_WORDS = ("合格", "不合格")


@dataclass(frozen=True)
class ColumnEntry:
    """One column as it is explained: heading, kind, proper words, other headings, note and two examples.

    `required` is True, False or, where a position may stand for it, "unless_position".
    """

    heading: str
    required: bool | str
    type: str
    words: tuple[str, ...]
    synonyms: tuple[str, ...]
    longest: int | None
    note: dict[str, str]
    examples: tuple[str, str]

    def needed(self, lang: str) -> str:
        """Whether it must be filled in, in words; "" when it need not."""
        said = words()["table"]
        return said["yes" if self.required is True else self.required][lang] if self.required else ""


@cache
def words() -> dict[str, Any]:
    """The words of templates and tables, from column_words.toml."""
    return tomllib.loads(Path(__file__).with_name("column_words.toml").read_text(encoding="utf-8"))


def notes_sheet() -> str:
    """The sheet of a template that explains its columns; nothing is ever loaded from it."""
    return words()["template"]["notes_sheet"]


def column_entries(form: SourceForm) -> list[ColumnEntry]:
    """Every column of the form in order; the items of a checklist stand last, one entry each."""
    entries = []
    for field, column in form.columns.items():
        note = form.notes[field]
        entries.append(
            ColumnEntry(
                heading=column.heading,
                required=column.required,
                type=column.type,
                words=tuple(column.proper_words()),
                synonyms=column.synonyms,
                longest=column.longest,
                note={"zh": note.zh, "en": note.en},
                examples=note.examples,
            )
        )
    if form.items:
        note = form.notes["items"]
        said = {"zh": note.zh, "en": note.en}
        entries += [
            ColumnEntry(name, False, "yes_no", _ITEM_WORDS, (), None, said, note.examples)
            for name in dimension_words(form.items)
        ]
    return entries


def column_tables(lang: str) -> str:
    """The tables of all sources as Markdown, in `lang` ("zh" or "en")."""
    lines: list[str] = []
    for source in LOAD_ORDER:
        lines += [*_table(source_form(source), lang), ""]
    return "\n".join(lines).rstrip()


def _table(form: SourceForm, lang: str) -> list[str]:
    said = words()["table"]
    names = ("heading", "required", "type", "words", "synonyms", "note")
    lines = [f"### {form.name[lang]} `{form.code}`", ""]
    if form.submission:
        lines += [said["due"][lang].format(day=form.submission.due_day), ""]
    lines += ["| " + " | ".join(said[name][lang] for name in names) + " |", "|---" * len(names) + "|"]
    entries = column_entries(form)
    for entry in entries[: len(form.columns)]:
        lines.append(_row(entry, entry.heading, lang))
    if form.items:
        every = "、".join(entry.heading for entry in entries[len(form.columns) :])
        lines.append(_row(entries[-1], f"{said['items'][lang]}: {every}", lang))
    return lines


def _row(entry: ColumnEntry, heading: str, lang: str) -> str:
    said = words()["table"]
    kind = words()["types"][entry.type][lang]
    if entry.longest:
        kind += ("，" if lang == "zh" else ", ") + said["longest"][lang].format(count=entry.longest)
    cells = [
        heading, entry.needed(lang), kind, "、".join(entry.words), "、".join(entry.synonyms),
        entry.note[lang],
    ]  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def with_tables(document: str, lang: str) -> str:
    """The document with the part between the two marks written anew."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{column_tables(lang)}\n\n{END}{after}"


def main() -> None:
    """Write the tables of both documents anew."""
    for lang, path in DOCUMENTS.items():
        path.write_text(with_tables(path.read_text(encoding="utf-8"), lang), encoding="utf-8")


if __name__ == "__main__":
    main()
