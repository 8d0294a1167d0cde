"""One subscriber: what is sent to them, and the record of their consent."""

from flask import render_template

from curator.accounts.values import Right
from curator.audience import store
from curator.audience.record import store as record
from curator.audience.values import ConsentStep
from curator.errors import NotFoundError
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.desk.door import blueprint, needs

# More steps than a person takes in years; beyond them the page says that there are more.
_LISTED = 100

_STEPS = {
    ConsentStep.ASKED: "Signed up",
    ConsentStep.CONFIRMED: "Confirmed",
    ConsentStep.LEFT: "Left",
    ConsentStep.RETURNED: "Took the leaving back",
    ConsentStep.DENIED: "Said “I never signed up”",
    ConsentStep.ADDED: "Added by hand",
    ConsentStep.IMPORTED: "Imported from a file",
}


@blueprint.get("/subscribers/<key:subscriber_id>")
@needs(Right.READERS)
def subscriber(subscriber_id: int) -> str:
    """Shows a subscriber with the steps of their consent: when, where and in which words.

    What they do elsewhere is told only to whoever may see the readers there; one who is a reader elsewhere only is not
    here.
    """
    with here.db().read() as session:
        seen = store.subscriber_row(session, None, subscriber_id)
        if seen is None:
            raise NotFoundError("subscriber", subscriber_id)
        subscriptions = record.subscriptions(session, subscriber_id)
        shown = [each for each in subscriptions if here.may(Right.READERS, each.newsletter_id)]
        if subscriptions and not shown:
            raise NotFoundError("subscriber", subscriber_id)
        found = record.steps(session, subscriber_id, limit=_LISTED + 1)
        steps = [each for each in found if here.may(Right.READERS, each.newsletter_id)]
        return render_template(
            "desk/subscriber.html",
            reader=seen,
            subscriptions=shown,
            steps=steps[:_LISTED],
            is_longer=len(found) > _LISTED,
            step_names=_STEPS,
            newsletters={each.id: each for each in newsletters.newsletters(session)},
        )
