"""What changes after an issue has left: links that lead elsewhere, and mailings that another one finishes."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "repoint",
        sa.Column("id", big, nullable=False),
        sa.Column("issue_id", big, nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("by", big, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name="fk_repoint_issue_id_issue", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name="fk_repoint_by_user", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_repoint"),
    )
    op.create_index("ix_repoint_issue_id", "repoint", ["issue_id"])
    op.add_column("mailing", sa.Column("is_mended", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("mailing", "is_mended")
    op.drop_table("repoint")
