"""The activity log: what was taken back, and which change took what back."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("activity", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("activity", sa.Column("undone_by", big, nullable=True))
    op.add_column("activity", sa.Column("undoes", big, nullable=True))
    op.create_index("ix_activity_actor_id", "activity", ["actor", "id"])
    op.create_index("ix_activity_subject_only", "activity", ["subject", "id"])


def downgrade() -> None:
    op.drop_index("ix_activity_subject_only", "activity")
    op.drop_index("ix_activity_actor_id", "activity")
    for name in ("undoes", "undone_by", "undone_at"):
        op.drop_column("activity", name)
