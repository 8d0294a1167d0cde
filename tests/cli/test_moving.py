"""`curator subscribers import` and `export`: what they say, leave behind and write."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from curator.app import App, build
from curator.audience.moving import bring, store
from curator.audience.moving.values import Phase
from curator.cli import curator
from curator.newsletters import edit
from curator.settings import load
from tests import builders
from tests.audience.moving import exports


@pytest.fixture
def run(tmp_path: Path):
    """Calls a command in an installation of its own that has a newsletter."""
    environ = {"CURATOR_DATA_DIR": str(tmp_path / "var"), "CURATOR_LOG_FORMAT": "json"}

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(curator, ["subscribers", *arguments], env=environ)

    assert CliRunner().invoke(curator, ["init", "--owner", "mina@example.test"], env=environ).exit_code == 0
    app = _app(tmp_path)
    edit.create(app.db, builders.newsletter_form(), now=app.clock())
    app.db.close()
    return call


def _app(tmp_path: Path) -> App:
    return build(load({"CURATOR_DATA_DIR": str(tmp_path / "var")}))


def test_a_file_is_tried_taken_in_and_written_out(run, tmp_path: Path) -> None:
    file = tmp_path / "readers.csv"
    file.write_text(exports.KIT)
    assert "Say why these people may be mailed" in str(run("import", str(file)).exception)
    tried = run("import", str(file), "--basis", "They asked", "--dry-run")
    assert tried.output.startswith("It would be so: 1 added, 0 already there")
    assert "0 active" in run("list").output
    done = run("import", str(file), "--basis", "They asked", "--json")
    told = json.loads(done.output)
    assert (told["vendor"], told["added"], told["kept_out"], told["phase"]) == ("kit", 1, 2, "done")
    assert list((tmp_path / "var" / "imports").iterdir()) == []
    out = tmp_path / "out.csv"
    assert run("export", "--out", str(out)).exit_code == 0
    assert out.stat().st_mode & 0o077 == 0
    assert len(out.read_text().splitlines()) == 3
    assert "mal@example.org,,complained," in run("export", "--what", "suppressions").output
    assert (
        json.loads(run("export", "--what", "consents", "--format", "jsonl").output.splitlines()[0])["step"]
        == "imported"
    )


def test_columns_are_mapped_by_hand_and_refused_rows_end_with_one(run, tmp_path: Path) -> None:
    file = tmp_path / "readers.csv"
    file.write_text('email,contact,who\n1,ada@example.org,Ada\n2,"bob@example.org,Bob\n')
    mapped = ("--map", "contact=address", "--map", "who=name", "--basis", "They asked")
    done = run("import", str(file), *mapped)
    assert (done.exit_code, "1 added" in done.output) == (1, True)
    assert "  line 3: A quotation mark" in done.output
    assert "There is no column 'what'" in str(run("import", str(file), "--map", "what=name", "--basis", "x").exception)
    assert "There is no field 'shoe'" in str(run("import", str(file), "--map", "who=shoe", "--basis", "x").exception)


def test_an_import_that_was_stopped_goes_on(run, tmp_path: Path) -> None:
    file, app = tmp_path / "readers.csv", _app(tmp_path)
    file.write_text("email\nada@example.org\n")
    told = {"file_name": "readers.csv", "folder": app.imports_dir, "max_bytes": 1000, "now": app.clock()}
    import_id = bring.bring(app.db, 1, file, **told)  # type: ignore[arg-type]
    with app.db.read() as session:
        plan = bring.usual_plan(store.one(session, import_id).parts, basis="They asked")
    bring.begin_look(app.db, import_id, plan, now=app.clock(), is_asked_for=False)
    bring.fail(app.db, import_id, note="It was stopped by hand.", now=app.clock())
    assert "1 added" in run("import", "--resume", str(import_id)).output
    with app.db.read() as session:
        assert store.one(session, import_id).phase is Phase.DONE
    app.db.close()
    assert "There is no import 99" in str(run("import", "--resume", "99").exception)
