"""What a database that cannot be used says to a person: the sentence for each fault that somebody can mend."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, NoSuchModuleError, OperationalError

from data_access.errors import UserError

_SAID = (  # part of the driver's message → sentences
    (
        "database is locked",
        "另一个程序正在写入数据库；请等它结束后再试。",
        "Another program is writing to the database; try again when it has finished.",
    ),
    (
        "readonly database",
        "数据库文件不可写；请检查文件及其所在文件夹的权限。",
        "The database file cannot be written; check the permissions of the file and its folder.",
    ),
    (
        "not a database",
        "DATABASE_URL 所指的文件不是数据库；请更正地址。",
        "The file named by DATABASE_URL is not a database; correct the address.",
    ),
    (
        "malformed",
        "数据库文件已损坏；请从备份恢复。",
        "The database file is damaged; restore it from a backup.",
    ),
    (
        "disk is full",
        "磁盘已满，未作任何改动；请腾出空间后再试。",
        "The disk is full and nothing was changed; make room and try again.",
    ),
)


_SQLITE_AWAY = ("unable to open", "locked", "disk i/o")


def is_away(problem: BaseException) -> bool:
    """Whether the database did not answer: figures that were read before are still good, others cannot be had.

    A statement the database answered with an error (a missing column, a cancelled query) is a fault of ours, though
    drivers file some of those under the same class.
    """
    if not isinstance(problem, OperationalError | InterfaceError):
        return False
    cause = problem.orig
    if isinstance(cause, sqlite3.Error):
        return any(part in str(cause).lower() for part in _SQLITE_AWAY)
    state = getattr(cause, "sqlstate", None)  # none without a connection; 08 and 57P: it was lost or is being shut
    return state is None or state.startswith(("08", "57P"))


def as_user_error(problem: Exception) -> UserError | None:
    """The sentences for a fault of address, server or file; None when it is a fault of the program."""
    if isinstance(problem, (ArgumentError, NoSuchModuleError)):
        return UserError(
            zh="DATABASE_URL 不是可用的数据库地址；请写成 postgresql+psycopg://用户:密码@主机/库名，"
            "或不设置而使用内置数据库。",
            en="DATABASE_URL is not an address of a database; write postgresql+psycopg://user:password@host/name, or "
            "leave it unset to use the embedded database.",
        )
    if not isinstance(problem, DatabaseError):
        return None
    said = str(problem.orig)
    for part, zh, en in _SAID:
        if part in said:
            return UserError(zh=zh, en=en)
    if isinstance(problem, OperationalError):
        first = said.splitlines()[0] if said else ""
        return UserError(
            zh=f"数据库无法连接；请检查 DATABASE_URL。{first}",
            en=f"The database cannot be reached; check DATABASE_URL. {first}",
        )
    return None
