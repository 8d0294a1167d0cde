"""Why a message bounced, and how many of a mailing's messages bounced for each reason."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event", sa.Column("reason", sa.String(16), nullable=False, server_default=""))
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "bounce_count",
        sa.Column("mailing_id", big, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mailing_id", "reason", name="pk_bounce_count"),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name="fk_bounce_count_mailing_id_mailing", ondelete="RESTRICT"
        ),
    )
    # Nobody sorted those of before by their reasons.
    op.execute(
        "insert into bounce_count (mailing_id, reason, number) "
        "select mailing_id, 'other', bounced from mailing_count where bounced > 0"
    )


def downgrade() -> None:
    op.drop_table("bounce_count")
    op.drop_column("event", "reason")
