"""Whether what is too old to name readers is deleted, and what is about to be."""

from curator.app import App
from curator.findings import Finding, Level
from curator.privacy import retention
from curator.privacy.age import store

_LATE = 3 * retention.EVERY
_LOOK = "See it with `curator privacy prune --dry-run`. CURATOR_KEEP_*_MONTHS says for how long what is kept."


def keeping(app: App) -> list[Finding]:
    """Returns one finding."""
    now, wanted = app.clock(), retention.keeping(app.settings)
    with app.db.read() as session:
        last, begins = store.last_run(session), retention.begins_at(session)
    if last is None or begins is None:
        return [Finding(Level.OK, "retention", "Nothing is too old to name readers yet.")]
    if now - last.at > _LATE:
        what = f"What is too old to name readers was last looked for on {last.at:%Y-%m-%d}."
        return [Finding(Level.LOOK, "retention", what, "A clock does it every day; see that one runs.")]
    if last.removed is None:
        goes = {kind: number for kind, number in retention.plan(app.db, wanted, now=begins).items() if number}
        what = ", ".join(f"{number:,} {kind}" for kind, number in goes.items())
        if not goes:
            return [Finding(Level.OK, "retention", "Nothing is too old to name readers.")]
        return [Finding(Level.LOOK, "retention", f"From {begins:%Y-%m-%d} on what is too old goes: {what}.", _LOOK)]
    gone = sum(last.removed.values())
    what = f"What is too old to name readers was deleted on {last.at:%Y-%m-%d}: {gone:,} rows."
    return [Finding(Level.OK, "retention", what)]
