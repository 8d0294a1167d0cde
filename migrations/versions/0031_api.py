"""API tokens end and may be for one newsletter, deeds say by which token, answers are kept to be given again."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("api_token") as batch:
        batch.add_column(sa.Column("expires_at", moment, nullable=True))
        batch.add_column(sa.Column("newsletter_id", big, nullable=True))
        batch.create_foreign_key(
            "fk_api_token_newsletter_id_newsletter", "newsletter", ["newsletter_id"], ["id"], ondelete="CASCADE"
        )
    op.add_column("activity", sa.Column("via", sa.String(100), nullable=True))
    op.create_table(
        "api_answer",
        sa.Column("token_id", big, nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"], ["api_token.id"], name="fk_api_answer_token_id_api_token", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_id", "key_hash", name="pk_api_answer"),
    )
    op.create_index("ix_api_answer_at", "api_answer", ["at"])


def downgrade() -> None:
    op.drop_table("api_answer")
    op.drop_column("activity", "via")
    with op.batch_alter_table("api_token") as batch:
        batch.drop_constraint("fk_api_token_newsletter_id_newsletter", type_="foreignkey")
        batch.drop_column("newsletter_id")
        batch.drop_column("expires_at")
