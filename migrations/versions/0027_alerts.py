"""Alerts: what needs a person, and the letter that tells of it; which processes live; how many polls failed."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_LETTERS = (
    "'confirm', 'known', 'welcome', 'invitation', 'test', "
    "'draft_ready', 'review_asked', 'given_back', 'deadline_near', 'deadline_over', "
    "'not_scheduled', 'sponsor_asked', "
    "'address_asked', 'address_told', 'address_known', 'address_moved', 'download', 'tip_thanks'"
)
_NEW = "'alert'"
_KINDS = (
    "'clock', 'sender', 'work', 'jobs', 'letters', 'mailing', 'doubts', 'complaints', 'bounces', 'show', 'feeds', "
    "'disk', 'mailbox', 'signups'"
)


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "alert",
        sa.Column("id", big, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("what", sa.String(600), nullable=False),
        sa.Column("todo", sa.String(300), nullable=False),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("closed_at", moment, nullable=True),
        sa.Column("told_at", moment, nullable=True),
        sa.Column("end_told_at", moment, nullable=True),
        sa.Column("called_at", moment, nullable=True),
        sa.Column("end_called_at", moment, nullable=True),
        sa.Column("calling_until", moment, nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("taken_by", big, nullable=True),
        sa.CheckConstraint(f"kind in ({_KINDS})", name=op.f("ck_alert_kind")),
        sa.ForeignKeyConstraint(["taken_by"], ["user.id"], name="fk_alert_taken_by_user", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    is_open = sa.text("closed_at is null")
    op.create_index(
        "uq_alert_open", "alert", ["kind", "subject"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("ix_alert_closed_at", "alert", ["closed_at"])
    _kinds_of_letters(f"{_LETTERS}, {_NEW}")
    op.create_table(
        "process",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("machine", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("tick_lag_s", sa.Double(), nullable=False),
        sa.CheckConstraint("kind in ('web', 'clock', 'worker', 'runner')", name=op.f("ck_process_kind")),
        sa.PrimaryKeyConstraint("name", name="pk_process"),
    )
    op.create_table(
        "poll_count",
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("counted_on", name="pk_poll_count"),
    )


def downgrade() -> None:
    op.execute("delete from letter where kind = 'alert'")
    _kinds_of_letters(_LETTERS)
    for table in ("poll_count", "process", "alert"):
        op.drop_table(table)


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
