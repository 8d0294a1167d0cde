"""Preflight: where links lead on and how heavy pictures are, and what programs said of a revision."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("link_look", sa.Column("leads_to", sa.Text(), nullable=True))
    op.add_column("link_look", sa.Column("bytes", sa.BigInteger(), nullable=True))
    op.create_table(
        "mail_look",
        sa.Column(
            "revision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("machine", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("error", sa.String(500), nullable=False),
        sa.CheckConstraint("machine in ('axe', 'spam')", name=op.f("ck_mail_look_machine")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name="fk_mail_look_revision_id_revision", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("revision_id", "machine", name="pk_mail_look"),
    )


def downgrade() -> None:
    op.drop_table("mail_look")
    with op.batch_alter_table("link_look") as batch:
        batch.drop_column("bytes")
        batch.drop_column("leads_to")
