"""The address under which the browser fetches a drawing: a static file named by its content."""

from pathlib import Path
from typing import Final

from geo.svg_paths import content_hash
from ui.static_files import publish

FOLDER: Final = "geometry"


def geometry_address(drawing_bytes: bytes, *, static_folder: Path) -> str:
    """Write the drawing once and return its address relative to the app: "app/static/geometry/<hash>.json".

    ``static_folder`` is the folder Streamlit serves (``static`` beside the app). Raises OSError when it cannot be
    written.
    """
    name = content_hash(drawing_bytes)
    return publish(drawing_bytes, folder=FOLDER, suffix=".json", name=name, static_folder=static_folder)
