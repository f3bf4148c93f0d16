"""Files the browser fetches once and keeps: named by their content, so that a change is a new name.

Static files are served to anyone who asks, signed in or not: shapes, scripts and style sheets may stand here, values
never.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).resolve().parent.parent / "static"
SERVED_FROM: Final = "app/static"


def publish(content: bytes, *, folder: str, suffix: str, name: str | None = None, static_folder: Path = STATIC) -> str:
    """Write ``content`` once and return its address relative to the app: "app/static/<folder>/<hash><suffix>".

    ``name`` replaces the hash where the caller has one already. The file appears whole or not at all, also when
    several processes write it at the same moment. Raises OSError when the folder cannot be written.
    """
    file_name = f"{name or hashlib.sha256(content).hexdigest()[:20]}{suffix}"
    target = static_folder / folder / file_name
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(draft, 0o644)
            os.replace(draft, target)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    return f"{SERVED_FROM}/{folder}/{file_name}"
