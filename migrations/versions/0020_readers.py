"""What readers say of themselves (interests, a pause, text only) and what the desk keeps of them (tags, segments)."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "interest",
        sa.Column("id", big, nullable=False),
        sa.Column("newsletter_id", big, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _cascade("interest", "newsletter"),
        sa.PrimaryKeyConstraint("id", name="pk_interest"),
        sa.UniqueConstraint("newsletter_id", "name", name="uq_interest_newsletter_id_name"),
    )
    op.create_table(
        "subscriber_interest",
        sa.Column("subscriber_id", big, nullable=False),
        sa.Column("interest_id", big, nullable=False),
        _cascade("subscriber_interest", "subscriber"),
        _cascade("subscriber_interest", "interest"),
        sa.PrimaryKeyConstraint("subscriber_id", "interest_id", name="pk_subscriber_interest"),
    )
    op.create_index("ix_subscriber_interest_interest_id", "subscriber_interest", ["interest_id", "subscriber_id"])
    op.create_table(
        "tag",
        sa.Column("id", big, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tag"),
        sa.UniqueConstraint("key", name="uq_tag_key"),
    )
    op.create_table(
        "subscriber_tag",
        sa.Column("subscriber_id", big, nullable=False),
        sa.Column("tag_id", big, nullable=False),
        sa.Column("at", moment, nullable=False),
        _cascade("subscriber_tag", "subscriber"),
        _cascade("subscriber_tag", "tag"),
        sa.PrimaryKeyConstraint("subscriber_id", "tag_id", name="pk_subscriber_tag"),
    )
    op.create_index("ix_subscriber_tag_tag_id", "subscriber_tag", ["tag_id", "subscriber_id"])
    op.create_table(
        "segment",
        sa.Column("id", big, nullable=False),
        sa.Column("newsletter_id", big, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        _cascade("segment", "newsletter"),
        sa.PrimaryKeyConstraint("id", name="pk_segment"),
        sa.UniqueConstraint("newsletter_id", "name", name="uq_segment_newsletter_id_name"),
    )
    op.add_column("subscription", sa.Column("paused_until", moment, nullable=True))
    op.add_column("subscription", sa.Column("is_text_only", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("subscription", "is_text_only")
    op.drop_column("subscription", "paused_until")
    for table in ("segment", "subscriber_tag", "tag", "subscriber_interest", "interest"):
        op.drop_table(table)


def _cascade(table: str, parent: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{parent}_id_{parent}"
    return sa.ForeignKeyConstraint([f"{parent}_id"], [f"{parent}.id"], name=name, ondelete="CASCADE")
