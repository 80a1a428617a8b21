"""How the app is served: Streamlit's ASGI app under uvicorn, hardened and warmed up.

``python asgi.py`` serves on http://localhost:8501. Without ``HANDOVER_RECORD_URL`` it first starts
the embedded shared record, in a process of its own that ends with this one. Any ASGI server can
serve ``asgi:app`` instead.

Why not plain ``streamlit run``: its sockets wait for delayed acknowledgements, it collects garbage
after every run, and it sends no security headers.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
import importlib
import os
import re
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
os.chdir(HERE)  # Streamlit reads .streamlit/config.toml from the working directory.

import streamlit as st  # noqa: E402
import uvicorn  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import JSONResponse, Response  # noqa: E402
from starlette.routing import Route  # noqa: E402
from starlette.types import ASGIApp, Message, Receive, Scope, Send  # noqa: E402

from fhir_queries.capability import ask_claims  # noqa: E402
from fhir_queries.checklist import site_checklist  # noqa: E402
from fhir_queries.command_centre import CommandCentreKeeper  # noqa: E402
from fhir_queries.deadline import Call  # noqa: E402
from fhir_queries.declared import WrongSetting  # noqa: E402
from fhir_queries.errors import RecordError  # noqa: E402
from fhir_queries.feeds import PATHS, answer_feed  # noqa: E402
from fhir_queries.indicator_file import indicator_settings  # noqa: E402
from fhir_queries.record import SharedRecord  # noqa: E402
from fhir_queries.settings import RecordSettings  # noqa: E402


def _inline_scripts() -> str:
    """The CSP hashes of the scripts that stand in Streamlit's own page, so that no other runs."""
    page = Path(st.__file__).with_name("static") / "index.html"
    found = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in found)
    return " ".join(f"'sha256-{one}'" for one in hashes)


HEADERS = {
    "content-security-policy": (
        "default-src 'self'; "
        # Streamlit's bundle evaluates Vega expressions and loads its own modules from blobs.
        f"script-src 'self' {_inline_scripts()} 'unsafe-eval' blob:; worker-src 'self' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; media-src 'self' blob:; object-src 'self' blob:; "
        "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}
HIDDEN_PATHS = frozenset({"/_stcore/metrics"})
_FIRST_SERVED = 8.0
"""So many seconds later whoever waited for the start has their screen; what only charts need is
loaded then, not in front of them."""
_LOADED = threading.Event()


class Hardened:
    """Adds the security headers to every answer and hides what names the app's insides."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
                given = {name.lower() for name, _ in headers}
                headers += [pair for pair in self._headers if pair[0] not in given]
                message = {**message, "headers": headers}
            await send(message)

        if scope["path"] in HIDDEN_PATHS:
            await JSONResponse({"error": "not found"}, 404)(scope, receive, send_hardened)
            return
        await self._app(scope, receive, send_hardened)


@functools.cache
def _record() -> SharedRecord:
    return SharedRecord.connect(RecordSettings.read())


def _record_answers() -> bool:
    """Whether the shared record answers now."""
    record = _record()
    try:
        ask_claims(record.server, Call(record.settings.connect_seconds))
    except RecordError:
        return False
    return True


async def ready(_: Request) -> JSONResponse:
    """Whether the app could do its work now: 200, or 503 while the record doesn't answer.

    ``loaded`` says whether somebody who comes now would also find everything loaded.
    ``/_stcore/health`` says only that the app itself is up.
    """
    answers = await asyncio.to_thread(_record_answers)
    told = {"ready": answers, "record": answers, "loaded": _LOADED.is_set()}
    return JSONResponse(told, 200 if answers else 503)


@functools.cache
def _departments() -> CommandCentreKeeper:
    return CommandCentreKeeper(_record())


async def feed(request: Request) -> Response:
    """The departments' numbers for a command centre's own screens, behind their own token."""
    given = request.headers.get("authorization", "")
    answer = await asyncio.to_thread(answer_feed, _departments(), request.url.path, given)
    return Response(
        answer.body,
        answer.status,
        media_type=answer.content_type,
        headers={"cache-control": "no-store"},
    )


def _warm_up() -> None:
    """Load the screens and what their charts need, which would keep the first person waiting."""
    sessions = importlib.import_module("pages.parts.sessions")
    sessions.keep_light()
    for path in sorted((HERE / "pages" / "parts").glob("*.py")):
        importlib.import_module(f"pages.parts.{path.stem}")
    time.sleep(_FIRST_SERVED)
    importlib.import_module("altair")
    importlib.import_module("clinical.spc").rules_of_abspc()
    sessions.look_through_everything()
    _LOADED.set()


@functools.cache
def _begin_to_warm_up() -> None:
    """Warm up beside all else, once in this process."""
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Warm up beside the first request, not in front of it."""
    _begin_to_warm_up()
    yield {}


app = st.App(
    str(HERE / "handover_app.py"),
    lifespan=lifespan,
    routes=[Route("/ready", ready), *(Route(path, feed) for path in PATHS)],
    middleware=[Middleware(Hardened)],
)


def main() -> int:
    """Serve the app, with the embedded record where no other is named. Returns the exit code."""
    host = os.environ.get("HANDOVER_HOST", "localhost")
    port = int(os.environ.get("HANDOVER_PORT", "8501"))
    say = sys.stdout.write
    own_record = None
    try:
        settings = RecordSettings.read()
        indicator_settings(settings.indicators)
        site_checklist(settings.checklist)
    except WrongSetting as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
    _begin_to_warm_up()
    if not settings.record_url:
        from sandbox.embedded import start_for_app  # noqa: PLC0415

        own_record = start_for_app(Path(settings.state_dir))
    say(f"\n  Ambulance handover viewer: http://{host}:{port}\n")
    if own_record is not None:
        say(
            f"  Embedded record (made-up people): {own_record.base}\n"
            "\n  Try it: open the address, choose a community clinician, open the first person\n"
            "  waiting, read their record, say “I have it”, work through the checklist, decide.\n"
            "  Then come back as the ED coordinator and as the manager. Ctrl-C ends it.\n\n"
        )
    sys.stdout.flush()
    try:
        uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, ws="auto")
    finally:
        if own_record is not None:
            own_record.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
