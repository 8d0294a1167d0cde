"""The in-memory twin of the resolver, for tests of everything that looks names up."""

from dataclasses import dataclass, field

from curator.http.values import Looked, Outcome


@dataclass
class MemoryResolver:
    """Answers from what `put` and `fail` laid down; a name that nothing was said about does not exist."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    _records: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    _failures: dict[str, Outcome] = field(default_factory=dict)
    _else: Outcome = Outcome.NO_NAME

    def put(self, name: str, *, txt: str | None = None, mx: str | None = None) -> None:
        """Adds records to a name; without any, the name exists and has none."""
        kinds = self._records.setdefault(name.lower(), {"TXT": [], "MX": []})
        kinds["TXT"] += [] if txt is None else [txt]
        kinds["MX"] += [] if mx is None else [mx]

    def fail(self, outcome: Outcome, name: str | None = None) -> None:
        """Has a name, or every name that nothing was said about, end without an answer."""
        if name is None:
            self._else = outcome
        else:
            self._failures[name.lower()] = outcome

    def txt(self, name: str) -> Looked:
        """Returns the TXT records that were laid down."""
        return self._looked(name, "TXT")

    def mx(self, name: str) -> Looked:
        """Returns the hosts that were laid down, in that order."""
        return self._looked(name, "MX")

    def _looked(self, name: str, kind: str) -> Looked:
        self.asked.append((kind, name))
        key = name.lower()
        if key in self._failures or key not in self._records:
            outcome = self._failures.get(key, self._else)
            return Looked(name, outcome, words=f"{name}: {outcome}, as this test wants it.")
        records = tuple(self._records[key][kind])
        if not records:
            return Looked(name, Outcome.NO_RECORD, words=f"{name} has no {kind} record.")
        return Looked(name, Outcome.FOUND, records)
