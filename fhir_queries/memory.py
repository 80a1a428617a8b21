"""What has been learnt of one server: how it is asked from then on.

Shared by every thread. What was seen to work is trusted for good; what gave nothing either way is
trusted for a while, so that an empty answer is doubted now and then, and not at each refresh.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable
from time import perf_counter

from fhir_queries.capability import Claims
from fhir_queries.profile import SearchRules

_TRUSTED_SECONDS = 3600.0
_ABSENT_SECONDS = 300.0
_MOST_ABSENT = 10_000


class Memory:
    """What one server does and doesn't do. Keys are names of types and parameters only."""

    def __init__(self, rules: SearchRules) -> None:
        self._lock = threading.Lock()
        self._proven: set[str] = set()
        self._disproved: set[str] = set()
        self._trusted: dict[str, float] = {}
        self._absent: dict[str, float] = {}
        self._avoided: set[str] = set(rules.avoid)
        self._forms: dict[str, str] = {}
        self._ways: dict[str, None] = {}
        self._claims: Claims | None = None
        self._claims_until = 0.0
        self._batch: dict[str, bool | None] = {"": {"yes": True, "no": False}.get(rules.batch)}
        if rules.include == "no":
            self._avoided |= {"*:_include", "*:_revinclude"}
        if rules.patient_form != "find-out":
            self._forms["*"] = rules.patient_form

    def for_somebody(self) -> Memory:
        """What is known of the server, without what was absent for whoever asked until now.

        What one person may not see isn't absent for the next.
        """
        other = copy.copy(self)
        other._absent = {}
        return other

    @property
    def takes_batch(self) -> bool | None:
        """Whether it takes a batch; None while that isn't known."""
        return self._batch[""]

    @takes_batch.setter
    def takes_batch(self, takes: bool) -> None:
        self._batch[""] = takes

    def avoids(self, resource_type: str, name: str) -> bool:
        """Whether parameter ``name`` isn't to be sent."""
        if not self._avoided:
            return False
        plain = name.partition(":")[0]
        return f"{resource_type}:{plain}" in self._avoided or f"*:{plain}" in self._avoided

    def avoids_any(self, resource_type: str, params: Iterable[tuple[str, str]]) -> bool:
        """Whether any of ``params`` isn't to be sent."""
        if not self._avoided:
            return False
        return any(self.avoids(resource_type, name) for name, _ in params)

    def avoid(self, resource_type: str, names: set[str]) -> None:
        """Never send these parameters to this type again."""
        with self._lock:
            self._avoided |= {f"{resource_type}:{name.partition(':')[0]}" for name in names}

    def form(self, resource_type: str) -> str:
        """How a patient is named in a search of this type; empty: as asked."""
        return self._forms.get(resource_type) or self._forms.get("*", "")

    def form_is_set(self) -> bool:
        """Whether the profile says how a patient is named."""
        return "*" in self._forms

    def use_form(self, resource_type: str, form: str) -> None:
        """Name a patient in this form from now on."""
        with self._lock:
            self._forms[resource_type] = form

    def prove(self, ability: str) -> None:
        """Something was seen to work."""
        if ability not in self._proven:
            with self._lock:
                self._proven.add(ability)
                self._disproved.discard(ability)

    def is_proven(self, ability: str) -> bool:
        """Whether it was seen to work."""
        return ability in self._proven

    def disprove(self, ability: str) -> None:
        """Something was seen not to work, whatever had been thought."""
        with self._lock:
            self._proven.discard(ability)
            self._trusted.pop(ability, None)
            self._disproved.add(ability)

    def is_disproved(self, ability: str) -> bool:
        """Whether it was seen not to work."""
        return ability in self._disproved

    def trust(self, ability: str) -> None:
        """Another way gave nothing either: believe an empty answer for a while."""
        with self._lock:
            self._trusted[ability] = perf_counter() + _TRUSTED_SECONDS

    def believes(self, ability: str) -> bool:
        """Whether an empty answer is believed."""
        return ability in self._proven or self._trusted.get(ability, 0.0) > perf_counter()

    def claims(self, ask: Callable[[], Claims]) -> Claims:
        """What the record says of itself; asked once an hour at most."""
        if self._claims is None or self._claims_until < perf_counter():
            found = ask()
            with self._lock:
                self._claims = found
                self._claims_until = perf_counter() + _TRUSTED_SECONDS
        return self._claims

    def note_absent(self, references: set[str]) -> None:
        """These were asked for by id and not given: don't ask at each refresh."""
        if not references:
            return
        until = perf_counter() + _ABSENT_SECONDS
        with self._lock:
            if len(self._absent) > _MOST_ABSENT:
                self._absent.clear()
            self._absent.update(dict.fromkeys(references, until))

    def is_absent(self, reference: str) -> bool:
        """Whether this was lately asked for and not given."""
        return self._absent.get(reference, 0.0) > perf_counter()

    def note_way(self, words: str) -> None:
        """Say, for ``check``, in which other way this server is asked."""
        if words not in self._ways:
            with self._lock:
                self._ways[words] = None

    def ways(self) -> tuple[str, ...]:
        """In which other ways this server is asked, in words; nothing of any person."""
        with self._lock:
            return tuple(self._ways)
