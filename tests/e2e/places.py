"""Every page that an address leads to, with an example in each of its states: a new page must be entered here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from curator.audience import links, readdress
from curator.audience.cohorts import months
from curator.audience.cohorts import store as cohorts
from curator.audience.moving import bring
from curator.audience.moving import store as imports
from curator.audience.moving.files import StoredFile
from curator.audience.moving.look import look
from curator.audience.readdressed import store as changes
from curator.audience.segments import edit as edit_segments
from curator.audience.segments import store as segments
from curator.audience.tags import store as tags
from curator.audience.tags import tag
from curator.downloads import ask
from curator.downloads import store as downloads
from curator.downloads.ask import Asker
from curator.downloads.links import DownloadLink, download_token
from curator.downloads.values import Agreed, Download, DownloadKind, Standing
from curator.episodes import edit, enrich
from curator.episodes import store as episodes
from curator.episodes.platforms import Platform
from curator.episodes.transcripts import store as transcripts
from curator.episodes.values import Guest, ListeningLink, Mention, MentionKind, WebLink, Words
from curator.feeds.values import Chapter
from curator.findings import Finding, Level, Record
from curator.issues import store as issues
from curator.issues.corrections import correct, editing
from curator.mailings.archive import store as archive
from curator.mailings.archive.reading import read_new
from curator.mailings.archive.web_version import WebVersion, web_version
from curator.mailings.proof import store as proof
from curator.newsletters import store as newsletters
from curator.picks.trends.refresh import refresh
from curator.web.api.table import OPERATIONS
from curator.webhooks import edit as edit_webhooks
from curator.webhooks import store as webhooks
from curator.webhooks.values import EndpointForm, Kind, Outcome
from tests.e2e.promoted import promoted
from tests.e2e.scene import Scene, signed_up


@dataclass(frozen=True)
class Place:
    """One page: where it is in the scene, who looks at it, and with which status it answers."""

    url: Callable[[Scene], str]
    is_desk: bool = True
    status: int = 200


def _desk(url: str) -> Place:
    """Returns a page of the desk whose address is the same in every scene, or names a part of this one."""
    return Place(lambda scene: url.format(scene=scene))


def _public(url: str, *, status: int = 200) -> Place:
    return Place(lambda scene: url.format(scene=scene), is_desk=False, status=status)


def _unsubscribe(scene: Scene) -> str:
    return f"/u/{links.unsubscribe_token(scene.server.app.keys, scene.newsletter, scene.subscriber)}"


def _confirm(scene: Scene) -> str:
    return f"/c/{signed_up(scene, 'looks').token}"


def _confirm_late(scene: Scene) -> str:
    return f"/c/{signed_up(scene, 'late', ago=timedelta(days=8)).token}"


def _confirm_what_is_over(scene: Scene) -> str:
    """Returns the link of a sign-up that was done anew since."""
    first = signed_up(scene, "twice", ago=timedelta(days=8))
    signed_up(scene, "twice")
    return f"/c/{first.token}"


def _deny(scene: Scene) -> str:
    return f"/d/{signed_up(scene, 'never').token}"


def _preferences(scene: Scene) -> str:
    return f"/p/{links.preferences_token(scene.server.app.keys, scene.subscriber)}"


def _change_address(scene: Scene) -> str:
    """Returns the link of a change of address that waits for its button."""
    app, reader = scene.server.app, signed_up(scene, "moves").subscriber
    readdress.ask(app.db, reader, "moved@readers.example", now=app.clock())
    with app.db.read() as session:
        change = changes.newest(session, reader)
    assert change is not None
    return f"/a/{links.address_token(app.keys, links.AddressLink(change.id))}"


def _asking_reader(scene: Scene) -> str:
    return f"/desk/subscribers/{signed_up(scene, 'record').subscriber}"


def webhook(scene: Scene) -> str:
    """Returns the page of an endpoint that failed once, made once."""
    app = scene.server.app
    with app.db.read() as session:
        known = webhooks.endpoint_rows(session)
    if known:
        return f"/desk/webhooks/{known[0].endpoint.id}"
    now = app.clock()
    form = EndpointForm("CRM", "http://127.0.0.1:9/hook", (Kind.ISSUE_SENT,), gets_personal=True)
    endpoint_id, _ = edit_webhooks.make(
        app.db, form, chance=b"c" * 32, keys=app.keys, by=scene.owner, now=now, allow_private=True
    )
    with app.db.write() as session:
        call_id = webhooks.add_call(session, endpoint_id, Kind.ISSUE_SENT, {"issue_id": 7}, now=now)
        webhooks.note_attempt(session, call_id, Outcome(now, 12, 500, "It broke."))
        webhooks.give_up(session, call_id, at=now)
    return f"/desk/webhooks/{endpoint_id}"


def _segment(scene: Scene) -> tuple[int, int]:
    """Returns the newsletter and a segment of it, kept once."""
    app = scene.server.app
    with app.db.read() as session:
        kept = segments.named(session, scene.newsletter, "Closest")
    if kept is None:
        words = "clicked within 90 days and not is:paused"
        kept = edit_segments.make(
            app.db, scene.newsletter, name="Closest", words=words, by=scene.owner, now=app.clock()
        )
    return scene.newsletter, kept


def _cohorts(scene: Scene) -> str:
    """Writes down once who stayed of fourteen months, by ten sources."""
    app = scene.server.app
    last = months.of(app.clock().date()) - 1
    sources = ["sign-up", "import", "by hand", *(f"a talk in the town number {number}" for number in range(7))]
    groups = [
        months.Group(last - month, source, gone, number=(20 + month) * (10 - place) // (2 if gone is None else 9))
        for month in range(14)
        for place, source in enumerate(sources)
        for gone in (None, *(last - month + after for after in (1, 2, 3, 5, 8, 12)))
    ]
    with app.db.write() as session:
        known = {each.joined for each in cohorts.counts(session, scene.newsletter, since=last - 14)}
        rows = months.counts(groups, last=last, known={})
        cohorts.add(session, scene.newsletter, [each for each in rows if each.joined not in known])
    return f"/desk/cohorts?newsletter={scene.newsletter}"


def _tagging(scene: Scene) -> str:
    """Returns a tagging that waits for its worker, begun once."""
    app = scene.server.app
    with app.db.read() as session:
        newest = tags.newest_tagging(session, scene.newsletter)
    if newest is None:
        begun = tag.begin(
            app.db,
            scene.newsletter,
            "reader",
            puts_on=True,
            words="is:active",
            search="",
            by=scene.owner,
            now=app.clock(),
        )
        return f"/desk/subscribers/tagging/{begun}"
    return f"/desk/subscribers/tagging/{newest.id}"


def _mail_set_up(scene: Scene) -> str:
    """Returns the page with every kind of finding, and a probe whose bounce came back."""
    app, now = scene.server.app, scene.server.app.clock()
    record = Record("TXT", "curator._domainkey.heldout.example.test", f"v=DKIM1; k=rsa; p={'MIIB' * 98}")
    findings = [Finding(level, f"Record {level}", "How it is.", "What to do.", record) for level in Level]
    with app.db.write() as session:
        proof.put_findings(session, scene.newsletter, findings, at=now)
        probe_id = proof.add_probe(session, scene.newsletter, "nobody-1@heldout.example.test", at=now)
        proof.note_returned(session, probe_id, at=now, words="550 5.1.1 There is nobody of that name here")
    return "/desk/newsletter/mail"


def _lost_probe(scene: Scene) -> str:
    app = scene.server.app
    with app.db.write() as session:
        lost_at = app.clock() - timedelta(minutes=20)
        proof.add_probe(session, scene.newsletter, "nobody-2@heldout.example.test", at=lost_at)
    return "/desk/newsletter/mail"


def brought_file(scene: Scene) -> str:
    """Returns the page of a file that nobody has said anything of yet."""
    return f"/desk/subscribers/imports/{_bring(scene)}"


def looked_file(scene: Scene) -> str:
    """Returns the page of a file that was looked through, with a row that is refused."""
    app, import_id = scene.server.app, _bring(scene)
    with app.db.read() as session:
        plan = bring.usual_plan(imports.one(session, import_id).parts, basis="They asked for it")
    bring.begin_look(app.db, import_id, plan, now=app.clock(), is_asked_for=False)
    look(app.db, import_id, StoredFile(bring.place(app.imports_dir, import_id)), clock=app.clock)
    return f"/desk/subscribers/imports/{import_id}"


def _bring(scene: Scene) -> int:
    app = scene.server.app
    with NamedTemporaryFile(suffix=".csv") as file:
        file.write(b"email,name,status,notes\nada@heldout.example.test,Ada,active,\nnobody,Bo,active,\n")
        file.flush()
        told = {"file_name": "readers.csv", "folder": app.imports_dir, "max_bytes": 10_000}
        return bring.bring(app.db, scene.newsletter, Path(file.name), now=app.clock(), **told)  # type: ignore[arg-type]


def own_show(scene: Scene) -> str:
    with scene.server.app.db.read() as session:
        return f"/desk/shows/{episodes.show_rows(session)[0].feed_id}"


def full_episode(scene: Scene) -> int:
    """Returns an episode with everything that an editor can write."""
    app, item_id = scene.server.app, scene.episode
    with app.db.read() as session:
        version = episodes.view(session, item_id).version
    words = Words(
        guests=(Guest("Nadia Okafor", "database researcher", "She builds.", (WebLink("https://nadia.example/"),)),),
        topics=("Indexes", "Loss"),
        mentions=(Mention(MentionKind.BOOK, "The Card Catalog", "https://books.example/1"),),
        chapters=(Chapter(0.0, "Hello"), Chapter(760.0, "Loss")),
    )
    links = [ListeningLink(Platform.APPLE, "https://podcasts.apple.com/show/1")]
    now = app.clock()
    edit.edit_episode(app.db, item_id, words, links, expected_version=version, by=scene.owner, now=now)
    return item_id


def talked_episode(scene: Scene) -> int:
    """Returns an episode with its transcript, and two quotes of it, one with its question."""
    app, item_id = scene.server.app, full_episode(scene)
    enrich.fetch(app.db, app.fetcher, item_id, now=app.clock())
    with app.db.read() as session:
        turns = transcripts.turns(session, item_id)[2:6]
    for said in (turns[:2], turns[3:]):
        words = [turn.text for turn in said]
        first, last = said[0].position, said[-1].position
        enrich.take_quote(app.db, item_id, first=first, last=last, words=words, by=scene.owner, now=app.clock())
    return item_id


def _transcripts(scene: Scene, url: str) -> str:
    talked_episode(scene)
    return url


def _trends(scene: Scene, url: str) -> str:
    refresh(scene.server.app.db, now=scene.server.app.clock())
    return url


def entry_of(scene: Scene) -> int:
    """Returns the first thing with a title in the issue of the past, which can be corrected."""
    entries = editing.correctable(_shown(scene).document)
    return next(each.block_id for each in entries if each.title)


def corrected_issue(scene: Scene) -> int:
    """Returns the issue of the past with a correction of its own and one of a thing in it; twice adds nothing."""
    app = scene.server.app
    shown = _shown(scene)
    if not shown.corrections:
        now, entry = app.clock(), editing.entry_of(shown.document, entry_of(scene))
        words = {"title": "What a vector index forgets, and what it keeps"}
        correct.correct(app.db, scene.past, note="The date was wrong.", by=scene.owner, now=now)
        correct.correct(
            app.db, scene.past, note="The title was cut.", entry=entry, words=words, by=scene.owner, now=now
        )
    return scene.past


def _shown(scene: Scene) -> WebVersion:
    app = scene.server.app
    with app.db.read() as session:
        number = issues.issue_row(session, scene.past).number
        found = archive.issue(session, scene.newsletter, number)
        assert found is not None
        return web_version(session, found, newsletters.newsletter(session, scene.newsletter), now=app.clock())


def _web_version(scene: Scene, issue: int) -> str:
    with scene.server.app.db.read() as session:
        return f"/n/{scene.slug}/issues/{issues.issue_row(session, issue).number}"


def _item(scene: Scene) -> str:
    return f"{_web_version(scene, corrected_issue(scene))}/{entry_of(scene)}"


def _year(scene: Scene) -> str:
    return f"/n/{scene.slug}/issues/year/{_shown(scene).issue.at.year}"


def _archive_read(scene: Scene, asked: str) -> str:
    read_new(scene.server.app.db, now=scene.server.app.clock())
    return f"/n/{scene.slug}/issues{asked}"


def _older(scene: Scene) -> int:
    """Returns an episode to whose transcript no feed links."""
    with scene.server.app.db.read() as session:
        return episodes.episode_ids(session, limit=2)[1]


def _file(scene: Scene) -> int:
    with scene.server.app.db.read() as session:
        return downloads.files(session)[0].id


def _episode_with(scene: Scene, standing: Standing) -> int:
    """Returns an episode whose transcript readers meet so; the demo has one of each."""
    talked_episode(scene)
    with scene.server.app.db.read() as session:
        offers = downloads.transcripts(session, episodes.episode_ids(session))
    return next(each for each in sorted(offers) if offers[each].standing is standing)


def _get(scene: Scene, *, days: int = 7) -> str:
    """Returns the link of a letter that brought a transcript, good for so many days."""
    app, item_id = scene.server.app, talked_episode(scene)
    now = app.clock()
    asker = Asker(f"got{days}.reader@example.test", "", Agreed("/e", "Send it."), scene.newsletter)
    ask.ask(app.db, Download(DownloadKind.TRANSCRIPT, item_id), asker, valid_for=timedelta(days=7), now=now)
    with app.db.read() as session:
        [found] = downloads.requests_of(session, asker.address)
    return f"/get/{download_token(app.keys, DownloadLink(found.id, now + timedelta(days=days)))}"


def _show(scene: Scene) -> str:
    return own_show(scene).removeprefix("/desk")


def _enter(scene: Scene) -> str:
    return scene.server.sign_in_link(scene.editor)


PLACES: Mapping[str, Mapping[str, Place]] = {
    "desk.sign_in": {"out": _public("/desk/sign-in")},
    "desk.enter": {"fresh": Place(_enter, is_desk=False), "spent": _public("/desk/enter?t=spent", status=404)},
    "desk.home": {"open": _desk("/desk")},
    "desk.inbox": {
        "new": _desk("/desk/inbox"),
        "picked": _desk("/desk/inbox?show=picked"),
        "skipped": _desk("/desk/inbox?show=skipped"),
        "later": _desk("/desk/inbox?show=later"),
        "muted": _desk("/desk/inbox?show=muted"),
        "all": _desk("/desk/inbox?show=all"),
        "nothing-fits": _desk("/desk/inbox?q=zebra+crossing"),
    },
    "desk.inbox_item": {"some": _desk("/desk/inbox/1")},
    "desk.tips": {
        "waiting": _desk("/desk/tips"),
        "refused": _desk("/desk/tips?show=refused"),
    },
    "desk.trends": {
        "week": Place(lambda scene: _trends(scene, "/desk/trends")),
        "four-weeks": Place(lambda scene: _trends(scene, "/desk/trends?days=28")),
    },
    "desk.issues": {"some": _desk("/desk/issues")},
    "desk.calendar": {"full": _desk("/desk/issues/calendar")},
    "desk.notices": {"all": _desk("/desk/notices")},
    "desk.board": {"draft": _desk("/desk/issues/{scene.draft}"), "sent": _desk("/desk/issues/{scene.sent}")},
    "desk.promotions": {
        "some": Place(lambda scene: f"/desk/promotions?promotion={promoted(scene).promotion}"),
    },
    "desk.booking": {"waits": Place(lambda scene: f"/desk/promotions/bookings/{promoted(scene).booking}")},
    "desk.promotion_list": {"some": _desk("/desk/promotions/list")},
    "desk.new_promotion": {"empty": _desk("/desk/promotions/new")},
    "desk.promotion": {"some": Place(lambda scene: f"/desk/promotions/{promoted(scene).promotion}")},
    "desk.slots": {"some": _desk("/desk/promotions/slots")},
    "desk.slot": {"some": Place(lambda scene: f"/desk/promotions/slots/{promoted(scene).slot}")},
    "desk.preview": {
        "light": _desk("/desk/issues/{scene.draft}/preview"),
        "dark-phone": _desk("/desk/issues/{scene.draft}/preview?width=375&scheme=dark"),
    },
    "desk.send": {
        "draft": _desk("/desk/issues/{scene.draft}/send"),
        "approved": _desk("/desk/issues/{scene.approved}/send"),
        "scheduled": _desk("/desk/issues/{scene.scheduled}/send"),
        "sent": _desk("/desk/issues/{scene.sent}/send"),
    },
    "desk.send_now": {"approved": _desk("/desk/issues/{scene.approved}/send-now")},
    "desk.results": {
        "past": _desk("/desk/issues/{scene.past}/results"),
        "new": _desk("/desk/issues/{scene.sent}/results"),
    },
    "desk.results_mail": {
        "past": _desk("/desk/issues/{scene.past}/results/mail"),
        "draft": _desk("/desk/issues/{scene.draft}/results/mail"),
    },
    "desk.scorecards": {"some": _desk("/desk/feeds/scorecards")},
    "desk.sponsor_report": {"open": Place(lambda scene: f"/desk/promotions/{promoted(scene).promotion}/report")},
    "desk.compare": {"past": _desk("/desk/issues/results")},
    "desk.issue_corrections": {
        "some": Place(lambda scene: f"/desk/issues/{corrected_issue(scene)}/corrections"),
        "one": Place(lambda scene: f"/desk/issues/{scene.past}/corrections?entry={entry_of(scene)}"),
        "not-sent": _desk("/desk/issues/{scene.draft}/corrections"),
    },
    "desk.targets": {
        "past": _desk("/desk/issues/{scene.past}/targets"),
        "new": _desk("/desk/issues/{scene.draft}/targets"),
    },
    "desk.issue_activity": {"some": _desk("/desk/issues/{scene.draft}/activity")},
    "desk.activity": {"full": _desk("/desk/activity"), "nothing": _desk("/desk/activity?kind=platform")},
    "desk.setup": {"live": _desk("/desk/setup")},
    "desk.mailing": {"paused": _desk("/desk/mailings/{scene.mailing}")},
    "desk.withdrawal": {"form": _desk("/desk/withdraw"), "nobody": _desk("/desk/withdraw?name=Nobody+Here")},
    "desk.mend": {"paused": _desk("/desk/mailings/{scene.mailing}/mend")},
    "desk.cancel": {"paused": _desk("/desk/mailings/{scene.mailing}/cancel")},
    "desk.feeds": {"some": _desk("/desk/feeds"), "nothing-found": _desk("/desk/feeds?q=zebra")},
    "desk.feed": {"some": _desk("/desk/feeds/1")},
    "desk.opml": {"form": _desk("/desk/feeds/opml")},
    "desk.back_issues": {"form": _desk("/desk/issues/import")},
    "desk.item": {"some": _desk("/desk/items/1")},
    "desk.add_page": {
        "empty": _desk("/desk/items/add"),
        "carried": _desk("/desk/items/add?url=https://notes.example.test/1&title=A+title&text=Some+words"),
    },
    "desk.bookmarklet": {"some": _desk("/desk/items/bookmarklet")},
    "desk.tokens": {"none": _desk("/desk/account/tokens")},
    "desk.shows": {"some": _desk("/desk/shows")},
    "desk.show": {"own": Place(own_show)},
    "desk.episode": {"full": Place(lambda scene: f"/desk/shows/episodes/{full_episode(scene)}")},
    "desk.transcripts": {
        "all": Place(lambda scene: _transcripts(scene, "/desk/transcripts")),
        "found": Place(lambda scene: _transcripts(scene, "/desk/transcripts?q=nearest+neighbours")),
        "nothing-found": _desk("/desk/transcripts?q=zebra+crossing"),
    },
    "desk.transcript": {
        "full": Place(lambda scene: f"/desk/episodes/{talked_episode(scene)}/transcript"),
        "none": Place(lambda scene: f"/desk/episodes/{_older(scene)}/transcript"),
    },
    "desk.excerpts": {
        "some": Place(lambda scene: f"/desk/episodes/{talked_episode(scene)}/excerpts"),
        "chosen": Place(lambda scene: f"/desk/episodes/{talked_episode(scene)}/excerpts?first=2&last=3"),
        "none": Place(lambda scene: f"/desk/episodes/{_older(scene)}/excerpts"),
    },
    "desk.downloads": {"some": Place(lambda scene: f"/desk/downloads#{talked_episode(scene)}")},
    "desk.offered_file": {"some": Place(lambda scene: f"/desk/downloads/files/{_file(scene)}")},
    "desk.subscribers": {
        "all": _desk("/desk/subscribers"),
        "nobody": _desk("/desk/subscribers?q=zebra"),
        "filtered": _desk("/desk/subscribers?state=active&clicked=not-90&words=not+source:sign-up"),
        "refused": Place(lambda _: "/desk/subscribers?words=tga:x", status=422),
    },
    "desk.tagging": {"begun": Place(_tagging)},
    "desk.segments": {"some": Place(lambda scene: f"/desk/segments?newsletter={_segment(scene)[0]}")},
    "desk.segment": {"kept": Place(lambda scene: f"/desk/segments/{_segment(scene)[1]}")},
    "desk.new_segment": {"filled": _desk("/desk/segments/new?words=is:active")},
    "desk.cohorts": {"some": Place(_cohorts)},
    "desk.growth": {"weeks": _desk("/desk/growth"), "days": _desk("/desk/growth?by=day")},
    "desk.subscriber": {"imported": _desk("/desk/subscribers/{scene.subscriber}"), "signed-up": Place(_asking_reader)},
    "desk.erasure": {"some": _desk("/desk/subscribers/{scene.subscriber}/erase")},
    "desk.imports": {"some": _desk("/desk/subscribers/imports")},
    "desk.reader_import": {
        "done": _desk("/desk/subscribers/imports/1"),
        "new": Place(brought_file),
        "looked": Place(looked_file),
    },
    "desk.people": {"some": _desk("/desk/people")},
    "desk.status": {"as-it-is": _desk("/desk/status")},
    "desk.webhooks": {"some": Place(lambda scene: webhook(scene) and "/desk/webhooks")},
    "desk.new_webhook": {"empty": _desk("/desk/webhooks/new")},
    "desk.webhook": {"called": Place(webhook)},
    "desk.providers": {"as-it-is": _desk("/desk/providers")},
    "desk.person": {"some": _desk("/desk/people/{scene.editor}")},
    "desk.second_factor": {"off": _desk("/desk/account/second-factor")},
    "desk.stand_ins": {"none": _desk("/desk/account/stand-ins")},
    "desk.newsletter": {"set-up": _desk("/desk/newsletter")},
    "desk.mail": {
        "not-looked-at": _desk("/desk/newsletter/mail"),
        "looked-up": Place(_mail_set_up),
        "nothing-came-back": Place(_lost_probe),
    },
    "desk.logo": {"none": _desk("/desk/newsletter/logo")},
    "desk.taste": {"as-it-is": _desk("/desk/newsletter/taste")},
    "desk.on_site": {"nothing-offered": _desk("/desk/newsletter/sign-up")},
    "desk.look": {
        "as-it-is": _desk("/desk/newsletter/look"),
        "a-preset": _desk("/desk/newsletter/look?preset=plum"),
    },
    "desk.new_newsletter": {"empty": _desk("/desk/newsletter/new")},
    "desk.account": {"own": _desk("/desk/account")},
    "api_pages.docs": {"whole": _public("/api/v1/docs")},
    "click.follow": {"damaged": _public("/l/damaged", status=404)},
    "click.opened": {"damaged": _public("/o/damaged", status=404)},
    "public.home": {"published": _public("/")},
    "public.archive": {
        "some": _public("/n/{scene.slug}/issues"),
        "elsewhere": _public("/n/nothing/issues", status=404),
        "found": Place(lambda scene: _archive_read(scene, "?q=index"), is_desk=False),
        "nothing-found": _public("/n/{scene.slug}/issues?q=zebra+crossing"),
    },
    "public.archive_year": {
        "some": Place(_year, is_desk=False),
        "none": _public("/n/{scene.slug}/issues/year/1990", status=404),
    },
    "public.issue": {
        "past": _public("/n/{scene.slug}/issues/1"),
        "corrected": Place(lambda scene: _web_version(scene, corrected_issue(scene)), is_desk=False),
        "elsewhere": _public("/n/{scene.slug}/issues/999", status=404),
    },
    "public.issue_item": {
        "corrected": Place(_item, is_desk=False),
        "elsewhere": _public("/n/{scene.slug}/issues/1/999999", status=404),
    },
    "public.episode": {
        "full": Place(lambda scene: f"/e/{talked_episode(scene)}", is_desk=False),
        "open": Place(lambda scene: f"/e/{_episode_with(scene, Standing.OPEN)}", is_desk=False),
        "wanted": Place(lambda scene: f"/e/{_episode_with(scene, Standing.WANTED)}", is_desk=False),
        "elsewhere": _public("/e/999999", status=404),
    },
    "public.show": {
        "some": Place(_show, is_desk=False),
        "found": Place(lambda scene: f"{_show(scene)}?q=bread", is_desk=False),
        "nothing-found": Place(lambda scene: f"{_show(scene)}?q=zebra+crossing", is_desk=False),
        "elsewhere": _public("/shows/999999", status=404),
    },
    "public.transcript": {
        "open": Place(lambda scene: f"/e/{_episode_with(scene, Standing.OPEN)}/transcript", is_desk=False),
        "by-form": Place(lambda scene: f"/e/{talked_episode(scene)}/transcript", is_desk=False),
        "elsewhere": _public("/e/999999/transcript", status=404),
    },
    "public.transcript_asked": {
        "by-form": Place(lambda scene: f"/e/{talked_episode(scene)}/transcript/asked", is_desk=False),
        "wanted": Place(lambda scene: f"/e/{_episode_with(scene, Standing.WANTED)}/transcript/asked", is_desk=False),
    },
    "public.file": {
        "by-form": Place(lambda scene: f"/files/{_file(scene)}", is_desk=False),
        "elsewhere": _public("/files/999999", status=404),
    },
    "public.file_asked": {"by-form": Place(lambda scene: f"/files/{_file(scene)}/asked", is_desk=False)},
    "public.get": {
        "here": Place(_get, is_desk=False),
        "over": Place(lambda scene: _get(scene, days=-1), is_desk=False),
        "damaged": _public("/get/damaged", status=404),
    },
    "public.framed_transcript": {
        "by-form": Place(lambda scene: f"/embed/e/{talked_episode(scene)}/transcript", is_desk=False),
        "open": Place(lambda scene: f"/embed/e/{_episode_with(scene, Standing.OPEN)}/transcript", is_desk=False),
    },
    "public.framed_asked": {
        "by-form": Place(lambda scene: f"/embed/e/{talked_episode(scene)}/transcript/asked", is_desk=False),
    },
    "public.framed_related": {
        "some": Place(lambda scene: f"/embed/e/{talked_episode(scene)}/related", is_desk=False),
    },
    "public.newsletter": {
        "open": _public("/n/{scene.slug}"),
        "elsewhere": _public("/n/nothing", status=404),
    },
    "public.embed": {"open": _public("/n/{scene.slug}/embed")},
    "public.embed_thanks": {"asked": _public("/n/{scene.slug}/embed/thanks")},
    "public.thanks_for_several": {"asked": _public("/thanks?n={scene.newsletter}")},
    "public.change_address": {
        "open": Place(_change_address, is_desk=False),
        "damaged": _public("/a/damaged", status=404),
    },
    "public.thanks": {"asked": _public("/n/{scene.slug}/thanks")},
    "public.tip": {"open": _public("/n/{scene.slug}/tip"), "elsewhere": _public("/n/nothing/tip", status=404)},
    "public.tip_thanks": {"sent": _public("/n/{scene.slug}/tip/sent")},
    "public.confirm": {
        "open": Place(_confirm, is_desk=False),
        "late": Place(_confirm_late, is_desk=False),
        "over": Place(_confirm_what_is_over, is_desk=False),
        "damaged": _public("/c/damaged", status=404),
    },
    "public.deny": {"open": Place(_deny, is_desk=False), "damaged": _public("/d/damaged", status=404)},
    "public.own_data": {
        "own": Place(lambda scene: f"{_preferences(scene)}/data", is_desk=False),
        "damaged": _public("/p/damaged/data", status=404),
    },
    "public.erase_me": {
        "asks": Place(lambda scene: f"{_preferences(scene)}/erase", is_desk=False),
        "damaged": _public("/p/damaged/erase", status=404),
    },
    "public.preferences_page": {
        "own": Place(_preferences, is_desk=False),
        "damaged": _public("/p/damaged", status=404),
    },
    "public.sponsor": {
        "open": Place(lambda scene: promoted(scene).link, is_desk=False),
        "damaged": _public("/s/damaged", status=404),
    },
    "public.sponsor_report": {"damaged": _public("/r/damaged", status=404)},
    "public.unsubscribe": {"fits": Place(_unsubscribe, is_desk=False), "damaged": _public("/u/damaged", status=404)},
    "outbox.mails": {"full": _public("/outbox")},
    "outbox.mail": {
        "light": _public("/outbox/{scene.mail_key}"),
        "dark-phone": _public("/outbox/{scene.mail_key}?width=375&scheme=dark&images=off"),
        "text": _public("/outbox/{scene.mail_key}?view=text"),
        "headers": _public("/outbox/{scene.mail_key}?view=headers"),
        "source": _public("/outbox/{scene.mail_key}?view=source"),
        "links": _public("/outbox/{scene.mail_key}?view=links"),
    },
}

# What a GET gives that is no page of its own, and where it is looked at instead.
NO_PAGES: Mapping[str, str] = {
    **{f"api.{each.name}": "for programs: tests/web/api" for each in OPERATIONS if each.method == "GET"},
    "api_pages.document": "for programs: tests/web/api",
    **dict.fromkeys(("health.healthz", "health.readyz", "health.metrics"), "for programs: tests/web/test_health.py"),
    "static": "files that pages are made of",
    "desk.export_feeds": "a file to keep",
    "desk.growth_file": "a file to keep",
    "desk.cohorts_file": "a file to keep",
    "desk.results_file": "a file to keep",
    "desk.compare_file": "a file to keep",
    "desk.sponsor_report_file": "a file to keep",
    "public.sponsor_report_file": "a file to keep: tests/web/test_sponsor_report.py",
    "desk.scorecards_file": "a file to keep",
    "desk.results_mail_html": "the mail in the frame of its results: tests/web/test_results_mail.py",
    "desk.count_readers": "a line below the list's form, for its script",
    "desk.subscriber_data": "a file to keep",
    "public.own_data_json": "a file to keep",
    "public.own_data_html": "a file to keep",
    "desk.refused_rows": "a file to keep",
    "public.accent": "the colours of a newsletter's pages",
    "public.episode_related": "JSON for programs",
    "public.issue_related": "JSON for programs",
    "public.open_transcript": "a file to keep: tests/web/test_downloads.py",
    "public.open_file": "a file to keep: tests/web/test_downloads.py",
    "public.get_file": "a file to keep: test_transcript_journey.py",
    "public.rss_feed": "RSS for programs",
    "public.json_feed_of": "JSON for programs",
    "public.robots": "words for search engines",
    "public.site_map": "XML for search engines",
    "public.site_map_part": "XML for search engines",
    "public.picture": "a picture: tests/web/test_pictures.py",
    "public.chart": "the picture of a trend: test_desk_trends.py",
    "desk.look_sample": "the sample in the frame of its look: test_desk_look.py",
    "desk.live_mail": "the mail in the board's frame: test_desk_board.py",
    "desk.ask_code": "only after a password: test_desk_people.py",
    "desk.fetching": "a part of the inbox, for its script",
    "desk.inbox_row": "a row of the inbox, for its script",
    "desk.tip_row": "a row of the tips, for their script",
    "desk.preview_html": "the mail in the preview's frame: test_mails.py",
    "desk.link_check": "a part of the preview that a script asks for: test_desk_checks.py",
    "desk.mail_looks": "a part of the preview that a script asks for: test_desk_preflight.py",
    "outbox.html": "the mail in the outbox's frame: test_mails.py",
    "outbox.source": "plain text",
}
