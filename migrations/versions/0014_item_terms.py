"""What items are about, so that a transcript is read once and not at every comparison."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "item_terms",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("related_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_item_terms_item_id_item", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", name="pk_item_terms"),
    )
    op.create_index("ix_item_terms_related_at", "item_terms", ["related_at"])


def downgrade() -> None:
    op.drop_table("item_terms")
