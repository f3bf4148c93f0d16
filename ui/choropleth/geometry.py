"""The address under which the browser fetches a drawing: a static file named by its content.

Static files are served to anyone who asks, signed in or not: only shapes and names of places go there, never values.
A changed boundary layer gets a new name, so a browser may keep what it has fetched for ever.
"""

import os
import tempfile
from pathlib import Path
from typing import Final

from geo.svg_paths import content_hash

FOLDER: Final = "geometry"
SERVED_FROM: Final = "app/static"


def geometry_address(drawing_bytes: bytes, *, static_folder: Path) -> str:
    """Write the drawing once and return its address relative to the app: "app/static/geometry/<hash>.json".

    ``static_folder`` is the folder Streamlit serves (``static`` beside the app). The file appears whole or not at
    all, also when several processes write it at the same moment. Raises OSError when the folder cannot be written.
    """
    name = f"{content_hash(drawing_bytes)}.json"
    folder = static_folder / FOLDER
    target = folder / name
    if not target.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(drawing_bytes)
            os.chmod(draft, 0o644)
            os.replace(draft, target)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    return f"{SERVED_FROM}/{FOLDER}/{name}"
