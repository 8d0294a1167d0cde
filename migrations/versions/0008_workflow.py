"""The way of an issue: review, deadlines, slots let go, issues between."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATES = "'draft', 'held', 'skipped', 'approved', 'scheduled', 'sending', 'sent'"
_STATES_NOW = "'draft', 'review', 'held', 'skipped', 'approved', 'scheduled', 'sending', 'sent'"
_LETTERS = "'confirm', 'known', 'welcome', 'invitation', 'test'"
_NOTICES = "'draft_ready', 'review_asked', 'given_back', 'deadline_near', 'deadline_over'"
_NEW_IN_ISSUE = ("review_by", "review_at", "deadline_told_at", "deadline_settled_at")
_NEW_IN_NEWSLETTER = ("approval_lead_minutes", "when_unapproved", "needs_second_person", "accent")


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _moment(name: str, *, is_known: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not is_known)


def _belongs(table: str, column: str, to: str, *, ondelete: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=ondelete)


def upgrade() -> None:
    _newsletters()
    with op.batch_alter_table("issue") as batch:
        batch.add_column(sa.Column("review_by", _key(), nullable=True))
        for name in _NEW_IN_ISSUE[1:]:
            batch.add_column(_moment(name, is_known=False))
        batch.create_foreign_key(op.f("fk_issue_review_by_user"), "user", ["review_by"], ["id"], ondelete="SET NULL")
        batch.drop_constraint("ck_issue_state", type_="check")
        batch.create_check_constraint(op.f("ck_issue_state"), f"state in ({_STATES_NOW})")
    _kinds_of_letters(f"{_LETTERS}, {_NOTICES}")
    _tables()


def _newsletters() -> None:
    # In words of its own: SQLite adds a check with its column, but not to a table that is there.
    for column, kind, default, check in (
        ("approval_lead_minutes", "integer", "0", "approval_lead_minutes between 0 and 20160"),
        ("when_unapproved", "varchar(16)", "'hold'", "when_unapproved in ('hold', 'send')"),
    ):
        op.execute(
            f"alter table newsletter add column {column} {kind} default {default} not null "
            f"constraint ck_newsletter_{column} check ({check})"
        )
    op.add_column(
        "newsletter", sa.Column("needs_second_person", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("newsletter", sa.Column("accent", sa.String(7), server_default="", nullable=False))


def _kinds_of_letters(kinds: str) -> None:
    """Replaces the check; a letter's number is in its Message-ID, so SQLite goes on counting where it was."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    counted = "select seq from sqlite_sequence where name = 'letter'"
    last = op.get_bind().scalar(sa.text(counted)) if is_sqlite else None
    with op.batch_alter_table("letter", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint("ck_letter_kind", type_="check")
        batch.create_check_constraint(op.f("ck_letter_kind"), f"kind in ({kinds})")
    if last is not None:
        op.execute("delete from sqlite_sequence where name = 'letter'")
        inserted = sa.text("insert into sqlite_sequence (name, seq) values ('letter', :seq)")
        op.get_bind().execute(inserted, {"seq": last})


def _tables() -> None:
    op.create_table(
        "skipped_slot",
        sa.Column("newsletter_id", _key(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.String(40), nullable=False),
        _moment("at"),
        _belongs("skipped_slot", "newsletter_id", "newsletter", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("newsletter_id", "slot", name=op.f("pk_skipped_slot")),
    )
    op.create_table(
        "planned_issue",
        sa.Column("id", _key(), nullable=False),
        sa.Column("newsletter_id", _key(), nullable=False),
        _moment("at"),
        _moment("draft_at"),
        sa.Column("issue_id", _key(), nullable=True),
        sa.Column("planned_by", _key(), nullable=True),
        _moment("created_at"),
        _belongs("planned_issue", "newsletter_id", "newsletter", ondelete="CASCADE"),
        _belongs("planned_issue", "issue_id", "issue", ondelete="SET NULL"),
        _belongs("planned_issue", "planned_by", "user", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_issue")),
        sa.UniqueConstraint("newsletter_id", "at", name=op.f("uq_planned_issue_newsletter_id_at")),
    )
    op.create_index("ix_planned_issue_draft_at", "planned_issue", ["draft_at"])
    op.create_table(
        "notice_off",
        sa.Column("user_id", _key(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        _belongs("notice_off", "user_id", "user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notice_off")),
    )


def downgrade() -> None:
    for table in ("notice_off", "planned_issue", "skipped_slot"):
        op.drop_table(table)
    op.execute(f"delete from letter where kind in ({_NOTICES})")  # noqa: S608 - a constant of this file
    _kinds_of_letters(_LETTERS)
    op.execute("update issue set state = 'draft' where state = 'review'")
    with op.batch_alter_table("issue") as batch:
        batch.drop_constraint("ck_issue_state", type_="check")
        batch.create_check_constraint(op.f("ck_issue_state"), f"state in ({_STATES})")
        batch.drop_constraint("fk_issue_review_by_user", type_="foreignkey")
        for name in _NEW_IN_ISSUE:
            batch.drop_column(name)
    for name in _NEW_IN_NEWSLETTER:
        op.drop_column("newsletter", name)
