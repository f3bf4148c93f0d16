"""Who gave the command and on which machine, for the audit."""

from __future__ import annotations

import getpass
import os
import socket


def user_name() -> str:
    """Who is at the keyboard; in a container the user may have a number only."""
    try:
        return getpass.getuser()[:120]
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def machine() -> str:
    """The machine the command runs on, as an origin for the audit."""
    return f"command line {socket.gethostname()}"
