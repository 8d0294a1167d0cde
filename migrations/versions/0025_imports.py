"""Imports of readers: a file, how far it is taken in, and the rows of it that were refused."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "reader_import",
        sa.Column("id", big, nullable=False),
        sa.Column("newsletter_id", big, nullable=False),
        sa.Column("actor", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=True),
        sa.Column("mark_part", sa.Integer(), nullable=False),
        sa.Column("mark_offset", sa.BigInteger(), nullable=False),
        sa.Column("mark_line", sa.BigInteger(), nullable=False),
        sa.Column("tally", sa.JSON(), nullable=True),
        sa.Column("looked", sa.JSON(), nullable=True),
        sa.Column("is_looked_whole", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("has_file", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.CheckConstraint(
            "phase in ('stored', 'looking', 'looked', 'running', 'done', 'cancelled', 'failed')",
            name="ck_reader_import_phase",
        ),
        _cascade("reader_import", "newsletter_id", "newsletter"),
        sa.PrimaryKeyConstraint("id", name="pk_reader_import"),
    )
    op.create_index("ix_reader_import_newsletter_id", "reader_import", ["newsletter_id", "id"])
    op.create_table(
        "reader_import_refusal",
        sa.Column("import_id", big, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("heading", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        _cascade("reader_import_refusal", "import_id", "reader_import"),
        sa.PrimaryKeyConstraint("import_id", "part", "line", name="pk_reader_import_refusal"),
    )


def downgrade() -> None:
    op.drop_table("reader_import_refusal")
    op.drop_table("reader_import")


def _cascade(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")
