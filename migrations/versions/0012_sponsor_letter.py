"""Letters to sponsors, and the notice of an issue that is approved and not scheduled."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_LETTERS = (
    "'confirm', 'known', 'welcome', 'invitation', 'test', "
    "'draft_ready', 'review_asked', 'given_back', 'deadline_near', 'deadline_over'"
)
_NEW = "'not_scheduled', 'sponsor_asked'"


def upgrade() -> None:
    op.add_column("booking", sa.Column("address", sa.String(320), server_default="", nullable=False))
    op.add_column("issue", sa.Column("unscheduled_told_at", sa.DateTime(timezone=True), nullable=True))
    _kinds_of_letters(f"{_LETTERS}, {_NEW}")


def downgrade() -> None:
    op.execute(f"delete from letter where kind in ({_NEW})")  # noqa: S608 - a constant of this file
    op.execute(f"delete from notice_off where kind in ({_NEW})")  # noqa: S608 - as above
    _kinds_of_letters(_LETTERS)
    op.drop_column("issue", "unscheduled_told_at")
    op.drop_column("booking", "address")


def _kinds_of_letters(kinds: str) -> None:
    """Replaces the check; a letter's number is in its Message-ID, so SQLite goes on counting where it was."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    counted = "select seq from sqlite_sequence where name = 'letter'"
    last = op.get_bind().scalar(sa.text(counted)) if is_sqlite else None
    with op.batch_alter_table("letter", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint("ck_letter_kind", type_="check")
        batch.create_check_constraint(op.f("ck_letter_kind"), f"kind in ({kinds})")
    if last is not None:
        op.execute("delete from sqlite_sequence where name = 'letter'")
        inserted = sa.text("insert into sqlite_sequence (name, seq) values ('letter', :seq)")
        op.get_bind().execute(inserted, {"seq": last})
