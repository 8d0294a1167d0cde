"""Corrections of sent issues, the words by which the archive is searched, and whether back issues are public."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# A table of FTS5 beside the words; triggers keep it up, whoever writes.
_SEARCH_ON_SQLITE = (
    (
        "CREATE VIRTUAL TABLE issue_search USING fts5("
        "words, content='issue_words', content_rowid='issue_id', tokenize='unicode61 remove_diacritics 2')"
    ),
    (
        "CREATE TRIGGER issue_search_added AFTER INSERT ON issue_words BEGIN "
        "INSERT INTO issue_search (rowid, words) VALUES (new.issue_id, new.words); END"
    ),
    (
        "CREATE TRIGGER issue_search_removed AFTER DELETE ON issue_words BEGIN "
        "INSERT INTO issue_search (issue_search, rowid, words) VALUES ('delete', old.issue_id, old.words); END"
    ),
    (
        "CREATE TRIGGER issue_search_changed AFTER UPDATE OF words ON issue_words BEGIN "
        "INSERT INTO issue_search (issue_search, rowid, words) VALUES ('delete', old.issue_id, old.words); "
        "INSERT INTO issue_search (rowid, words) VALUES (new.issue_id, new.words); END"
    ),
)
_SEARCH_ON_POSTGRES = "CREATE INDEX ix_issue_search ON issue_words USING gin (to_tsvector('simple', words))"


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("newsletter", sa.Column("shows_back_issues", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_table(
        "correction",
        sa.Column("id", _key(), nullable=False),
        sa.Column("issue_id", _key(), nullable=False),
        sa.Column("block_id", _key(), nullable=True),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("made_by", _key(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name="fk_correction_issue_id_issue", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name="fk_correction_made_by_user", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
    )
    op.create_index("ix_correction_issue_id", "correction", ["issue_id"])
    op.create_table(
        "issue_words",
        sa.Column("issue_id", _key(), autoincrement=False, nullable=False),
        sa.Column("revision_id", _key(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name="fk_issue_words_issue_id_issue", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issue_id", name="pk_issue_words"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SEARCH_ON_SQLITE:
            op.execute(statement)
    else:
        op.execute(_SEARCH_ON_POSTGRES)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER issue_search_{name}")
        op.execute("DROP TABLE issue_search")
    op.drop_table("issue_words")
    op.drop_table("correction")
    op.drop_column("newsletter", "shows_back_issues")
