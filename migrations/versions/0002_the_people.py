"""Letters, consent, tracked links, events, test mode."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ONCE = sa.text("kind <> 'clicked'")


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _letters_and_consent()
    _links()
    _events()
    _columns()
    _accepted()


def _letters_and_consent() -> None:
    op.create_table(
        "letter",
        sa.Column("id", _key(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("address_key", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("newsletter_id", _key(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('confirm', 'known', 'welcome', 'invitation', 'test')", name=op.f("ck_letter_kind")
        ),
        sa.CheckConstraint(
            "state in ('queued', 'held', 'sending', 'sent', 'refused', 'dropped')", name=op.f("ck_letter_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("key", name=op.f("uq_letter_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_letter_state_due_at", "letter", ["state", "due_at"])
    op.create_index("ix_letter_address_key_created_at", "letter", ["address_key", "created_at"])
    op.create_table(
        "consent",
        sa.Column("id", _key(), nullable=False),
        sa.Column("subscriber_id", _key(), nullable=False),
        sa.Column("newsletter_id", _key(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.CheckConstraint(
            "step in ('asked', 'confirmed', 'left', 'returned', 'denied', 'added', 'imported')",
            name=op.f("ck_consent_step"),
        ),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletter.id"], name=op.f("fk_consent_newsletter_id_newsletter"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_consent_subscriber_id_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_subscriber_id_newsletter_id", "consent", ["subscriber_id", "newsletter_id", "id"])


def _links() -> None:
    op.create_table(
        "link",
        sa.Column("revision_id", _key(), nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("placement", sa.String(length=16), nullable=False),
        sa.Column("block_id", _key(), nullable=True),
        sa.Column("section", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=500), nullable=False),
        sa.CheckConstraint("placement in ('title', 'go', 'text', 'page')", name=op.f("ck_link_placement")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_link_revision_id_revision"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("revision_id", "number", name=op.f("pk_link")),
    )


def _events() -> None:
    op.create_table(
        "event",
        sa.Column("id", _key(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mailing_id", _key(), nullable=False),
        sa.Column("subscriber_id", _key(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link", sa.SmallInteger(), nullable=True),
        sa.Column("agent", sa.BigInteger(), nullable=True),
        sa.Column("is_head", sa.Boolean(), nullable=False),
        sa.Column("is_robot", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind in ('clicked', 'bounced', 'unsubscribed')", name=op.f("ck_event_kind")),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_event_mailing_id_mailing"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_mailing_id_subscriber_id", "event", ["mailing_id", "subscriber_id"])
    op.create_index(
        "uq_event_once",
        "event",
        ["mailing_id", "subscriber_id", "kind"],
        unique=True,
        sqlite_where=_ONCE,
        postgresql_where=_ONCE,
    )
    op.create_table(
        "link_count",
        sa.Column("mailing_id", _key(), nullable=False),
        sa.Column("link", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("robot_hits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_link_count_mailing_id_mailing"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("mailing_id", "link", name=op.f("pk_link_count")),
    )
    op.create_table(
        "mailing_count",
        sa.Column("mailing_id", _key(), autoincrement=False, nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.Column("clickers", sa.Integer(), nullable=False),
        sa.Column("robot_hits", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("bounced", sa.Integer(), nullable=False),
        sa.Column("unsubscribed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_count_mailing_id_mailing"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_mailing_count")),
    )
    op.create_table(
        "spool_mark",
        sa.Column("file", sa.String(length=120), nullable=False),
        sa.Column("bytes_read", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_spool_mark")),
    )


def _columns() -> None:
    op.add_column("revision", sa.Column("document", sa.JSON(), nullable=True))
    op.add_column("issue", sa.Column("is_test_schedule", sa.Boolean(), nullable=True))
    op.add_column("mailing", sa.Column("is_test", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("newsletter", sa.Column("live_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("newsletter", sa.Column("dns_seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("newsletter", sa.Column("tracks_clicks", sa.Boolean(), server_default=sa.true(), nullable=False))
    # Whoever has sent to readers already, or is about to, stays live; everybody else begins in test mode.
    op.execute(
        "update newsletter set live_at = "
        "(select min(started_at) from mailing where mailing.newsletter_id = newsletter.id)"
    )
    op.execute(
        "update newsletter set live_at = ("
        "  select min(coalesce(issue.approved_at, issue.created_at)) from issue"
        "  where issue.newsletter_id = newsletter.id and (issue.state = 'scheduled' or issue.state = 'approved'"
        "    and exists (select 1 from subscription"
        "      where subscription.newsletter_id = newsletter.id and subscription.state = 'active'))"
        ") where live_at is null"
    )


def _accepted() -> None:
    """Counts once what the mailings that are over came to, as they do themselves from now on."""
    op.execute(
        "insert into mailing_count "
        "(mailing_id, accepted, clicks, clickers, robot_hits, dropped, bounced, unsubscribed) "
        "select mailing.id, count(*), 0, 0, 0, 0, 0, 0 from mailing "
        "join delivery on delivery.mailing_id = mailing.id and delivery.state = 'sent' "
        "where mailing.state in ('finished', 'cancelled') group by mailing.id"
    )


def downgrade() -> None:
    for name in ("tracks_clicks", "dns_seen_at", "live_at"):
        op.drop_column("newsletter", name)
    op.drop_column("mailing", "is_test")
    op.drop_column("issue", "is_test_schedule")
    op.drop_column("revision", "document")
    op.drop_table("spool_mark")
    op.drop_table("mailing_count")
    op.drop_table("link_count")
    op.drop_index("uq_event_once", table_name="event", sqlite_where=_ONCE, postgresql_where=_ONCE)
    op.drop_index("ix_event_mailing_id_subscriber_id", table_name="event")
    op.drop_table("event")
    op.drop_table("link")
    op.drop_index("ix_consent_subscriber_id_newsletter_id", table_name="consent")
    op.drop_table("consent")
    op.drop_index("ix_letter_address_key_created_at", table_name="letter")
    op.drop_index("ix_letter_state_due_at", table_name="letter")
    op.drop_table("letter")
