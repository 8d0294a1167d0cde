"""The API's issues: from draft to sending, by the same rules as at the desk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from curator.accounts.values import ApiScope
from curator.errors import InvalidError
from curator.issues import board, publish, store
from curator.issues.checks import run as checks
from curator.issues.checks.values import Group, Level
from curator.issues.paging import store as paging
from curator.issues.values import BlockKind, BoardBlock, IssueRow, IssueState
from curator.web import here
from curator.web.api.operations import Call, Operation, Page, Paged, Reply, Tag
from curator.web.api.problems import Kind
from curator.web.api.shapes import key_told, of, told

_SEEN = "The `content_hash` of the mail that was looked at: other content is refused."
_TESTED = "Whether it goes to the desk alone, as it does in test mode: no more get it than was meant."


@dataclass(frozen=True, kw_only=True)
class IssuesAsked(Paged):
    """Which issues."""

    newsletter_id: Annotated[int, key_told("Those of this newsletter.")]


@dataclass(frozen=True)
class Issue:
    """One number of a newsletter."""

    id: int
    newsletter_id: int
    number: int
    state: IssueState
    subject: str
    preheader: str
    note: Annotated[str, told("Why it is held, or why an approval was taken back.")]
    due_at: Annotated[datetime | None, told("The slot that it was drafted for.")]
    send_at: Annotated[datetime | None, told("When it is sent, once it is scheduled.")]
    sent_at: datetime | None
    approved_at: datetime | None
    approved_hash: Annotated[str | None, told("The content that was approved.")]
    is_test_schedule: Annotated[bool | None, told("Whether it is scheduled for the desk alone.")]
    created_at: datetime
    version: Annotated[int, told("Rises with each edit of subject and preheader; the ETag.")]


@dataclass(frozen=True)
class Block:
    """A thing that stands in an issue."""

    id: int
    kind: BlockKind
    section_id: Annotated[int | None, told("null: above the first section.")]
    pick_id: int | None
    title: Annotated[str, told("A pick's title; empty for others.")]
    text: Annotated[str, told("A pick's blurb, or a text's words, in Markdown.")]


@dataclass(frozen=True)
class BlockList:
    """All that stands in an issue, in its order."""

    items: tuple[Block, ...]


@dataclass(frozen=True)
class NewIssue:
    """An issue to be drafted."""

    newsletter_id: Annotated[int, key_told()]


@dataclass(frozen=True)
class IssueWords:
    """An issue's subject and preheader; what is not given stays."""

    subject: Annotated[str | None, told(most=300)] = None
    preheader: Annotated[str | None, told(most=300)] = None


@dataclass(frozen=True)
class Mail:
    """The mail that would go out, as one numbered revision; a reader's own links are put in when it is sent."""

    revision: int
    content_hash: Annotated[str, told("Names this content: approving takes it.")]
    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class Finding:
    """What one check says."""

    code: str
    group: Group
    level: Annotated[Level, told("blocks keeps the issue from being approved.")]
    words: str
    todo: str
    is_ticked: Annotated[bool, told("Whether somebody checked it by hand at the desk, so that it counts no more.")]


@dataclass(frozen=True)
class Checks:
    """What the checks say of what would go out."""

    content_hash: str
    is_blocked: Annotated[bool, told("Whether anything keeps it from being approved.")]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Approval:
    """What is approved."""

    content_hash: Annotated[str, told(_SEEN, least=1, most=64)]


@dataclass(frozen=True)
class Schedule:
    """When an approved issue is sent, what, and to whom."""

    at: Annotated[datetime, told("The moment; it must be to come.", example="2026-12-01T07:00:00Z")]
    content_hash: Annotated[str, told(_SEEN, least=1, most=64)]
    is_test: Annotated[bool, told(_TESTED)]


@dataclass(frozen=True)
class Sending:
    """What of an approved issue is sent now, and to whom."""

    content_hash: Annotated[str, told(_SEEN, least=1, most=64)]
    is_test: Annotated[bool, told(_TESTED)]


def list_issues(call: Call) -> Page:
    """Returns a newsletter's issues, newest first."""
    newsletter_id, limit = call.named(call.query.newsletter_id), call.query.limit
    before = call.place[0] if call.place else None
    with here.db().read() as session:
        rows = paging.issues(session, newsletter_id, before_id=before, limit=limit + 1)
    return Page([_shown(row) for row in rows[:limit]], [rows[limit - 1].id] if len(rows) > limit else None)


