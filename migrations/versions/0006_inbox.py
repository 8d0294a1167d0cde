"""The inbox: items put off until a day, muted feeds and words."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_REASONS = "'', 'off topic', 'seen before', 'too thin', 'out of date', 'behind a paywall', 'advertising'"
_INDEXES = (
    ("ix_pick_picked_by_picked_at", "pick", ["picked_by", "picked_at"]),
    ("ix_skip_skipped_by_skipped_at", "skip", ["skipped_by", "skipped_at"]),
    # How many items a feed brought lately, and who else has a title: asked for every row of the inbox.
    ("ix_item_feed_id_first_seen_at", "item", ["feed_id", "first_seen_at"]),
    ("ix_item_title", "item", ["title"]),
)


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _belongs(table: str, to: str, *, column: str = "", ondelete: str = "CASCADE") -> sa.Constraint:
    name = column or f"{to}_id"
    return sa.ForeignKeyConstraint([name], [f"{to}.id"], name=f"fk_{table}_{name}_{to}", ondelete=ondelete)


def upgrade() -> None:
    with op.batch_alter_table("skip") as batch:
        batch.add_column(sa.Column("reason", sa.String(20), server_default="", nullable=False))
        batch.create_check_constraint(op.f("ck_skip_reason"), f"reason in ({_REASONS})")
    op.create_table(
        "later",
        sa.Column("newsletter_id", _key(), nullable=False),
        sa.Column("item_id", _key(), nullable=False),
        _moment("until"),
        sa.Column("put_off_by", _key(), nullable=True),
        _moment("put_off_at"),
        _belongs("later", "newsletter"),
        _belongs("later", "item"),
        _belongs("later", "user", column="put_off_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("newsletter_id", "item_id", name="pk_later"),
    )
    op.create_index("ix_later_newsletter_id_until", "later", ["newsletter_id", "until"])
    op.create_table(
        "mute",
        sa.Column("id", _key(), nullable=False),
        sa.Column("newsletter_id", _key(), nullable=False),
        sa.Column("feed_id", _key(), nullable=True),
        sa.Column("words", sa.String(100), nullable=True),
        sa.Column("muted_by", _key(), nullable=True),
        _moment("muted_at"),
        sa.CheckConstraint("(feed_id is null) <> (words is null)", name=op.f("ck_mute_one")),
        _belongs("mute", "newsletter"),
        _belongs("mute", "feed"),
        _belongs("mute", "user", column="muted_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_mute"),
        sa.UniqueConstraint("newsletter_id", "feed_id", name="uq_mute_newsletter_id_feed_id"),
        sa.UniqueConstraint("newsletter_id", "words", name="uq_mute_newsletter_id_words"),
    )
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in _INDEXES:
        op.drop_index(name, table)
    op.drop_table("mute")
    op.drop_table("later")
    with op.batch_alter_table("skip") as batch:
        batch.drop_constraint("ck_skip_reason", type_="check")
        batch.drop_column("reason")
