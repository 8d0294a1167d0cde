"""The board: who is there."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presence",
        sa.Column("issue_id", _key(), nullable=False),
        sa.Column("user_id", _key(), nullable=False),
        sa.Column("block_id", _key(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name="fk_presence_issue_id_issue", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_presence_user_id_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issue_id", "user_id", name="pk_presence"),
    )


def downgrade() -> None:
    op.drop_table("presence")


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
