"""How many of those who joined in a month were still there so many months later."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "cohort_count",
        sa.Column("newsletter_id", big, nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("mark", sa.SmallInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletter.id"], name="fk_cohort_count_newsletter_id_newsletter", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("newsletter_id", "joined_on", "source", "mark", name="pk_cohort_count"),
    )


def downgrade() -> None:
    op.drop_table("cohort_count")
