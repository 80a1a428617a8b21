"""What an address may hold of a wait: a keyed hash that means nothing to anybody else.

An Encounter's id may carry an identity (some records number them by patient), and addresses stand
in histories and proxy logs. So an address holds a keyed hash of it, looked up among the waits
that this person may see now.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

_KEY_BYTES = 32


class Handles:
    """Makes handles and finds whom they mean, with a key kept in ``state_dir``."""

    def __init__(self, state_dir: Path) -> None:
        self._key = _key_of(state_dir / "handle.key")

    def of(self, encounter: str) -> str:
        """The handle of one wait, 24 letters."""
        return blake2b(encounter.encode(), key=self._key, digest_size=12).hexdigest()

    def find(self, handle: str, encounters: Iterable[str]) -> str | None:
        """The one of ``encounters`` that ``handle`` means, None where it means none of them."""
        for encounter in encounters:
            if hmac.compare_digest(self.of(encounter).encode(), handle.encode()):
                return encounter
        return None


def _key_of(path: Path) -> bytes:
    """The key in ``path``, made the first time; readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        try:
            os.link(fresh, path)  # the first of several that start at once wins
        except OSError:
            if not path.exists():
                fresh.replace(path)
        fresh.unlink(missing_ok=True)
    return path.read_bytes()
