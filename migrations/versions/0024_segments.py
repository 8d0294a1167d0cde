"""The audience in the desk: notes, taggings of many, sums of coming and leaving, and issues that go to a segment."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_RUNS = "'waiting', 'done', 'taking back', 'taken back'"
_CAME = "'came: confirmed', 'came: added', 'came: imported', 'came: returned', 'came: mailable again'"
_LEFT = "'left: unsubscribed', 'left: bounced', 'left: complained', 'left: erased', 'left: by the desk'"
_BESIDE = "'never confirmed', 'said: too often', 'said: not what I expected', 'said: never asked', 'said: other'"


def upgrade() -> None:
    _tables()
    op.create_index(
        "ix_subscription_newsletter_id_state_changed_at",
        "subscription",
        ["newsletter_id", "state", "changed_at", "subscriber_id"],
    )
    op.create_index("ix_subscription_newsletter_id_subscriber_id", "subscription", ["newsletter_id", "subscriber_id"])
    op.add_column("subscription", _moment("said_why_at", is_known=False))
    op.add_column("mailing", sa.Column("segment_name", sa.String(80), server_default="", nullable=False))
    op.add_column("mailing", sa.Column("segment_words", sa.String(1000), server_default="", nullable=False))
    with op.batch_alter_table("issue") as batch:
        batch.add_column(sa.Column("segment_id", _key(), nullable=True))
        batch.create_foreign_key("fk_issue_segment_id_segment", "segment", ["segment_id"], ["id"], ondelete="RESTRICT")
        batch.create_index("ix_issue_segment_id", ["segment_id"])
    _sum_up()


def _tables() -> None:
    op.create_table(
        "note",
        sa.Column("id", _key(), nullable=False),
        sa.Column("subscriber_id", _key(), nullable=False),
        sa.Column("words", sa.String(2000), nullable=False),
        sa.Column("words_before", sa.String(2000), nullable=False),
        sa.Column("by", _key(), nullable=True),
        _moment("at"),
        _moment("edited_at", is_known=False),
        _moment("removed_at", is_known=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _cascade("note", "subscriber"),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
    )
    op.create_index("ix_note_subscriber_id_at", "note", ["subscriber_id", "at"])
    op.create_table(
        "tagging",
        sa.Column("id", _key(), nullable=False),
        sa.Column("newsletter_id", _key(), nullable=False),
        sa.Column("tag_id", _key(), nullable=False),
        sa.Column("puts_on", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("search", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("by", _key(), nullable=True),
        _moment("at"),
        sa.Column("cursor", _key(), nullable=False),
        sa.Column("highest_id", _key(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"state in ({_RUNS})", name="ck_tagging_state"),
        _cascade("tagging", "newsletter"),
        _cascade("tagging", "tag"),
        sa.PrimaryKeyConstraint("id", name="pk_tagging"),
    )
    op.create_index("ix_tagging_newsletter_id", "tagging", ["newsletter_id", "id"])
    op.create_table(
        "untagged",
        sa.Column("tagging_id", _key(), nullable=False),
        sa.Column("subscriber_id", _key(), nullable=False),
        _moment("at"),
        _cascade("untagged", "tagging"),
        _cascade("untagged", "subscriber"),
        sa.PrimaryKeyConstraint("tagging_id", "subscriber_id", name="pk_untagged"),
    )
    op.create_index("ix_untagged_subscriber_id", "untagged", ["subscriber_id"])
    op.create_table(
        "growth",
        sa.Column("newsletter_id", _key(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"what in ({_CAME}, {_LEFT}, {_BESIDE})", name="ck_growth_what"),
        _cascade("growth", "newsletter"),
        sa.PrimaryKeyConstraint("newsletter_id", "on", "what", name="pk_growth"),
    )


def _sum_up() -> None:
    """Makes the sums of what the record of consent tells; a bounce or a complaint counts where it keeps mail away."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    day = "date({})" if is_sqlite else "cast({} at time zone 'UTC' as date)"
    own = "place in ('/u', '/p', 'link', 'one-click', 'preferences', '/d')"
    op.execute(
        f"""
        insert into growth (newsletter_id, "on", what, count)
        select newsletter_id, day, what, count(*) from (
            select newsletter_id, {day.format("at")} as day,
                   case when step in ('left', 'denied')
                        then case when {own} then 'left: unsubscribed' else 'left: by the desk' end
                        else 'came: ' || step end as what
            from consent where step <> 'asked'
        ) as steps group by newsletter_id, day, what
        """  # noqa: S608 - constants of this file
    )
    op.execute(
        f"""
        insert into growth (newsletter_id, "on", what, count)
        select subscription.newsletter_id, {day.format("suppression.at")} as day,
               case reason when 'by hand' then 'left: by the desk' else 'left: ' || reason end as what, count(*)
        from suppression
        join subscriber on subscriber.address_key = suppression.address_key
        join subscription on subscription.subscriber_id = subscriber.id
        where subscription.state = 'active' and reason <> 'erased'
        group by subscription.newsletter_id, day, what
        on conflict (newsletter_id, "on", what) do update set count = growth.count + excluded.count
        """  # noqa: S608 - constants of this file
    )


def downgrade() -> None:
    with op.batch_alter_table("issue") as batch:
        batch.drop_index("ix_issue_segment_id")
        batch.drop_constraint("fk_issue_segment_id_segment", type_="foreignkey")
        batch.drop_column("segment_id")
    op.drop_column("mailing", "segment_words")
    op.drop_column("mailing", "segment_name")
    op.drop_column("subscription", "said_why_at")
    op.drop_index("ix_subscription_newsletter_id_subscriber_id", "subscription")
    op.drop_index("ix_subscription_newsletter_id_state_changed_at", "subscription")
    for table in ("growth", "untagged", "tagging", "note"):
        op.drop_table(table)


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _moment(name: str, *, is_known: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not is_known)


def _cascade(table: str, parent: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{parent}_id_{parent}"
    return sa.ForeignKeyConstraint([f"{parent}_id"], [f"{parent}.id"], name=name, ondelete="CASCADE")
