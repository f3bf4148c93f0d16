"""What every answer of the server carries."""

import asyncio
import gzip
from typing import Any

import pytest

from ui.web_answers import CONTENT_POLICY, FOR_EVER, SMALLEST, CompressedStaticFiles, SecurityHeaders

SCRIPT = b"const a = 1;\n" * 1000


def answering(body: bytes, *, kind: str = "text/javascript", status: int = 200, pieces: int = 3, **more: str):
    """An ASGI app that answers everything with ``body`` in pieces; counts its answers in ``.calls``."""

    async def app(scope: dict, receive: Any, send: Any) -> None:
        app.calls += 1
        headers = {"content-type": kind, "content-length": str(len(body)), **more}
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        step = max(1, len(body) // pieces)
        parts = [body[at : at + step] for at in range(0, len(body), step)] or [b""]
        for number, part in enumerate(parts):
            await send({"type": "http.response.body", "body": part, "more_body": number < len(parts) - 1})

    app.calls = 0
    return app


def ask(app: Any, path: str, *, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one request."""
    got: list[dict] = []
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "query_string": b""}

    async def receive() -> dict:
        return {"type": "http.request"}

    async def send(message: dict) -> None:
        got.append(message)

    asyncio.run(app(scope, receive, send))
    assert [one["type"] for one in got].count("http.response.start") == 1
    said = {name.decode().lower(): value.decode() for name, value in got[0]["headers"]}
    return got[0]["status"], said, b"".join(one.get("body", b"") for one in got[1:])


def test_a_static_file_goes_out_compressed_and_whole():
    app = CompressedStaticFiles(answering(SCRIPT, etag='"abc"'))
    for _ in range(2):
        status, headers, body = ask(app, "/static/js/index.js", accept_encoding="gzip, br")
        assert status == 200
        assert headers["content-encoding"] == "gzip"
        assert int(headers["content-length"]) == len(body) < len(SCRIPT) / 5
        assert "Accept-Encoding" in headers["vary"]
        assert headers["etag"] == 'W/"abc"'
        assert gzip.decompress(body) == SCRIPT


def test_a_file_is_compressed_once(monkeypatch: pytest.MonkeyPatch):
    times = []
    monkeypatch.setattr("ui.web_answers.gzip.compress", lambda body, _level: times.append(1) or b"small")
    app = CompressedStaticFiles(answering(SCRIPT, etag='"abc"'))
    for _ in range(3):
        ask(app, "/static/js/index.js", accept_encoding="gzip")
    assert len(times) == 1


def test_a_file_that_changed_is_compressed_anew():
    inner = answering(SCRIPT, etag='"one"')
    app = CompressedStaticFiles(inner)
    ask(app, "/app/static/x.svg", accept_encoding="gzip")
    app.app = answering(SCRIPT[::-1], etag='"two"')
    _, _, body = ask(app, "/app/static/x.svg", accept_encoding="gzip")
    assert gzip.decompress(body) == SCRIPT[::-1]


@pytest.mark.parametrize(
    ("path", "request_headers", "answer"),
    [
        ("/static/a.js", {}, {}),
        ("/static/a.js", {"accept_encoding": "gzip", "range": "bytes=0-10"}, {}),
        ("/media/export.xlsx", {"accept_encoding": "gzip"}, {}),
        ("/static/font.woff2", {"accept_encoding": "gzip"}, {"kind": "font/woff2"}),
        ("/static/a.js", {"accept_encoding": "gzip"}, {"content_encoding": "br"}),
        ("/static/a.js", {"accept_encoding": "gzip"}, {"status": 404}),
    ],
)
def test_everything_else_passes_as_it_is(path, request_headers, answer):
    _, headers, body = ask(CompressedStaticFiles(answering(SCRIPT, **answer)), path, **request_headers)
    assert body == SCRIPT
    assert headers.get("content-encoding") == answer.get("content_encoding")


def test_a_tiny_file_is_not_worth_it():
    _, headers, body = ask(
        CompressedStaticFiles(answering(b"x" * (SMALLEST - 1))), "/static/a.js", accept_encoding="gzip"
    )
    assert len(body) == SMALLEST - 1
    assert "content-encoding" not in headers


def test_what_is_kept_stays_within_its_bound(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ui.web_answers.KEPT_BYTES", 400)
    app = CompressedStaticFiles(answering(SCRIPT))
    for number in range(20):
        ask(app, f"/static/{number}.js", accept_encoding="gzip")
    assert 0 < app._size <= 400
    assert app._size == sum(map(len, app._kept.values()))


def test_every_answer_carries_the_security_headers():
    _, headers, _ = ask(SecurityHeaders(answering(b"x")), "/anything")
    assert headers["content-security-policy"] == CONTENT_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "http:" not in CONTENT_POLICY and "https:" not in CONTENT_POLICY and "*" not in CONTENT_POLICY


@pytest.mark.parametrize(
    ("path", "status", "lasting"),
    [
        ("/app/static/geometry/31a3.json", 200, True),
        ("/app/static/geometry/none.json", 404, False),
        ("/app/static/favicon.svg", 200, False),
    ],
)
def test_only_geometry_that_is_there_is_kept_for_ever(path, status, lasting):
    _, headers, _ = ask(SecurityHeaders(answering(b"x", status=status)), path)
    assert (headers.get("cache-control") == FOR_EVER) == lasting


def test_websockets_pass_untouched():
    seen = []

    async def inner(scope: dict, receive: Any, send: Any) -> None:
        seen.append(send)

    async def go() -> None:
        sentinel = object()
        for wrapped in (SecurityHeaders(inner), CompressedStaticFiles(inner)):
            await wrapped({"type": "websocket", "path": "/static/x", "headers": []}, None, sentinel)
        assert seen == [sentinel, sentinel]

    asyncio.run(go())
