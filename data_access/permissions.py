"""What a viewer may read. Every read of counts, issues and measurements takes a `Scope`."""

from __future__ import annotations

from dataclasses import dataclass

from data_access.errors import UserError
from data_access.words import CODE_LENGTHS


class NotPermitted(UserError):
    """The viewer asked for places outside the scope."""

    def __init__(self) -> None:
        super().__init__(
            zh="您的查看范围不包括这里的村社；如需查看，请联系系统管理员。",
            en="Your viewing rights do not include these villages; ask the administrator if you need them.",
        )


@dataclass(frozen=True)
class Scope:
    """The part of the data that may be read.

    Attributes
    ----------
    root
        Code of the place at the top; nothing outside it is read.
    villages_of
        Township codes whose villages may be read one by one; None means all of them.
    until
        The last month (YYYYMM) that may be read; None means every month, 0 none. What is later is as if it were not
        there: reads leave it out, they do not refuse.
    """

    root: str
    villages_of: tuple[str, ...] | None = None
    until: int | None = None

    def last_month(self, month: int) -> int:
        """`month`, or the last month that may be read where that is earlier."""
        return month if self.until is None else min(month, self.until)

    def check(self, *, level: str, within: str) -> None:
        """Raise `NotPermitted` unless places of `level` below `within` may be read; a text that is no code may not."""
        is_code = within.isascii() and within.isdigit() and len(within) in CODE_LENGTHS.values()
        if not is_code or not within.startswith(self.root):
            raise NotPermitted
        if level == "village" and self.villages_of is not None and not within.startswith(self.villages_of):
            raise NotPermitted

    def may_read(self, *, level: str, within: str) -> bool:
        """Whether `check` would pass."""
        try:
            self.check(level=level, within=within)
        except NotPermitted:
            return False
        return True
