"""`curator doctor`: what is wrong with this installation, and what to do."""

import sys
from collections.abc import Sequence

import click

from curator.cli.output import as_json, print_json, the_app
from curator.errors import SettingError
from curator.findings import Finding, Level
from curator.mailings import dns


def _selectors(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    for selector in given:
        if not dns.is_selector(selector):
            raise click.BadParameter(f"{selector!r} is no selector: letters, digits, hyphens and dots.")
    return given


@click.command()
@as_json
@click.option(
    "--selector",
    "selectors",
    multiple=True,
    callback=_selectors,
    help="Name of a DKIM key of your relay, to look it up; repeatable.",
)
def doctor(as_json: bool, selectors: tuple[str, ...]) -> None:
    """Say what is wrong here, and what to do.

    Looks at settings, database, runner, relay and DNS, and changes nothing. Exit code 1 when something is wrong.
    """
    findings = _findings(selectors)
    is_well = not any(finding.level is Level.WRONG for finding in findings)
    if as_json:
        print_json({"is_well": is_well, "findings": findings})
    else:
        _print(findings)
    if not is_well:
        sys.exit(1)


def _findings(selectors: Sequence[str]) -> list[Finding]:
    from curator.doctor.examine import examine
    from curator.jobs import alive, clock

    try:
        app = the_app()
    except SettingError as error:
        return [
            Finding(Level.WRONG, "settings", str(error), "Mend this setting; nothing else can be looked at before.")
        ]
    return examine(app, workers=alive.living_names(clock.workers_dir(app)), selectors=selectors)


def _print(findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(f"{finding.level:<5}  {finding.about}: {finding.what}")
        if finding.todo:
            click.echo(f"       -> {finding.todo}")
        if finding.record:
            click.echo(f"          {finding.record.name} {finding.record.kind} {finding.record.value}")
    wrong, look = (sum(finding.level is level for finding in findings) for level in (Level.WRONG, Level.LOOK))
    click.echo(f"\nWrong: {wrong or 'nothing'}. To look at: {look or 'nothing'}.")
