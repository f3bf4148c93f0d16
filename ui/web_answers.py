"""What every answer of the server carries: security headers, long-lived caching of files whose name changes with
their content, and compression of static files, done once and kept. Plain ASGI; knows no Streamlit.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # components are modules from a blob
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "connect-src 'self' data: blob:",  # 'self' takes in the websocket of the same host
        "frame-src 'self' blob:",
        "frame-ancestors 'self'",
        "object-src 'none'",
        "base-uri 'self'",
    )
)
"""Nothing from another host: a library that would ask one is stopped by the browser."""


def content_policy(map_origins: Sequence[str] = ()) -> str:
    """:data:`CONTENT_POLICY`, with these origins (scheme, host and port) allowed for pictures and data: the base
    map's, where one is configured."""
    rules = CONTENT_POLICY.split("; ")
    widened = ("img-src ", "connect-src ")
    return "; ".join(" ".join((rule, *map_origins)) if rule.startswith(widened) else rule for rule in rules)


HEADERS: Final = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}
NAMED_BY_CONTENT: Final = ("/app/static/geometry/", "/app/static/components/")
FOR_EVER: Final = "public, max-age=31536000, immutable"
COMPRESSED_FOLDERS: Final = ("/static/", "/app/static/")
COMPRESSED_TYPES: Final = ("text/", "application/javascript", "application/json", "application/geo+json", "image/svg")
SMALLEST: Final = 1_024
KEPT_BYTES: Final = 24 * 2**20


class SecurityHeaders:
    """Adds the security headers to every HTTP answer, and lasting caching to files that are named by their content.

    ``map_origins`` are the hosts of the base map, which the page may then ask.
    """

    def __init__(self, app: ASGIApp, map_origins: Sequence[str] = ()) -> None:
        self.app = app
        self.headers = {**HEADERS, "content-security-policy": content_policy(map_origins)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection; websockets pass untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if any(folder in scope["path"] for folder in NAMED_BY_CONTENT) and message["status"] in (200, 304):
                    headers["cache-control"] = FOR_EVER
            await send(message)

        await self.app(scope, receive, send_with_headers)


class CompressedStaticFiles:
    """Compresses static text files once and answers from memory afterwards.

    The bundles are some 5 MB; compressing them for every reader would cost half a second of processor time each. A
    kept answer is used while the file's ETag is the same. Only complete answers (status 200, no range) are kept.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection; everything but a plain GET of a static file passes untouched."""
        if not _may_compress(scope):
            await self.app(scope, receive, send)
            return
        start: Message = {}
        parts: list[bytes] = []

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if message["type"] == "http.response.body" and _worth_compressing(start):
                parts.append(message.get("body", b""))
                if message.get("more_body"):
                    return
                body = await self._compressed(scope["path"], start, b"".join(parts))
                message = {"type": "http.response.body", "body": body, "more_body": False}
            if start:
                await send(start)
                start = {}
            await send(message)

        await self.app(scope, receive, collect)

    async def _compressed(self, path: str, start: Message, body: bytes) -> bytes:
        headers = MutableHeaders(scope=start)
        headers.add_vary_header("Accept-Encoding")
        if len(body) < SMALLEST:
            return body
        name = (path, headers.get("etag", "") or str(len(body)))
        small = self._kept.get(name)
        if small is None:
            small = await anyio.to_thread.run_sync(gzip.compress, body, 6)
            self._keep(name, small)
        headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(small))
        if headers.get("etag", "").startswith('"'):
            headers["etag"] = "W/" + headers["etag"]
        return small

    def _keep(self, name: tuple[str, str], small: bytes) -> None:
        self._size += len(small) - len(self._kept.get(name, b""))
        self._kept[name] = small
        while self._size > KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest)


def _may_compress(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    headers = Headers(scope=scope)
    return (
        any(folder in scope["path"] for folder in COMPRESSED_FOLDERS)
        and "gzip" in headers.get("accept-encoding", "")
        and "range" not in headers
    )


def _worth_compressing(start: Message) -> bool:
    if not start or start["status"] != 200:
        return False
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "")
    return "content-encoding" not in headers and kind.startswith((*COMPRESSED_TYPES, "text/javascript"))
