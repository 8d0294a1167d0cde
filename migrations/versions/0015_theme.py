"""A newsletter's theme beside its accent, and the compact layout that an issue's editor chose."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("newsletter", sa.Column("theme", sa.JSON(), nullable=True))
    op.add_column("issue", sa.Column("is_compact", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("issue", "is_compact")
    op.drop_column("newsletter", "theme")