def get_issue(call: Call) -> Reply:
    """Returns one issue."""
    return _reply(call)


def draft_issue(call: Call) -> Reply:
    """Drafts an issue, or returns the one that can still be edited."""
    newsletter_id = call.named(call.body.newsletter_id)
    with here.db().read() as session:
        known = store.current_issue(session, newsletter_id)
    issue_id = publish.draft(here.db(), newsletter_id, now=here.now(), by=call.by, unless_open=True)
    with here.db().read() as session:
        row = store.issue_row(session, issue_id)
    is_new = known is None or known.id != issue_id
    headers = _etag(row) | ({"Location": f"/api/v1/issues/{issue_id}"} if is_new else {})
    return Reply(_shown(row), 201 if is_new else 200, headers)


def edit_issue(call: Call) -> Reply:
    """Changes subject and preheader."""
    issue_id, given = _own(call), call.body
    with here.db().read() as session:
        row = store.issue_row(session, issue_id)
    board.edit_settings(
        here.db(),
        issue_id,
        subject=row.subject if given.subject is None else given.subject,
        preheader=row.preheader if given.preheader is None else given.preheader,
        expected_version=call.version,
        by=call.by,
        now=here.now(),
    )
    return _reply(call)


def list_blocks(call: Call) -> BlockList:
    """Returns what stands in an issue."""
    issue_id = _own(call)
    with here.db().read() as session:
        shown = store.board(session, issue_id)
    found = [_block(block, None) for block in shown.intro]
    for section in shown.sections:
        found += [_block(block, section.spec.id) for block in section.blocks]
    return BlockList(tuple(found))


def render_issue(call: Call) -> Mail:
    """Renders what stands in an issue; the same content gives the same revision."""
    found = publish.render(here.db(), here.app().renderer, _own(call), now=here.now())
    return Mail(found.number, found.content_hash, found.subject, found.html, found.text)


def check_issue(call: Call) -> Checks:
    """Runs the checks."""
    report = checks.report(here.db(), here.app().renderer, _own(call), now=here.now())
    findings = tuple(of(Finding, each, is_ticked=each.tick is not None) for each in report.findings)
    return Checks(report.content_hash, bool(report.blocking), findings)


def approve_issue(call: Call) -> Reply:
    """Approves what was seen."""
    publish.approve(
        here.db(), here.app().renderer, _own(call), by=call.by, now=here.now(), seen_hash=call.body.content_hash
    )
    return _reply(call)


def unapprove_issue(call: Call) -> Reply:
    """Takes the approval back, and the schedule with it."""
    publish.unapprove(here.db(), _own(call), by=call.by, now=here.now())
    return _reply(call)


def schedule_issue(call: Call) -> Reply:
    """Says when it is sent."""
    if call.body.at < here.now():
        raise InvalidError("at", "This moment is over. Choose one to come, or send it now.")
    return _scheduled(call, call.body.at)


def unschedule_issue(call: Call) -> Reply:
    """Takes the moment back; the approval stays."""
    publish.unschedule(here.db(), _own(call), by=call.by, now=here.now())
    return _reply(call)


def send_issue(call: Call) -> Reply:
    """Schedules it for this moment."""
    return _scheduled(call, here.now(), status=202)


def _scheduled(call: Call, at: datetime, *, status: int = 200) -> Reply:
    publish.schedule(
        here.db(),
        _own(call),
        at=at,
        by=call.by,
        now=here.now(),
        seen_hash=call.body.content_hash,
        seen_test=call.body.is_test,
    )
    return _reply(call, status=status)


def own_issue(call: Call) -> IssueRow:
    """Returns the issue that a path names, where the call may be about it. Raises NotFoundError."""
    issue_id = call.path["issue_id"]
    with here.db().read() as session:
        call.require(store.newsletter_of(session, issue_id), "issue", issue_id)
        return store.issue_row(session, issue_id)


def _own(call: Call) -> int:
    return own_issue(call).id


def _reply(call: Call, *, status: int = 200) -> Reply:
    row = own_issue(call)
    return Reply(_shown(row), status, _etag(row))


def _etag(row: IssueRow) -> dict[str, str]:
    return {"ETag": f'"{row.version}"'}


def _shown(row: IssueRow) -> Issue:
    found: Issue = of(Issue, row)
    return found


def _block(block: BoardBlock, section_id: int | None) -> Block:
    pick = block.pick
    return Block(
        id=block.id,
        kind=block.kind,
        section_id=section_id,
        pick_id=None if pick is None else pick.id,
        title="" if pick is None else pick.title,
        text=block.body if pick is None else pick.blurb,
    )


