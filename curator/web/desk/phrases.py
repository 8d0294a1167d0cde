"""What each deed is called in the log, with @ where the thing's name goes. Pure.

A deed that is not listed here is its verb and the thing: verbs are written to be read so.
"""

from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
    "issue.picked into": "picked {item} into {section} of @",
    "issue.moved a block of": "moved {item} to {section} in @",
    "issue.removed a block from": "took {item} out of @",
    "issue.put back into": "put {item} back into @",
    "issue.edited a pick of": "wrote about {item} in @",
    "issue.edited a text of": "wrote on a text of @",
    "issue.changed the subject of": "wrote the subject and preheader of @",
    "issue.scheduled": "scheduled @ for {send_at}",
    "issue.unscheduled": "took @ off its schedule",
    "issue.voided the approval of": "changed words elsewhere, which voids the approval of @",
    "feed.add": "added the feed @",
    "feed.remove": "removed the feed {url}",
    "feed.pause": "paused @",
    "feed.lose": "stopped asking @, which is gone",
    "feed.resume": "had @ asked again",
    "feed.pace": "set how often @ is asked",
    "feed.mark": "said whether @ is one of your own shows",
    "feed.move": "took the new address of @",
    "feed.merge": "made one feed of two: @",
    "feeds.import": "imported {added} feeds from a file",
    "item.add": "added the page @",
    "item.remove": "removed the page @",
    "item.renamed a speaker in the transcript of": "called a speaker {speaker} in the transcript of @",
    "quote.took": "took a quote from {item}",
    "quote.forgot": "forgot a quote of {item}",
    "check.checked by hand": "checked something by hand in @",
    "check.took back the check of": "took back a check by hand in @",
    "platform.retired": "retired {name}: its links are shown nowhere",
    "platform.brought back": "brought {name} back",
    "promotion.wrote": "wrote the promotion @",
    "promotion.changed": "changed the promotion @",
    "promotion.put away": "put the promotion @ away",
    "promotion.took out": "took the promotion @ out again",
    "promotion slot.made": "made the slot @",
    "promotion slot.changed": "changed the slot @",
    "promotion slot.put away": "put the slot @ away",
    "promotion slot.took out": "took the slot @ out again",
    "booking.freed": "freed the slot of @",
    "booking.approved": "approved the words of @",
    "booking.took back the approval of": "took back the approval of the words of @",
    "mute.lifted": "mutes @ no longer",
    "subscriber.renamed": "changed the name of @",
    "newsletter.changed": "changed the settings of @",
    "newsletter.imported": "imported {added} readers of @ from a file",
    "newsletter.probed": "sent a probe for @",
    "mailing.did not wait for": "ended the wait of @",
    "user.signed in": "signed in",
    "user.signed in by link": "signed in by a link",
    "user.created": "gave @ a place at the desk",
    "user.deactivated": "put @ out",
    "user.reactivated": "let @ in again",
    "api_token.make": "made an API token",
    "api_token.revoke": "revoked an API token",
}

_NEWSLETTER = (
    *("name", "slug", "tagline", "sender_name", "sender_address", "reply_to", "postal_address", "language"),
    *("cadence", "draft_lead_hours", "minimum_picks", "when_short", "tracks_clicks", "transport", "spare_transport"),
    *("hold_minutes", "wave_minutes", "send_from", "send_until", "approval_lead_minutes", "when_unapproved"),
    *("needs_second_person", "accent", "sections"),
)
_EPISODE = (
    *("title", "subtitle", "summary", "artwork_url", "artwork_alt", "artwork_credit"),
    *("guests", "topics", "mentions", "chapters", "links"),
)

SHOWN: Mapping[str, tuple[str, ...]] = {
    "issue": ("subject", "preheader", "title", "link", "blurb", "body"),
    "newsletter": _NEWSLETTER,
    "episode": _EPISODE,
    "show": ("links",),
    "feed": ("url", "poll_minutes", "is_own_show"),
    "promotion": ("sponsor", "words", "begins_at", "ends_at", "event_at", "event_place"),
    "promotion slot": ("name", "label", "max_title", "max_text", "lead_hours"),
    "booking": ("words",),
    "subscriber": ("reason",),
    "item": ("speaker",),
    "check": ("words",),
}
"""What of a change the log shows, by subject: nothing that is not listed, so no address or key by accident."""

SUBJECTS: Mapping[str, str] = {
    "issue": "Issues",
    "check": "Checks by hand",
    "item": "Items",
    "feed": "Feeds",
    "feeds": "Lists of feeds",
    "episode": "Episodes",
    "show": "Shows",
    "quote": "Quotes",
    "platform": "Places to listen",
    "promotion": "Promotions",
    "promotion slot": "Slots for promotions",
    "booking": "Bookings",
    "mute": "Mutes",
    "newsletter": "Newsletters",
    "mailing": "Mailings",
    "subscriber": "Readers",
    "user": "People",
    "api_token": "API tokens",
}
"""The kinds of things that the log can be narrowed to."""
