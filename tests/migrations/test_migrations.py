"""Migrations go up, down and up on both databases, agree with the tables, and lose no row."""

import importlib
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text, update
from sqlalchemy.engine import make_url

from curator import schema
from curator.audience.tables import Subscription
from curator.db import Base, Database
from curator.events.tables import MailingCount
from curator.issues.values import IssueState
from curator.mailings.values import DeliveryState, MailingState
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.conftest import create_postgres
from tests.events.scene import counters, deliver, mailing_row, sent

for _path in Path(schema.__file__).parent.glob("*/tables.py"):
    importlib.import_module(f"curator.{_path.parent.name}.tables")


_UPGRADE = """
import sys
from curator import schema
from curator.db import Database
database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
schema.upgrade(database)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path):
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    else:
        server, name = request.getfixturevalue("postgres_server"), f"empty_{request.getfixturevalue('worker_name')}"
        create_postgres(server, name)
        database = Database(make_url(server).set(database=name).render_as_string(hide_password=False))
    yield database
    database.close()


def test_migrations_go_up_down_and_up_again(empty: Database) -> None:
    schema.upgrade(empty)
    assert schema.current(empty) == schema.newest()
    schema.downgrade(empty, "base")
    assert schema.current(empty) is None
    schema.upgrade(empty)
    assert schema.current(empty) == schema.newest()


def _is_of_tables(name: str | None, _kind: str, _parents: object) -> bool:
    # What the searches need differs so much between the databases that the migrations alone have it.
    return name is None or not ("turn_search" in name or "issue_search" in name)


def test_migrations_and_tables_agree(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_of_tables})
        assert compare_metadata(context, Base.metadata) == []


def test_every_check_stands_once_and_allows_what_the_tables_say(empty: Database) -> None:
    schema.upgrade(empty)
    looking = inspect(empty.engine)
    for table in Base.metadata.sorted_tables:
        said = {str(each.name): str(each.sqltext) for each in table.constraints if isinstance(each, CheckConstraint)}
        found = looking.get_check_constraints(table.name)
        assert sorted(str(each["name"]) for each in found) == sorted(said)
        if empty.is_sqlite:
            assert {each["name"]: each["sqltext"] for each in found} == said


def test_who_sent_or_was_about_to_send_before_there_was_a_test_mode_stays_live(empty: Database) -> None:
    schema.upgrade(empty)
    for number, state, subscription, mailing in (
        (1, "draft", "active", None),
        (2, "scheduled", None, None),
        (3, "approved", "active", None),
        (4, "approved", "pending", None),
        (5, "sent", None, "finished"),
    ):
        newsletter_id = newsletter_row(empty, slug=f"n{number}", live_at=None)
        issue_id = approved_issue_row(empty, newsletter_id, state=IssueState(state))
        if subscription:
            (subscriber_id,) = subscriber_rows(empty, newsletter_id, [f"r{number}@example.org"])
            with empty.write() as session:
                changed = update(Subscription).where(Subscription.subscriber_id == subscriber_id)
                session.execute(changed.values(state=subscription))
        if mailing:
            mailing_row(empty, newsletter_id, issue_id, state=mailing)
    schema.downgrade(empty, "0001")
    schema.upgrade(empty)
    with empty.read() as session:
        live = session.scalars(text("select slug from newsletter where live_at is not null order by slug")).all()
    assert live == ["n2", "n3", "n5"]


def test_a_second_upgrade_changes_nothing(empty: Database) -> None:
    schema.upgrade(empty)
    schema.upgrade(empty)
    assert schema.current(empty) == schema.newest()


def test_mailings_that_were_over_before_there_were_counters_are_counted(empty: Database) -> None:
    schema.upgrade(empty)
    over = sent(empty, number=1, readers=3)
    deliver(empty, over.mailing_id, (900,), state=DeliveryState.REFUSED)
    running = sent(empty, number=2, newsletter_id=over.newsletter_id, state=MailingState.RUNNING)
    schema.downgrade(empty, "0001")
    schema.upgrade(empty)
    assert counters(empty, over.mailing_id).accepted == 3
    with empty.read() as session:
        assert session.get(MailingCount, running.mailing_id) is None


def test_many_upgrades_at_once_are_one(empty: Database) -> None:
    order = [sys.executable, "-c", _UPGRADE, empty.url.render_as_string(hide_password=False)]
    children = [subprocess.Popen(order, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        child.communicate(timeout=300)
    assert [child.returncode for child in children] == [0] * 4
    assert schema.current(empty) == schema.newest()


def _migrations_with(tmp_path: Path, upgrade: str) -> Path:
    """A migrations folder of a parent with cascading children, and a second step of the test's own."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((schema.MIGRATIONS / "env.py").read_text())
    head = "import sqlalchemy as sa\nfrom alembic import op\nrevision = '{}'\ndown_revision = {}\n"
    (folder / "versions" / "a.py").write_text(
        head.format("a", None)
        + textwrap.dedent("""
        def upgrade():
            op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))
            op.create_table(
                "child",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", ondelete="CASCADE"), nullable=False),
            )
            op.execute("insert into parent values (1, 'one')")
            op.execute("insert into child values (1, 1), (2, 1)")
        """)
    )
    (folder / "versions" / "b.py").write_text(
        head.format("b", "'a'") + "def upgrade():\n" + textwrap.indent(textwrap.dedent(upgrade), "    ")
    )
    return folder


def test_a_batch_rebuild_of_a_parent_keeps_its_cascading_children(empty: Database, tmp_path: Path) -> None:
    folder = _migrations_with(
        tmp_path,
        """
        recreate = "always" if op.get_bind().dialect.name == "sqlite" else "auto"
        with op.batch_alter_table("parent", recreate=recreate) as batch:
            batch.alter_column("name", existing_type=sa.Text(), nullable=False)
        """,
    )
    schema.upgrade(empty, migrations=folder)
    with empty.read() as session:
        assert session.execute(text("select count(*) from child")).scalar_one() == 2


def test_a_migration_that_loses_rows_is_refused_and_leaves_all_as_it_was(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'rows.sqlite3'}")
    folder = _migrations_with(tmp_path, 'op.execute("delete from child where id = 2")')
    schema.upgrade(database, "a", migrations=folder)
    with pytest.raises(RuntimeError, match=r"lose rows of: \{'child': 1\}"):
        schema.upgrade(database, migrations=folder)
    with database.read() as session:
        assert session.execute(text("select count(*) from child")).scalar_one() == 2
    assert schema.current(database) == "a"
    database.close()


def test_a_migration_that_orphans_rows_is_refused(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'orphans.sqlite3'}")
    folder = _migrations_with(tmp_path, 'op.execute("insert into child values (3, 99)")')
    with pytest.raises(RuntimeError, match=r"breaks foreign keys of: \['child'\]"):
        schema.upgrade(database, migrations=folder)
    database.close()
