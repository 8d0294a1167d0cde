"""Checks before sending: what was ticked off by hand, how links were, which revision was tested."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = ("sent_test", "link_round", "link_look", "check_tick")


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _moment(name: str, *, is_known: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not is_known)


def _belongs(table: str, to: str, *, ondelete: str = "CASCADE", column: str = "") -> sa.Constraint:
    name = column or f"{to}_id"
    return sa.ForeignKeyConstraint([name], [f"{to}.id"], name=f"fk_{table}_{name}_{to}", ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "check_tick",
        sa.Column("issue_id", _key(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("about", sa.String(200), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("ticked_by", _key(), nullable=True),
        _moment("ticked_at"),
        _belongs("check_tick", "issue"),
        _belongs("check_tick", "user", ondelete="SET NULL", column="ticked_by"),
        sa.PrimaryKeyConstraint("issue_id", "code", "about", name="pk_check_tick"),
    )
    op.create_table(
        "link_look",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("fate", sa.String(16), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        _moment("looked_at"),
        sa.CheckConstraint("fate in ('there', 'gone', 'unsure')", name=op.f("ck_link_look_fate")),
        sa.PrimaryKeyConstraint("url", name="pk_link_look"),
    )
    op.create_table(
        "link_round",
        sa.Column("issue_id", _key(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        _moment("asked_at"),
        _moment("beat_at"),
        _moment("finished_at", is_known=False),
        _belongs("link_round", "issue"),
        sa.PrimaryKeyConstraint("issue_id", name="pk_link_round"),
    )
    op.create_table(
        "sent_test",
        sa.Column("id", _key(), nullable=False),
        sa.Column("issue_id", _key(), nullable=False),
        sa.Column("revision_id", _key(), nullable=False),
        sa.Column("user_id", _key(), nullable=False),
        sa.Column("letter_key", sa.String(200), nullable=False),
        _moment("at"),
        _belongs("sent_test", "issue"),
        _belongs("sent_test", "revision"),
        _belongs("sent_test", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_sent_test"),
    )
    op.create_index("ix_sent_test_issue_id_id", "sent_test", ["issue_id", "id"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
