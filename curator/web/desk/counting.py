"""How many readers fit while somebody types a filter: a line that never keeps the typing waiting."""

from flask import render_template

from curator.accounts.values import Right
from curator.web import here
from curator.web.desk import asked
from curator.web.desk.choice import required
from curator.web.desk.door import blueprint, needs


@blueprint.get("/subscribers/count")
@needs(Right.READERS)
def count_readers() -> str:
    """Says how many fit what the form asks for, or what is wrong with it.

    A script puts the line below the form; without one it is a page of one line.
    """
    of = asked.asked(required())
    if not of.form.is_good:
        return render_template("desk/_fits.html", of=of, fits=None, unknown=())
    with here.db().read() as session:
        where = asked.scope(session, of)
        return render_template("desk/_fits.html", of=of, fits=asked.count(session, of, where), unknown=where.unknown)
