"""Every table that holds something about readers, as its room means it. Pure.

A new table that names a subscriber or holds an address is entered here (`PERSONAL`), or told why it is about no reader
(`NO_READERS`): a test fails until it is. A reader's copy, their erasure and docs/privacy.md go by this list.
"""

from curator.languages import msgid
from curator.privacy.values import Fate, Personal, Tie

_UNTIL_ERASED = msgid("Until the reader is erased.")
_DESK_LETTERS = (
    *("invitation", "test", "draft_ready", "review_asked", "given_back"),
    *("deadline_near", "deadline_over", "not_scheduled", "alert"),
)

PERSONAL: tuple[Personal, ...] = (
    Personal(
        "subscription",
        "audience",
        what=msgid("The newsletters asked for, and how each stands."),
        why=msgid("To send what was asked for, and nothing else."),
        kept=_UNTIL_ERASED,
        column="subscriber_id",
        shows=("newsletter_id", "state", "changed_at", "how", "paused_until", "is_text_only"),
    ),
    Personal(
        "consent",
        "audience",
        what=msgid("The record of consent: each step, when, on which page and in which words."),
        why=msgid("To prove that somebody asked for it, or left."),
        kept=_UNTIL_ERASED,
        column="subscriber_id",
        shows=("newsletter_id", "step", "at", "place", "words"),
    ),
    Personal(
        "subscriber_interest",
        "audience",
        what=msgid("The subjects that were named."),
        why=msgid("To choose which mailings are sent."),
        kept=_UNTIL_ERASED,
        column="subscriber_id",
        shows=("interest_id",),
    ),
    Personal(
        "subscriber_tag",
        "audience",
        what=msgid("Words that the publisher's desk put on this reader."),
        why=msgid("To choose which mailings are sent."),
        kept=_UNTIL_ERASED,
        column="subscriber_id",
        shows=("tag_id", "at"),
    ),
    Personal(
        "asked_interest",
        "audience",
        what=msgid("The subjects that were ticked at a sign-up which is not confirmed yet."),
        why=msgid("To make them this reader's once the sign-up is confirmed."),
        kept=msgid("Until the sign-up is confirmed, or 7 days."),
        column="subscriber_id",
        shows=("interest_id",),
    ),
    Personal(
        "untagged",
        "audience",
        what=msgid("Words that were taken off this reader along with many others."),
        why=msgid("So that it can be taken back."),
        kept=_UNTIL_ERASED,
        column="subscriber_id",
        shows=("at",),
    ),
    Personal(
        "note",
        "audience",
        what=msgid("What people at the publisher's desk wrote about this reader."),
        why=msgid("To remember what was said and promised."),
        kept=_UNTIL_ERASED,
        column="subscriber_id",
        shows=("at", "words", "words_before", "edited_at"),
        is_desks_own=True,
    ),
    Personal(
        "address_change",
        "audience",
        what=msgid("Changes of the address: the old one, the new one, and when each mailbox agreed."),
        why=msgid("To ask the new mailbox, and so that the old one can take it back."),
        kept=msgid("7 days."),
        column="subscriber_id",
        shows=("old_address", "new_address", "asked_at", "moved_at", "taken_back_at"),
    ),
    Personal(
        "download_request",
        "downloads",
        what=msgid(
            "Transcripts and files that were asked for: what was agreed to, on which page, and how often it was got."
        ),
        why=msgid("To send the link, and to prove that somebody asked for it."),
        kept=msgid("As many days as the operator sets: a year, as it comes."),
        column="address_key",
        tie=Tie.ADDRESS,
        shows=("address", "name", "newsletter_id", "asked_at", "place", "words", "confirmed_at", "downloads"),
    ),
    Personal(
        "tip_note",
        "picks",
        what=msgid("Links that were sent in, and what was written with them."),
        why=msgid("To look at them, and to thank for them where that was wanted."),
        kept=msgid("The address until thanks were sent, or 90 days."),
        column="address_key",
        tie=Tie.ADDRESS,
        shows=("note", "name", "address", "words", "at", "thanked_at"),
    ),
    Personal(
        "delivery",
        "mailings",
        what=msgid("Which issues were sent, when, and what their mail server said."),
        why=msgid("To send each issue once, and to stop where mail does not arrive."),
        kept=msgid("%(months)s months after the mailing; its sums stay."),
        months="deliveries",
        column="subscriber_id",
        shows=("mailing_id", "state", "at", "reason"),
        is_of_mailing=True,
    ),
    Personal(
        "event",
        "events",
        what=msgid(
            "What became of the mails: links followed, mails opened (where that is measured), bounces, leavings."
        ),
        why=msgid("To see what readers want, and to stop where mail does not arrive."),
        kept=msgid("%(months)s months after the mailing; its sums stay."),
        months="events",
        column="subscriber_id",
        shows=("mailing_id", "kind", "at", "link", "is_robot", "detail"),
        is_of_mailing=True,
    ),
    Personal(
        "letter",
        "letters",
        what=msgid("Single mails: confirmations, welcomes, and what else was asked for."),
        why=msgid("To send them, and to send none twice."),
        kept=msgid("30 days after it was sent or given up."),
        column="address_key",
        tie=Tie.ADDRESS,
        shows=("kind", "state", "created_at", "finished_at"),
        spares=_DESK_LETTERS,
    ),
    Personal(
        "webhook_call",
        "webhooks",
        what=msgid("What the publisher's own programs were told of this reader, where they may know the address."),
        why=msgid("To tell it again where a program did not answer."),
        kept=msgid("30 days."),
        column="address_key",
        tie=Tie.ADDRESS,
        shows=("kind", "state", "made_at"),
    ),
    Personal(
        "booking",
        "promotions",
        what=msgid("The address that a sponsor's link was sent to."),
        why=msgid("To ask a sponsor for the words of a booking."),
        kept=msgid("As long as the booking."),
        column="address",
        tie=Tie.ADDRESS,
        fate=Fate.EMPTIED,
        shows=("issue_on",),
    ),
    Personal(
        "suppression",
        "audience",
        what=msgid("That an address is never mailed, and why."),
        why=msgid("So that nobody mails it again by mistake."),
        kept=msgid("For good. Of an erased reader only a keyed hash, from which no address can be read."),
        column="address_key",
        tie=Tie.ADDRESS,
        fate=Fate.MARKED,
        shows=("reason", "note", "at"),
    ),
    Personal(
        "activity",
        "activity",
        what=msgid("What was done about this reader, at the desk or by the reader."),
        why=msgid("So that who changed what can be told, and taken back."),
        kept=msgid("%(months)s months."),
        months="log",
        column="subject_id",
        tie=Tie.LOG,
        shows=("at", "verb"),
    ),
    Personal(
        "subscriber",
        "audience",
        what=msgid("Address and name, how the address came here, and when a link was last followed."),
        why=msgid("To send the mail."),
        kept=msgid("Until the reader is erased; once nothing is sent any more, %(months)s months."),
        months="ended",
        column="id",
        shows=("address", "name", "source", "created_at", "engaged_at"),
    ),
)
"""In the order in which rows go: what points to others comes before them, and the reader last."""

