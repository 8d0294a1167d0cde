"""Whether the database was restored from a backup; a mailing's number is never given again."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "restoration",
        sa.Column("id", big, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("backup_at", moment, nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("let_go_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_restoration"),
    )
    # Links in mail name a mailing: after a restore the next number must lie beyond those that the backup does not know.
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("mailing", recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("mailing", recreate="always", table_kwargs={"sqlite_autoincrement": False}):
            pass
    op.drop_table("restoration")
