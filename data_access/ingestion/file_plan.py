"""How one file is to be read: which sheets hold the table, where it begins, which column is which field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data_access.errors import UserError
from data_access.ingestion.column_mapping import TableMatch, match_table
from data_access.ingestion.column_tables import notes_sheet
from data_access.ingestion.file_reader import TableFile
from data_access.ingestion.heading_likeness import Suggestion
from data_access.ingestion.source_form import SourceForm, dimension_words


@dataclass(frozen=True)
class FilePlan:
    """The tables of one file that are taken, and the sheets that are not although they hold something."""

    matches: tuple[TableMatch, ...]
    unused_sheets: tuple[str, ...]

    @property
    def headings(self) -> dict[str, str]:
        """Field → heading as it stands in the file."""
        return {field: heading for match in self.matches for field, heading in match.headings.items()}

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headings that the form does not know, each once."""
        return tuple(dict.fromkeys(heading for match in self.matches for heading in match.ignored))

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """What unknown headings may mean, each heading once."""
        return tuple({one.heading: one for match in self.matches for one in reversed(match.suggestions)}.values())


def plan_file(file: TableFile, form: SourceForm, confirmed: Mapping[str, str | None]) -> FilePlan:
    """Look at the heads of all sheets.

    Raises
    ------
    UserError
        When no sheet has the form's heading, or a required column is missing.
    """
    heads = {sheet: file.head(sheet) for sheet in file.sheets}
    found = {sheet: match_table(head, form, sheet=sheet, confirmed=confirmed) for sheet, head in heads.items()}
    matches = tuple(match for match in found.values() if match is not None and not match.missing)
    if not matches:
        raise _no_table(file, form, next((match for match in found.values() if match is not None), None))
    taken = {match.sheet for match in matches} | {notes_sheet()}
    unused = tuple(sheet for sheet, head in heads.items() if sheet not in taken and any(any(row) for row in head))
    return FilePlan(matches, unused)


def _no_table(file: TableFile, form: SourceForm, match: TableMatch | None) -> UserError:
    if match is not None:
        lacking = "、".join(match.missing)
        seen = "、".join(heading for heading in match.seen if heading)[:200]
        like = "；".join(f"“{one.heading}”可能是“{_heading(form, one.field)}”" for one in match.suggestions)
        like_en = "; ".join(f"'{one.heading}' may be '{_heading(form, one.field)}'" for one in match.suggestions)
        hint_zh, hint_en = (f"（{like}，请先确认）", f" ({like_en}: confirm first)") if like else ("", "")
        return UserError(
            zh=f"“{file.name}”缺少必需的列：{lacking}。文件中的列是：{seen}{hint_zh}。请补上缺少的列后再载入。",
            en=f"'{file.name}' lacks the required column(s) {lacking}. It has: {seen}{hint_en}. Add what is missing "
            "and load again.",
        )
    wanted = "、".join(column.heading for column in form.columns.values() if column.required)
    names = "、".join(sheet for sheet in file.sheets if sheet)
    zh_where, en_where = (f"（工作表：{names}）", f" (sheets: {names})") if names else ("", "")
    return UserError(
        zh=f"在“{file.name}”{zh_where}中找不到“{form.name['zh']}”的表头；应有这些列：{wanted}。",
        en=f"No heading of '{form.name['en']}' was found in '{file.name}'{en_where}; these columns are needed: "
        f"{wanted}.",
    )


def _heading(form: SourceForm, field: str) -> str:
    if field in form.columns:
        return form.columns[field].heading
    names = {code: name for name, code in dimension_words(form.items or "item").items()}
    return names.get(field, field)
