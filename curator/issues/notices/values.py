"""The kinds of notices: what each tells, and whom."""

from dataclasses import dataclass

from curator.accounts.values import Right
from curator.letters.values import LetterKind


@dataclass(frozen=True)
class Notice:
    """One kind of notice, as the page shows on which a person chooses; it goes to whoever has the right."""

    kind: LetterKind
    label: str
    hint: str
    right: Right


NOTICES = (
    Notice(
        LetterKind.DRAFT_READY, "A draft is ready", "The cadence has drafted an issue from what is new.", Right.WRITE
    ),
    Notice(LetterKind.REVIEW_ASKED, "A review is asked for", "Somebody wants an issue approved.", Right.PUBLISH),
    Notice(
        LetterKind.GIVEN_BACK, "An issue is handed back", "The review that you asked for has an answer.", Right.WRITE
    ),
    Notice(
        LetterKind.DEADLINE_NEAR,
        "A deadline is near",
        "An issue is not approved yet, a day before it is due.",
        Right.PUBLISH,
    ),
    Notice(
        LetterKind.DEADLINE_OVER,
        "A deadline is over",
        "Nobody approved an issue in time: it is held, or sent by itself.",
        Right.PUBLISH,
    ),
    Notice(
        LetterKind.NOT_SCHEDULED,
        "Approved, but not scheduled",
        "An issue is ready, its moment is near, and nobody has said when it is sent.",
        Right.PUBLISH,
    ),
)
BY_KIND = {notice.kind: notice for notice in NOTICES}
