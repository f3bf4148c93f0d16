"""A reader without a browser: speaks Streamlit's websocket protocol, so that only the server's work is measured."""

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState, ContextInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

WAIT_SECONDS = 120.0
# The server may send a little more after the script has ended (the address, for one).
QUIET_SECONDS = 0.05


class StreamBroken(RuntimeError):
    """The server closed the stream or did not finish a run in time."""


@dataclass
class Run:
    """What one run of the script sent: bytes on the wire, elements, seconds until the script ended, and its errors."""

    seconds: float = 0.0
    received: int = 0
    messages: int = 0
    elements: int = 0
    errors: list[str] = field(default_factory=list)


class Reader:
    """One session, open inside a ``with`` block. :meth:`visit` opens a page; again, it changes page or choices."""

    def __init__(self, url: str) -> None:
        self._base = url
        self._seen: set[str] = set()
        address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
        protocol = Subprotocol("streamlit")
        self._connecting = connect(address, subprotocols=[protocol], max_size=None, open_timeout=WAIT_SECONDS)

    def __enter__(self) -> Self:
        self._socket = self._connecting.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connecting.__exit__(kind, problem, trace)

    def visit(self, page: str, query: str = "") -> Run:
        """Run ``page`` (its url_path) with this query string and wait until the script has ended.

        The run is asked for as the browser asks after Back or Forward: what the address says goes before what the
        widgets last held. Raises StreamBroken when the server goes away or takes too long.
        """
        context = ContextInfo(
            timezone="Asia/Shanghai",
            timezone_offset=-480,
            locale="zh-CN",
            url=f"{self._base}/{page}?{query}" if query else f"{self._base}/{page}",
            is_embedded=False,
            color_scheme="light",
        )
        state = ClientState(
            query_string=query,
            page_name=page,
            context_info=context,
            cached_message_hashes=sorted(self._seen),
            is_history_navigation=True,
        )
        started = time.perf_counter()
        self._socket.send(BackMsg(rerun_script=state).SerializeToString())
        run = Run()
        self._receive(run, started=started)
        return run

    def _receive(self, run: Run, *, started: float) -> None:
        deadline = started + WAIT_SECONDS
        finished = False
        while True:
            try:
                data = self._socket.recv(timeout=QUIET_SECONDS if finished else deadline - time.perf_counter())
            except TimeoutError:
                if finished:
                    return
                raise StreamBroken(f"No end of the run within {WAIT_SECONDS:.0f} s.") from None
            if isinstance(data, str):
                raise StreamBroken("The server sent text where the protocol has only bytes.")
            message = ForwardMsg.FromString(data)
            run.received += len(data)
            run.messages += 1
            kind = message.WhichOneof("type")
            if kind == "new_session":
                finished = False
            elif kind == "script_finished":
                # A run cut short by st.rerun or st.switch_page is followed by the one that replaces it.
                finished = message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
                run.seconds = time.perf_counter() - started
            elif kind == "page_not_found":
                run.errors.append("page not found")
            elif kind == "delta":
                self._note_delta(message, run)
            if message.metadata.cacheable:
                self._seen.add(message.hash)

    @staticmethod
    def _note_delta(message: ForwardMsg, run: Run) -> None:
        if message.delta.WhichOneof("type") != "new_element":
            return
        run.elements += 1
        element = message.delta.new_element
        if element.WhichOneof("type") == "exception":
            run.errors.append(f"{element.exception.type}: {element.exception.message}")
        elif element.WhichOneof("type") == "alert" and element.alert.format == Alert.ERROR:
            run.errors.append(element.alert.body)
