"""Transcripts and files by form: who may get them, who asked, and the letter with the link."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_LETTERS = (
    "'confirm', 'known', 'welcome', 'invitation', 'test', "
    "'draft_ready', 'review_asked', 'given_back', 'deadline_near', 'deadline_over', "
    "'not_scheduled', 'sponsor_asked', "
    "'address_asked', 'address_told', 'address_known', 'address_moved'"
)
_NEW = "'download'"
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "show_access",
        sa.Column("feed_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("access", sa.String(8), nullable=False),
        sa.Column("credit", sa.String(300), nullable=False),
        _access("show_access"),
        _cascade("show_access", "feed_id", "feed"),
        sa.PrimaryKeyConstraint("feed_id", name="pk_show_access"),
    )
    # Nothing is published by an upgrade: whose transcripts were nobody's business goes on being asked first.
    op.execute("insert into show_access (feed_id, access, credit) select id, 'off', '' from feed where is_own_show")
    op.create_table(
        "episode_access",
        sa.Column("item_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("access", sa.String(8), nullable=True),
        sa.Column("is_in_work", sa.Boolean(), nullable=False),
        *_counters(),
        _access("episode_access"),
        _cascade("episode_access", "item_id", "item"),
        sa.PrimaryKeyConstraint("item_id", name="pk_episode_access"),
    )
    _files()
    _requests()
    _kinds_of_letters(f"{_LETTERS}, {_NEW}")


def downgrade() -> None:
    op.execute(f"delete from letter where kind in ({_NEW})")  # noqa: S608 - a constant of this file
    _kinds_of_letters(_LETTERS)
    for table in ("download_request", "offered_file", "episode_access", "show_access"):
        op.drop_table(table)


def _files() -> None:
    op.create_table(
        "offered_file",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("item_id", _BIG, nullable=True),
        sa.Column("newsletter_id", _BIG, nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("access", sa.String(8), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        *_counters(),
        _access("offered_file"),
        sa.CheckConstraint("(item_id is null) <> (newsletter_id is null)", name=op.f("ck_offered_file_owner")),
        _cascade("offered_file", "item_id", "item"),
        _cascade("offered_file", "newsletter_id", "newsletter"),
        sa.PrimaryKeyConstraint("id", name="pk_offered_file"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_offered_file_item_id", "offered_file", ["item_id"])
    op.create_index("ix_offered_file_newsletter_id", "offered_file", ["newsletter_id"])


def _requests() -> None:
    op.create_table(
        "download_request",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("item_id", _BIG, nullable=True),
        sa.Column("file_id", _BIG, nullable=True),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("address_key", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("newsletter_id", _BIG, nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=True),
        sa.Column("confirmed_at", _MOMENT, nullable=True),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.CheckConstraint("(item_id is null) <> (file_id is null)", name=op.f("ck_download_request_download")),
        _cascade("download_request", "item_id", "item"),
        _cascade("download_request", "file_id", "offered_file"),
        _cascade("download_request", "newsletter_id", "newsletter"),
        sa.PrimaryKeyConstraint("id", name="pk_download_request"),
        sa.UniqueConstraint("item_id", "address_key", name="uq_download_request_item_id_address_key"),
        sa.UniqueConstraint("file_id", "address_key", name="uq_download_request_file_id_address_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_download_request_address_key", "download_request", ["address_key"])
    op.create_index("ix_download_request_asked_at", "download_request", ["asked_at"])


def _counters() -> list[sa.Column[int]]:
    names = ("views", "wishes", "requests", "confirmed", "downloads", "sign_ups")
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _access(table: str) -> sa.CheckConstraint:
    return sa.CheckConstraint("access in ('open', 'gated', 'off')", name=op.f(f"ck_{table}_access"))


def _cascade(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=f"fk_{table}_{column}_{parent}", ondelete="CASCADE")


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
