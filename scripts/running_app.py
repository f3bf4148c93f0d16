"""Starts the dashboard as its own process on a free port, for as long as a test, a benchmark or a picture needs it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


class AppDidNotStart(RuntimeError):
    """The server ended, or did not answer in time; the message ends with what it printed."""


@dataclass(frozen=True)
class RunningApp:
    """A started server: where it answers, and the process id that its CPU time is counted under."""

    url: str
    pid: int
    log: Path


@contextmanager
def running_app(
    *,
    database_url: str,
    script: Path = PROJECT / "serve.py",
    environment: Mapping[str, str] | None = None,
    wait_seconds: float = 90.0,
) -> Iterator[RunningApp]:
    """Run ``script`` under Streamlit with ``DATABASE_URL`` set, yield it once healthy, and end it afterwards.

    Raises AppDidNotStart when the server does not become healthy within ``wait_seconds``.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="running-app-") as folder:
        log = Path(folder) / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    sys.executable,
                    *("-m", "streamlit", "run", str(script)),
                    *("--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"),
                    *("--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false"),
                ],
                cwd=script.parent,
                env={**os.environ, "WARM_UP": "0", **(environment or {}), "DATABASE_URL": database_url},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_healthy(url=url, process=process, log=log, wait_seconds=wait_seconds)
            yield RunningApp(url=url, pid=process.pid, log=log)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A TCP port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_healthy(*, url: str, process: subprocess.Popen[bytes], log: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AppDidNotStart(f"The server ended with code {process.returncode}:\n{_tail(log)}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            pass
        time.sleep(0.2)
    raise AppDidNotStart(f"No healthy answer from {url} in {wait_seconds:.0f} s:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-30:])