NO_READERS: dict[str, str] = {
    "user": "People at the desk: put out on the people page.",
    "newsletter": "The publisher's own addresses.",
    "probe": "Addresses that do not exist, made up to see a bounce.",
    "sign_in": "Networks of people at the desk, for 14 days.",
    "sign_in_try": "Networks of people at the desk, for 90 days.",
    "reader_import": "Files of readers that were brought: their names and sums; the file goes once it is taken in.",
    "reader_import_refusal": "Lines of a brought file that were not taken, by number and reason, without the line.",
    "hook_call": "What a mail provider told, as it came: a worker reads it within seconds and empties it.",
    "hook_refusal": "Which firm's door refused a call when, and why; nothing of the call.",
    "hook_fact": "What of it waits for its mailing, for five days at the most; then only its number stays.",
    "webhook_attempt": "What the publisher's own programs answered; it goes with its call.",
    "restoration": "That this database was made from a backup, and how many of what were held.",
    "backup_run": "What became of each night's backup: moments, sizes, and what a try failed of.",
    "erasure": "Numbers of readers who were erased, until the mailing that was under way is over.",
}
"""Tables that look as if they were about readers, and why they are not."""


def personal(table: str) -> Personal:
    """Returns what is declared of a table; raises KeyError."""
    return next(each for each in PERSONAL if each.table == table)
