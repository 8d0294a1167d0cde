"""`curator subscribers import` and `export`: readers come in from other tools, and go out to them."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import click

from curator.app import App
from curator.audience.moving import bring, files, store
from curator.audience.moving import take_in as taking
from curator.audience.moving.files import StoredFile
from curator.audience.moving.look import look
from curator.audience.moving.out.write import Form, What, written
from curator.audience.moving.values import Column, Import, Part, Phase, Plan, Refusal, Tally
from curator.audience.moving.vendors import VENDORS
from curator.cli.output import as_json, newsletter_option, print_json, the_app, the_newsletter
from curator.errors import CuratorError, InvalidError, NotFoundError

_LISTED = 50
_WORDS = {
    "added": "added",
    "asked": "asked to confirm",
    "already_there": "already there",
    "left_before": "had left before",
    "never_mailed": "suppressed",
    "ended": "noted as having left there",
    "kept_out": "suppressed from now on",
    "known": "out there and here",
    "aside": "passed over",
    "refused": "refused",
}
# These are told even where there are none.
_ALWAYS = ("added", "already_there", "left_before", "never_mailed", "refused")


@click.command("import")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@newsletter_option
@click.option("--from", "vendor", type=click.Choice(sorted(VENDORS)), help="Whose export it is; else its columns tell.")
@click.option("--map", "mapped", multiple=True, metavar="COLUMN=FIELD", help="What a column holds; see below.")
@click.option("--basis", default="", help="Why these people may be mailed; kept with each of them. Needed.")
@click.option(
    "--ask-again", is_flag=True, help="Ask those to confirm who had not done so there, instead of passing over."
)
@click.option("--dry-run", is_flag=True, help="Say what would become of each row, and add nobody.")
@click.option("--resume", "import_id", type=int, metavar="ID", help="Go on with an import that was stopped.")
@as_json
def import_readers(
    file: Path | None,
    slug: str | None,
    vendor: str | None,
    mapped: Sequence[str],
    basis: str,
    *,
    ask_again: bool,
    dry_run: bool,
    import_id: int | None,
    as_json: bool,
) -> None:
    """Import readers from a CSV file or another tool's export.

    Known are listmonk, Mailchimp (its zip), Substack, Buttondown, Ghost, Kit, beehiiv, Curated and Curator.

    Nobody is brought back who left or must not be mailed, and importing a file twice changes nothing. What bounced or
    complained there is never mailed here. An import that was killed goes on with --resume, or by itself where a
    worker runs. Exits with 1 when a row was refused.

    FIELD is one of: address, name, first name, last name, status, opted out, left at, bounced at, suppressed, tags,
    interests, attributes, joined at, confirmed at, consent basis, source, newsletter, ignore.
    """
    app = the_app()
    if import_id is None:
        if file is None:
            raise click.UsageError("name a FILE, or an import that was stopped with --resume ID")
        parts = files.parts_of(file, file.name, max_bytes=app.settings.import_max_bytes)
        plan = _plan(parts, vendor, mapped, basis, ask_again=ask_again)
        import_id = _brought(app, file, slug, plan)
    done, refused = _carried(app, import_id, dry_run=dry_run)
    tally = (done.looked or Tally()) if dry_run else done.tally
    if as_json:
        _print(done, tally, refused, dry_run=dry_run)
    else:
        _tell(done, tally, refused, dry_run=dry_run)
    if refused:
        raise SystemExit(1)


def _brought(app: App, file: Path, slug: str | None, plan: Plan) -> int:
    newsletter, folder, most = the_newsletter(app, slug), app.imports_dir, app.settings.import_max_bytes
    folder.mkdir(parents=True, exist_ok=True)
    # A copy: the file may be changed while it comes in.
    with NamedTemporaryFile(dir=folder, prefix="arriving-") as copy:
        with file.open("rb") as source:
            shutil.copyfileobj(source, copy, 1 << 20)
        copy.flush()
        import_id = bring.bring(
            app.db, newsletter.id, Path(copy.name), file_name=file.name, folder=folder, max_bytes=most, now=app.clock()
        )
    bring.begin_look(app.db, import_id, plan, now=app.clock(), is_asked_for=False)
    return import_id


def _plan(parts: tuple[Part, ...], vendor: str | None, mapped: Sequence[str], basis: str, *, ask_again: bool) -> Plan:
    usual = bring.usual_plan(parts, vendor=vendor or "")
    columns = dict(usual.columns)
    for each in mapped:
        heading, _, field = each.rpartition("=")
        if heading not in columns:
            raise InvalidError("map", f"There is no column {heading!r}; there are: {', '.join(columns)}.")
        if field not in set(Column):
            raise InvalidError("map", f"There is no field {field!r}; there are: {', '.join(Column)}.")
        if field == Column.ADDRESS:
            columns = {name: Column.IGNORE if held is Column.ADDRESS else held for name, held in columns.items()}
        columns[heading] = Column(field)
    return bring.checked_plan(parts, vendor=usual.vendor, columns=columns, basis=basis, asks_anew=ask_again)


def _carried(app: App, import_id: int, *, dry_run: bool) -> tuple[Import, list[Refusal]]:
    """Looks the file through or takes it in, to its end; stopped by hand it can be gone on with."""
    source = StoredFile(bring.place(app.imports_dir, import_id))
    try:
        if dry_run:
            look(app.db, import_id, source, clock=app.clock)
        else:
            _skip_look(app, import_id)
            taking.take_in(app.db, import_id, source, clock=app.clock)
    except (KeyboardInterrupt, CuratorError) as error:
        note = "It was stopped by hand." if isinstance(error, KeyboardInterrupt) else str(error)
        bring.fail(app.db, import_id, note=note, now=app.clock())
        if not isinstance(error, NotFoundError):
            click.echo(f"Go on with: curator subscribers import --resume {import_id}", err=True)
        raise
    with app.db.read() as session:
        done = store.one(session, import_id)
        refused = [refusal for _, refusal in store.refusals(session, import_id, limit=store.MAX_REFUSALS)]
    if dry_run:
        bring.cancel(app.db, import_id, folder=app.imports_dir, now=app.clock())
    elif done.phase is Phase.DONE:
        bring.forget_file(app.db, import_id, folder=app.imports_dir, now=app.clock())
    return done, refused


def _skip_look(app: App, import_id: int) -> None:
    with app.db.write() as session:
        store.change(session, import_id, phases=[Phase.LOOKING], phase=Phase.LOOKED)
    bring.begin_run(app.db, import_id, now=app.clock(), is_asked_for=False)


def _print(done: Import, tally: Tally, refused: Sequence[Refusal], *, dry_run: bool) -> None:
    print_json(
        {
            "import": done.id,
            "dry_run": dry_run,
            "phase": done.phase,
            "vendor": "" if done.plan is None else done.plan.vendor,
            **tally.to_json(),
            "refused_rows": list(refused),
        }
    )


def _tell(done: Import, tally: Tally, refused: Sequence[Refusal], *, dry_run: bool) -> None:
    told = [
        f"{number:,} {word}" for name, word in _WORDS.items() if (number := getattr(tally, name)) or name in _ALWAYS
    ]
    read_as = "" if done.plan is None else f" Read as {VENDORS[done.plan.vendor].name}."
    click.echo(f"{'It would be so: ' if dry_run else ''}{', '.join(told)}.{read_as}")
    for row in refused[:_LISTED]:
        where = f"line {row.line}, {row.column}" if row.column else f"line {row.line}"
        click.echo(f"  {where}: {row.reason}")
    if tally.refused > _LISTED:
        click.echo(f"  and {tally.refused - _LISTED:,} more")
    if not dry_run and done.phase is not Phase.DONE:
        click.echo(f"It is not at its end ({done.phase}): {done.note or 'another process took it on.'}", err=True)


@click.command("export")
@newsletter_option
@click.option("--all", "is_all", is_flag=True, help="Of every newsletter.")
@click.option("--what", type=click.Choice([each.value for each in What]), default=What.SUBSCRIBERS.value)
@click.option("--format", "form", type=click.Choice([each.value for each in Form]), default=Form.CSV.value)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; else standard output.")
def export_readers(slug: str | None, *, is_all: bool, what: str, form: str, out: Path | None) -> None:
    """Write readers out, or who is never mailed.

    Readers come with their tags, interests and consent; the whole record of consent can be written out as well. No
    spreadsheet takes a cell of it for a formula, and `import` reads it back.
    """
    app = the_app()
    everything = is_all or what == What.SUPPRESSIONS
    newsletter_id = None if everything else the_newsletter(app, slug).id
    text = written(app.db, What(what), Form(form), newsletter_id=newsletter_id)
    if out is None:
        _pour(text, sys.stdout)
        return
    # Only its owner may read it: all addresses are in it.
    out.touch(mode=0o600)
    with out.open("w", encoding="utf-8", newline="") as file:
        _pour(text, file)


def _pour(text: Iterator[str], to: IO[str]) -> None:
    for piece in text:
        to.write(piece)