OPERATIONS = (
    Operation(
        "list_issues",
        "GET",
        "/issues",
        Tag.ISSUES,
        ApiScope.READ_ISSUES,
        "List a newsletter's issues, newest first",
        list_issues,
        {200: None},
        query=IssuesAsked,
        item=Issue,
        example_query="newsletter_id=1",
    ),
    Operation(
        "draft_issue",
        "POST",
        "/issues",
        Tag.ISSUES,
        ApiScope.WRITE_ISSUES,
        "Draft an issue",
        draft_issue,
        {201: Issue, 200: Issue},
        about="Picks that wait go first, then what ranking offers. An issue that can still be edited is the answer.",
        body=NewIssue,
        example={"newsletter_id": 1},
    ),
    Operation(
        "get_issue",
        "GET",
        "/issues/{issue_id}",
        Tag.ISSUES,
        ApiScope.READ_ISSUES,
        "Get an issue",
        get_issue,
        {200: Issue},
    ),
    Operation(
        "edit_issue",
        "PATCH",
        "/issues/{issue_id}",
        Tag.ISSUES,
        ApiScope.WRITE_ISSUES,
        "Change an issue's subject and preheader",
        edit_issue,
        {200: Issue},
        about="An edit takes the approval back, as at the desk.",
        body=IssueWords,
        also=(Kind.WRONG_STATE,),
        example={"subject": "Small models, long rivers"},
        example_version=2,
        needs_match=True,
    ),
    Operation(
        "list_blocks",
        "GET",
        "/issues/{issue_id}/blocks",
        Tag.ISSUES,
        ApiScope.READ_ISSUES,
        "See what stands in an issue",
        list_blocks,
        {200: BlockList},
    ),
    Operation(
        "check_issue",
        "GET",
        "/issues/{issue_id}/checks",
        Tag.ISSUES,
        ApiScope.READ_ISSUES,
        "Run the checks on an issue",
        check_issue,
        {200: Checks},
    ),
    Operation(
        "render_issue",
        "POST",
        "/issues/{issue_id}/render",
        Tag.ISSUES,
        ApiScope.READ_ISSUES,
        "Render an issue's mail, as HTML and text",
        render_issue,
        {200: Mail},
        about="The same content gives the same revision; `wrong-state` tells what does not render.",
        also=(Kind.WRONG_STATE,),
    ),
    Operation(
        "approve_issue",
        "POST",
        "/issues/{issue_id}/approve",
        Tag.ISSUES,
        ApiScope.SEND_ISSUES,
        "Approve an issue",
        approve_issue,
        {200: Issue},
        about="Refused with `findings` while a check blocks, and where the newsletter wants a second person's word.",
        body=Approval,
        also=(Kind.WRONG_STATE,),
        example={"content_hash": "the content_hash of the render"},
    ),
    Operation(
        "unapprove_issue",
        "POST",
        "/issues/{issue_id}/unapprove",
        Tag.ISSUES,
        ApiScope.SEND_ISSUES,
        "Take an approval back",
        unapprove_issue,
        {200: Issue},
        about="The schedule goes with it.",
        also=(Kind.WRONG_STATE,),
    ),
    Operation(
        "schedule_issue",
        "POST",
        "/issues/{issue_id}/schedule",
        Tag.ISSUES,
        ApiScope.SEND_ISSUES,
        "Schedule an approved issue, or move its moment",
        schedule_issue,
        {200: Issue},
        body=Schedule,
        also=(Kind.WRONG_STATE,),
        example={"at": "2030-01-08T07:00:00Z", "content_hash": "the approved content_hash", "is_test": True},
    ),
    Operation(
        "unschedule_issue",
        "POST",
        "/issues/{issue_id}/unschedule",
        Tag.ISSUES,
        ApiScope.SEND_ISSUES,
        "Take an issue's moment back",
        unschedule_issue,
        {200: Issue},
        about="The approval stays.",
        also=(Kind.WRONG_STATE,),
    ),
    Operation(
        "send_issue",
        "POST",
        "/issues/{issue_id}/send",
        Tag.ISSUES,
        ApiScope.SEND_ISSUES,
        "Send an approved issue now",
        send_issue,
        {202: Issue},
        about="The clock begins its mailing within seconds; it is held first, as the newsletter says.",
        body=Sending,
        also=(Kind.WRONG_STATE,),
        example={"content_hash": "the approved content_hash", "is_test": True},
    ),
)
