"""Clicks by day, who signed up on an issue's page, and reports that sponsors are shown."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# The days of UTC, as the application counts them from now on.
_DAY = {"sqlite": "date(at)", "postgresql": "(at at time zone 'UTC')::date"}


def upgrade() -> None:
    _counts()
    _counted()
    _reports()


def downgrade() -> None:
    for table in ("shared_report", "issue_sign_up", "click_day"):
        op.drop_table(table)


def _counts() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "click_day",
        sa.Column("mailing_id", big, nullable=False),
        sa.Column("link", sa.SmallInteger(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("robot_hits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name="fk_click_day_mailing_id_mailing", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("mailing_id", "link", "on", name="pk_click_day"),
    )
    op.create_table(
        "issue_sign_up",
        sa.Column("newsletter_id", big, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletter.id"], name="fk_issue_sign_up_newsletter_id_newsletter", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("newsletter_id", "number", name="pk_issue_sign_up"),
    )


def _reports() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "shared_report",
        sa.Column("id", big, nullable=False),
        sa.Column("promotion_id", big, nullable=False),
        sa.Column("made_by", big, nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("revoked_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotion.id"], name="fk_shared_report_promotion_id_promotion", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name="fk_shared_report_made_by_user", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_shared_report"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shared_report_promotion_id", "shared_report", ["promotion_id"])


def _counted() -> None:
    """The days of the clicks before stand in the events."""
    day = _DAY[op.get_bind().dialect.name]
    op.execute(
        f'insert into click_day (mailing_id, link, "on", clicks, robot_hits) '  # noqa: S608 - words of ours
        f"select mailing_id, link, {day}, sum(case when is_robot then 0 else 1 end), "
        f"sum(case when is_robot then 1 else 0 end) from event "
        f"where kind = 'clicked' and link is not null group by mailing_id, link, {day}"
    )
