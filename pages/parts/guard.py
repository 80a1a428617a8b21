"""The guard around every screen: a fault becomes one sentence and one line in the log."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

import streamlit as st

from fhir_queries.errors import NotPermitted, RecordError
from pages.parts.logged import Line, place_of, say
from pages.parts.taps import answer_every_tap
from pages.present.escape import html

Arguments = ParamSpec("Arguments")
_FAILED = "failed-in-a-callback"


@contextmanager
def guard(where: str) -> Iterator[None]:
    """Run a screen, or a part of one that reruns by itself. ``where`` names it in the log.

    Streamlit's own signals (rerun, stop, another page) pass through: they are no faults.
    """
    with _told_by(where, say_sorry):
        yield


@contextmanager
def _told_by(where: str, tell: Callable[[str], None]) -> Iterator[None]:
    try:
        yield
    except RecordError as fault:
        line = Line.NOT_PERMITTED if isinstance(fault, NotPermitted) else Line.RECORD_FAILED
        say(line, where=where, error=type(fault).__name__)
        tell(str(fault))
    except Exception as fault:  # noqa: BLE001 - the last line before a person's screen
        request = secrets.token_hex(6)
        say(
            Line.SCREEN_FAILED,
            where=where,
            request=request,
            error=type(fault).__name__,
            at=place_of(fault),
        )
        tell(
            "This part of the screen could not be shown. What was saved is safe in the record. "
            f"Open it again; if it stays like this, report {request}."
        )


def guarded(where: str) -> Callable[[Callable[Arguments, None]], Callable[Arguments, None]]:
    """The same as a decorator, for fragments, whose every tap it has answered."""

    def around(function: Callable[Arguments, None]) -> Callable[Arguments, None]:
        @functools.wraps(function)
        def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
            with guard(where):
                answer_every_tap()
                function(*args, **kwargs)

        return run

    return around


def guarded_callback(
    where: str,
) -> Callable[[Callable[Arguments, None]], Callable[Arguments, None]]:
    """The same for callbacks, which have no place on the screen to say anything: what failed is
    said by the next :func:`say_what_failed`."""

    def around(function: Callable[Arguments, None]) -> Callable[Arguments, None]:
        @functools.wraps(function)
        def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
            with _told_by(where, _say_later):
                function(*args, **kwargs)

        return run

    return around


def say_what_failed() -> None:
    """Say what failed in a callback, once."""
    sentence = st.session_state.pop(_FAILED, "")
    if sentence:
        say_sorry(sentence)


def _say_later(sentence: str) -> None:
    st.session_state[_FAILED] = sentence


def say_sorry(sentence: str) -> None:
    """Show one sentence about what went wrong."""
    st.html(html('<div class="hv hv-box stop" role="alert"><p>{text}</p></div>', text=sentence))
