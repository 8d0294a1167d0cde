"""`curator issues import`: says what would come, imports it, and adds nothing the second time."""

import json
from pathlib import Path

from click.testing import CliRunner

from curator.app import build
from curator.cli import curator
from curator.settings import load
from tests.issues.back import files
from tests.issues.scene import scene


def test_back_issues_come_in_from_a_folder_after_a_dry_run(tmp_path: Path) -> None:
    environ = {"CURATOR_DATA_DIR": str(tmp_path / "var"), "CURATOR_LOG_FORMAT": "json"}
    runner = CliRunner()
    assert runner.invoke(curator, ["init", "--owner", "mina@example.test"], env=environ).exit_code == 0
    app = build(load(environ))
    scene(app.db)
    folder = tmp_path / "past"
    folder.mkdir()
    (folder / "41.md").write_text(files.MARKDOWN)
    (folder / "7.html").write_text(files.HTML)
    (folder / "notes.docx").write_text("no issue")
    command = ["issues", "import", str(folder)]
    dry = runner.invoke(curator, [*command, "--dry-run"], env=environ)
    assert dry.exit_code == 0, dry.output
    assert "2 issues with 9 links would come in." in dry.output
    assert "41.md: “Odds and ends” is no section; its links come into Recommendations." in dry.output
    assert "41.md, line 7: There is no link in it. Good morning, it is cold." in dry.output
    done = json.loads(runner.invoke(curator, [*command, "--json"], env=environ).stdout)
    assert (done["is_whole"], done["links"], [each["fate"] for each in done["issues"]]) == (True, 9, ["new", "new"])
    again = json.loads(runner.invoke(curator, [*command, "--json"], env=environ).stdout)
    assert (again["links"], [each["fate"] for each in again["issues"]]) == (0, ["known", "known"])
    numberless = tmp_path / "plain.txt"
    numberless.write_text("https://a.example/9 A ninth\n")
    refused = runner.invoke(curator, ["issues", "import", str(numberless)], env=environ)
    assert refused.exit_code == 1
    assert "plain.txt: Nothing tells its number" in refused.output
    told = ["--number", "9", "--date", "2022-02-03", "--section", "trends"]
    assert runner.invoke(curator, ["issues", "import", str(numberless), *told], env=environ).exit_code == 0
    for wrong, why in ((["--date", "soon"], "is no day"), (["--section", "Nowhere"], "has no section")):
        refused = runner.invoke(curator, ["issues", "import", str(numberless), *wrong], env=environ)
        assert why.replace("is no day", "is not a day") in str(refused.exception)
    app.db.close()
