"""How a newsletter is signed up for and framed, interests that wait for their confirmation, changes of address."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_LETTERS = (
    "'confirm', 'known', 'welcome', 'invitation', 'test', "
    "'draft_ready', 'review_asked', 'given_back', 'deadline_near', 'deadline_over', "
    "'not_scheduled', 'sponsor_asked'"
)
_NEW_LETTERS = "'address_asked', 'address_told', 'address_known', 'address_moved'"
_STEPS = "'asked', 'confirmed', 'left', 'returned', 'denied', 'added', 'imported'"
_NEW_STEPS = "'paused', 'resumed', 'chose', 'readdressed'"


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "sign_up_policy",
        sa.Column("newsletter_id", big, autoincrement=False, nullable=False),
        sa.Column("role_addresses", sa.String(8), server_default="ask", nullable=False),
        sa.Column("disposable_addresses", sa.String(8), server_default="ask", nullable=False),
        sa.Column("frame_origins", sa.String(2000), server_default="", nullable=False),
        sa.Column("own_page", sa.String(500), server_default="", nullable=False),
        sa.CheckConstraint(
            "role_addresses in ('allow', 'ask', 'refuse')", name=op.f("ck_sign_up_policy_role_addresses")
        ),
        sa.CheckConstraint(
            "disposable_addresses in ('allow', 'ask', 'refuse')", name=op.f("ck_sign_up_policy_disposable_addresses")
        ),
        _cascade("sign_up_policy", "newsletter"),
        sa.PrimaryKeyConstraint("newsletter_id", name="pk_sign_up_policy"),
    )
    op.create_table(
        "asked_interest",
        sa.Column("subscriber_id", big, nullable=False),
        sa.Column("interest_id", big, nullable=False),
        _cascade("asked_interest", "subscriber"),
        _cascade("asked_interest", "interest"),
        sa.PrimaryKeyConstraint("subscriber_id", "interest_id", name="pk_asked_interest"),
    )
    op.create_table(
        "address_change",
        sa.Column("id", big, nullable=False),
        sa.Column("subscriber_id", big, nullable=False),
        sa.Column("old_address", sa.String(320), nullable=False),
        sa.Column("new_address", sa.String(320), nullable=False),
        sa.Column("new_key", sa.String(320), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("moved_at", moment, nullable=True),
        sa.Column("taken_back_at", moment, nullable=True),
        _cascade("address_change", "subscriber"),
        sa.PrimaryKeyConstraint("id", name="pk_address_change"),
        # A change's number stands in its link, so that of a forgotten one is never given again.
        sqlite_autoincrement=True,
    )
    op.create_index("ix_address_change_subscriber_id", "address_change", ["subscriber_id", "id"])
    op.create_index("ix_address_change_asked_at", "address_change", ["asked_at"])
    op.add_column("mailing", sa.Column("text_only", sa.Integer(), server_default="0", nullable=False))
    for name, where in _SOME_SUBSCRIPTIONS:
        sqlite, postgresql = (sa.text(where.format(yes=yes)) for yes in ("1", "true"))
        columns = ["newsletter_id", "subscriber_id"]
        op.create_index(name, "subscription", columns, sqlite_where=sqlite, postgresql_where=postgresql)
    _replace_check("consent", "step", f"{_STEPS}, {_NEW_STEPS}")
    _replace_check("letter", "kind", f"{_LETTERS}, {_NEW_LETTERS}")


def downgrade() -> None:
    op.execute(f"delete from letter where kind in ({_NEW_LETTERS})")  # noqa: S608 - a constant of this file
    op.execute(f"delete from consent where step in ({_NEW_STEPS})")  # noqa: S608 - as above
    _replace_check("letter", "kind", _LETTERS)
    _replace_check("consent", "step", _STEPS)
    for name, _ in _SOME_SUBSCRIPTIONS:
        op.drop_index(name, "subscription")
    op.drop_column("mailing", "text_only")
    for table in ("address_change", "asked_interest", "sign_up_policy"):
        op.drop_table(table)


_SOME_SUBSCRIPTIONS = (
    ("ix_subscription_paused_until", "paused_until IS NOT NULL"),
    ("ix_subscription_is_text_only", "is_text_only IS {yes}"),
)
_IS_COUNTED = ("letter",)


def _replace_check(table: str, column: str, values: str) -> None:
    """Replaces a check; a letter's number is in its Message-ID, so SQLite goes on counting where it was."""
    is_counted = table in _IS_COUNTED and op.get_bind().dialect.name == "sqlite"
    counted = sa.text("select seq from sqlite_sequence where name = :table")
    last = op.get_bind().scalar(counted, {"table": table}) if is_counted else None
    kept = {"sqlite_autoincrement": True} if table in _IS_COUNTED else {}
    with op.batch_alter_table(table, table_kwargs=kept) as batch:
        batch.drop_constraint(f"ck_{table}_{column}", type_="check")
        batch.create_check_constraint(op.f(f"ck_{table}_{column}"), f"{column} in ({values})")
    if last is not None:
        op.get_bind().execute(sa.text("delete from sqlite_sequence where name = :table"), {"table": table})
        inserted = sa.text("insert into sqlite_sequence (name, seq) values (:table, :seq)")
        op.get_bind().execute(inserted, {"table": table, "seq": last})


def _cascade(table: str, parent: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{parent}_id_{parent}"
    return sa.ForeignKeyConstraint([f"{parent}_id"], [f"{parent}.id"], name=name, ondelete="CASCADE")
