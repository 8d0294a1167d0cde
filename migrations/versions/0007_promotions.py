"""Promotions: dated events and sponsors, their slots and bookings."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KINDS = "'pick', 'text', 'quote'"


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _moment(name: str, *, is_known: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not is_known)


def _words(name: str, length: int | None = None) -> sa.Column:
    return sa.Column(name, sa.String(length) if length else sa.Text(), server_default="", nullable=False)


def _number(name: str, usual: int) -> sa.Column:
    return sa.Column(name, sa.Integer(), server_default=str(usual), nullable=False)


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _to(table: str, column: str, to: str, ondelete: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}", ondelete=ondelete)


def upgrade() -> None:
    _promotions()
    _slots()
    _bookings()
    with op.batch_alter_table("block") as batch:
        batch.add_column(sa.Column("promotion_id", _key(), nullable=True))
        batch.add_column(sa.Column("slot_id", _key(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_block_promotion_id_promotion"), "promotion", ["promotion_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_foreign_key(
            op.f("fk_block_slot_id_promotion_slot"), "promotion_slot", ["slot_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_unique_constraint(op.f("uq_block_issue_id_slot_id"), ["issue_id", "slot_id"])
        batch.drop_constraint("ck_block_kind", type_="check")
        batch.create_check_constraint(op.f("ck_block_kind"), f"kind in ({_KINDS}, 'promotion')")
        batch.create_check_constraint(
            op.f("ck_block_promotion"), "(kind = 'promotion') = (promotion_id is not null or slot_id is not null)"
        )
    op.add_column("mailing", _moment("stops_at", is_known=False))


def _promotions() -> None:
    op.create_table(
        "promotion",
        sa.Column("id", _key(), nullable=False),
        sa.Column("newsletter_id", _key(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        _words("sponsor", 120),
        _words("title", 200),
        *(_words(name) for name in ("text", "link", "image_url")),
        _words("image_alt", 300),
        *(_moment(name, is_known=False) for name in ("begins_at", "ends_at", "event_at")),
        _words("event_place", 200),
        _flag("is_put_away"),
        _number("version", 1),
        _moment("created_at"),
        sa.CheckConstraint("kind in ('sponsor', 'event', 'house')", name=op.f("ck_promotion_kind")),
        sa.CheckConstraint("kind = 'house' or ends_at is not null", name=op.f("ck_promotion_ends_at")),
        sa.CheckConstraint(
            "begins_at is null or ends_at is null or begins_at < ends_at", name=op.f("ck_promotion_dates")
        ),
        _to("promotion", "newsletter_id", "newsletter", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_promotion"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_promotion_newsletter_id", "promotion", ["newsletter_id"])


def _slots() -> None:
    op.create_table(
        "promotion_slot",
        sa.Column("id", _key(), nullable=False),
        sa.Column("newsletter_id", _key(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("place", sa.String(16), nullable=False),
        sa.Column("section_id", _key(), nullable=True),
        _number("position", 0),
        _number("max_title", 60),
        _number("max_text", 300),
        sa.Column("label", sa.String(40), nullable=False),
        _number("lead_hours", 48),
        _flag("trusts"),
        sa.Column("house_id", _key(), nullable=True),
        _flag("is_put_away"),
        _number("version", 1),
        sa.CheckConstraint("place in ('intro', 'section', 'end')", name=op.f("ck_promotion_slot_place")),
        sa.CheckConstraint("lead_hours between 0 and 720", name=op.f("ck_promotion_slot_lead_hours")),
        sa.CheckConstraint("max_title between 10 and 200", name=op.f("ck_promotion_slot_max_title")),
        sa.CheckConstraint("max_text between 0 and 2000", name=op.f("ck_promotion_slot_max_text")),
        _to("promotion_slot", "newsletter_id", "newsletter", "CASCADE"),
        _to("promotion_slot", "section_id", "section", "SET NULL"),
        _to("promotion_slot", "house_id", "promotion", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_promotion_slot"),
    )
    op.create_index("ix_promotion_slot_newsletter_id", "promotion_slot", ["newsletter_id"])


def _bookings() -> None:
    op.create_table(
        "booking",
        sa.Column("id", _key(), nullable=False),
        sa.Column("slot_id", _key(), nullable=False),
        sa.Column("promotion_id", _key(), nullable=False),
        sa.Column("issue_on", sa.Date(), nullable=False),
        _moment("issue_at"),
        _moment("deadline_at"),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("copy", sa.JSON(), nullable=True),
        _moment("submitted_at", is_known=False),
        sa.Column("approved_by", _key(), nullable=True),
        _moment("approved_at", is_known=False),
        _number("version", 1),
        _moment("created_at"),
        sa.CheckConstraint("state in ('asked', 'submitted', 'late', 'approved')", name=op.f("ck_booking_state")),
        _to("booking", "slot_id", "promotion_slot", "CASCADE"),
        _to("booking", "promotion_id", "promotion", "CASCADE"),
        _to("booking", "approved_by", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_booking"),
        sa.UniqueConstraint("slot_id", "issue_on", name="uq_booking_slot_id_issue_on"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_booking_promotion_id", "booking", ["promotion_id"])


def downgrade() -> None:
    op.drop_column("mailing", "stops_at")
    op.execute("delete from block where kind = 'promotion'")
    with op.batch_alter_table("block") as batch:
        batch.drop_constraint("ck_block_promotion", type_="check")
        batch.drop_constraint("ck_block_kind", type_="check")
        batch.create_check_constraint(op.f("ck_block_kind"), f"kind in ({_KINDS})")
        batch.drop_constraint("uq_block_issue_id_slot_id", type_="unique")
        batch.drop_constraint("fk_block_slot_id_promotion_slot", type_="foreignkey")
        batch.drop_constraint("fk_block_promotion_id_promotion", type_="foreignkey")
        batch.drop_column("slot_id")
        batch.drop_column("promotion_id")
    for table in ("booking", "promotion_slot", "promotion"):
        op.drop_table(table)
