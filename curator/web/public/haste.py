"""A form's signed time: whoever sends it within a second, or a day later, presses once more; people hardly notice."""

import struct
from datetime import UTC, datetime, timedelta

from flask import request

from curator import tokens
from curator.errors import TokenError
from curator.web import here
from curator.web.public import embeds
from curator.web.public.door import blueprint

FIELD = "at"
# Nobody reads a form and fills it in within a second; programs do. A page may lie in a shared cache for minutes.
QUICKEST = timedelta(seconds=1)
OLDEST = timedelta(days=1)
_MOMENT = struct.Struct(">Q")


@blueprint.app_template_global("form_stamp")
def stamp() -> str:
    """Returns the moment of this page, signed, for a form's hidden field."""
    at = _MOMENT.pack(round(here.now().timestamp() * 1000))
    return tokens.sign(here.app().keys, tokens.Purpose.FORM, at)


def is_hasty() -> bool:
    """Tells whether this form has to be pressed once more: it was too quick, too old, or bears no time of ours.

    A form that stands on another site, in HTML that was copied there once, cannot bear one; its browser says so.
    """
    given = request.form.get(FIELD, "")
    if not given:
        return not embeds.framing_page()
    try:
        (at,) = _MOMENT.unpack(tokens.verify(here.app().keys, tokens.Purpose.FORM, given))
        age = here.now() - datetime.fromtimestamp(at / 1000, UTC)
    except (TokenError, struct.error, OverflowError, ValueError, OSError):
        return True
    return not QUICKEST <= age <= OLDEST
