"""Who hears of what needs a person, and who would miss this machine when it is dead."""

from collections.abc import Iterator

from curator.accounts import store as accounts
from curator.accounts.values import Role
from curator.app import App
from curator.findings import Finding, Level


def telling(app: App) -> Iterator[Finding]:
    """Looks whom alerts reach, and whether a sign of life is given; a demo needs neither."""
    if app.settings.is_demo:
        return
    yield _alerts(app)
    if app.settings.heartbeat_url is None:
        what = "No sign of life is given: a machine that is dead tells nobody."
        todo = "Set CURATOR_HEARTBEAT_URL to the address of a service that misses it."
        yield Finding(Level.LOOK, "heartbeat", what, todo)
    else:
        what = "It is given every minute while clock and sender are healthy."
        yield Finding(Level.OK, "heartbeat", what)


def _alerts(app: App) -> Finding:
    named = len(app.settings.alert_addresses)
    with app.db.read() as session:
        owners = sum(each.is_active and each.role is Role.OWNER for each in accounts.editors(session))
    number = named or owners
    if not number:
        todo = "Set CURATOR_ALERT_ADDRESSES, or make an owner with `curator users add`."
        return Finding(Level.WRONG, "alerts", "Nobody would be written to of what needs a person.", todo)
    whom = f"{number} {'address' if named else 'owner'}{'' if number == 1 else 'es' if named else 's'}"
    if app.settings.alert_webhook_url is None:
        what = f"Alerts are told to {whom} by mail alone, which nobody gets while no mail leaves."
        return Finding(Level.LOOK, "alerts", what, "Set CURATOR_ALERT_WEBHOOK_URL to a chat room's or a pager's.")
    return Finding(Level.OK, "alerts", f"They are told to {whom} by mail, and by webhook.")
