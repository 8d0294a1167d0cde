"""What waits for a person: an older copy of the database, and mailings that are paused."""

from collections.abc import Iterator

from curator.app import App
from curator.findings import Finding, Level
from curator.mailings import store as mailings
from curator.mailings.values import MailingState
from curator.queue import pulse
from curator.queue import store as queue


def resting(app: App) -> Iterator[Finding]:
    """Looks for what goes on only when somebody says so."""
    known = pulse.remembered(app.settings.data_dir)
    with app.db.read() as session:
        found = queue.last_beat(session)
        live = mailings.mailings(session, is_live=True)
    if found is not None and known is not None and pulse.is_older(found, known):
        what = (
            f"The database ends on {found.at:%Y-%m-%d %H:%M} UTC, but this machine knew it until "
            f"{known.at:%Y-%m-%d %H:%M} UTC: it is an older copy, and mail may have left that it does not know of."
        )
        todo = "Start Curator: it pauses every unfinished mailing. Then compare with the relay's log."
        yield Finding(Level.WRONG, "older copy", what, todo)
    for view in live:
        if view.state is MailingState.PAUSED:
            todo = f"{app.settings.public_url}/desk/mailings/{view.id} resumes or cancels it."
            yield Finding(Level.LOOK, f"mailing {view.id}", f"It is paused. {view.reason}", todo)
