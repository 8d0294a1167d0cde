"""The front page: what is published here."""

from flask import render_template

from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.public.door import blueprint


@blueprint.get("/")
def home() -> str:
    """Shows what is published here."""
    with here.db().read() as session:
        return render_template("public/home.html", newsletters=newsletters.newsletters(session))
