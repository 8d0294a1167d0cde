"""Readers' tips, the letter that thanks for one, and the connection that mailings leave to letters."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_LETTERS = (
    "'confirm', 'known', 'welcome', 'invitation', 'test', "
    "'draft_ready', 'review_asked', 'given_back', 'deadline_near', 'deadline_over', "
    "'not_scheduled', 'sponsor_asked', "
    "'address_asked', 'address_told', 'address_known', 'address_moved', 'download'"
)
_NEW = "'tip_thanks'"


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "letter_room",
        sa.Column("transport", sa.String(40), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("transport", name="pk_letter_room"),
    )
    op.create_table(
        "tip_box",
        sa.Column("newsletter_id", big, autoincrement=False, nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        _parent("tip_box", "newsletter_id", "newsletter", "CASCADE"),
        sa.PrimaryKeyConstraint("newsletter_id", name="pk_tip_box"),
    )
    op.create_table(
        "tip",
        sa.Column("id", big, nullable=False),
        sa.Column("newsletter_id", big, nullable=False),
        sa.Column("page_key", sa.String(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tipped", sa.Integer(), nullable=False),
        sa.Column("item_id", big, nullable=True),
        sa.Column("is_new_item", sa.Boolean(), nullable=False),
        sa.Column("first_at", moment, nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.Column("decided_by", big, nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.CheckConstraint("state in ('waiting', 'accepted', 'refused', 'spam')", name=op.f("ck_tip_state")),
        _parent("tip", "newsletter_id", "newsletter", "CASCADE"),
        _parent("tip", "item_id", "item", "SET NULL"),
        _parent("tip", "decided_by", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_tip"),
        sa.UniqueConstraint("newsletter_id", "page_key", name="uq_tip_newsletter_id_page_key"),
    )
    op.create_index("ix_tip_newsletter_id_state_last_at", "tip", ["newsletter_id", "state", "last_at"])
    op.create_index("ix_tip_item_id", "tip", ["item_id"])
    op.create_table(
        "tip_note",
        sa.Column("id", big, nullable=False),
        sa.Column("tip_id", big, nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("address_key", sa.String(320), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("sender_key", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("thanked_at", moment, nullable=True),
        _parent("tip_note", "tip_id", "tip", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_tip_note"),
    )
    op.create_index("ix_tip_note_tip_id_id", "tip_note", ["tip_id", "id"])
    op.create_index("ix_tip_note_address_key", "tip_note", ["address_key"])
    op.create_index("ix_tip_note_sender_key", "tip_note", ["sender_key"])
    op.create_table(
        "tip_block",
        sa.Column("sender_key", sa.String(64), nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("tip_id", big, nullable=True),
        sa.PrimaryKeyConstraint("sender_key", name="pk_tip_block"),
    )
    _kinds_of_letters(f"{_LETTERS}, {_NEW}")


def downgrade() -> None:
    op.execute(f"delete from letter where kind in ({_NEW})")  # noqa: S608 - a constant of this file
    _kinds_of_letters(_LETTERS)
    for table in ("tip_block", "tip_note", "tip", "tip_box", "letter_room"):
        op.drop_table(table)


def _parent(table: str, column: str, parent: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete=ondelete)


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
