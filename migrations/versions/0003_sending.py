"""Holding, waits, waves, counts per batch, pace, named transports, probes, the clock's pulse."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COUNTED = ("sent", "refused", "deferred", "in_doubt", "cancelled")
_COUNTS = ("size", "excluded", *_COUNTED, "settled_before")
_MOMENTS = ("released_at", "turns_until")
_MAILING_STATES = "'building', 'running', 'paused', 'cancelled', 'finished'"
_MAILING_LIVE = "'building', 'running', 'paused'"
_EVENT_KINDS = "'clicked', 'bounced', 'unsubscribed'"
_ONCE = sa.text("kind <> 'clicked'")


# One by one: SQLite builds the list of an IN anew for every row that it checks, which was half of a fan-out's time.
_DELIVERY_STATES = ("pending", "sent", "intended", "excluded", "refused", "deferred", "in_doubt", "cancelled")
_ONE_OF_THEM = " or ".join(f"state = '{state}'" for state in _DELIVERY_STATES)
_IN_THEM = "state in ('excluded', 'pending', 'intended', 'sent', 'refused', 'deferred', 'in_doubt', 'cancelled')"


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _states_of_mailings(f"'holding', {_MAILING_STATES}", live=f"'holding', {_MAILING_LIVE}")
    _kinds_of_events(f"{_EVENT_KINDS}, 'complained', 'delivered', 'opened'")
    _check("delivery", "ck_delivery_state", _ONE_OF_THEM, sqlite_with_rowid=False)
    _columns()
    _tables()
    _count()


def _states_of_mailings(states: str, *, live: str) -> None:
    op.drop_index("uq_mailing_live_issue_id", table_name="mailing")
    _check("mailing", "ck_mailing_state", f"state in ({states})")
    live_ones = sa.text(f"state in ({live})")
    op.create_index(
        "uq_mailing_live_issue_id",
        "mailing",
        ["issue_id"],
        unique=True,
        sqlite_where=live_ones,
        postgresql_where=live_ones,
    )


def _kinds_of_events(kinds: str) -> None:
    op.drop_index("uq_event_once", table_name="event")
    _check("event", "ck_event_kind", f"kind in ({kinds})")
    op.create_index(
        "uq_event_once",
        "event",
        ["mailing_id", "subscriber_id", "kind"],
        unique=True,
        sqlite_where=_ONCE,
        postgresql_where=_ONCE,
    )


def _check(table: str, name: str, condition: str, **options: bool) -> None:
    """Replaces a check; on SQLite, which cannot, the table is built anew. The old one goes by name or it stays too."""
    with op.batch_alter_table(table, table_kwargs=options) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, condition)


def _columns() -> None:
    for name in ("hold_until", "waits_until"):
        op.add_column("mailing", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("mailing", sa.Column("waits_for", sa.String(length=300), server_default="", nullable=False))
    op.add_column("mailing", sa.Column("wave", sa.SmallInteger(), server_default="0", nullable=False))
    for name in ("letterhead", "forgiven"):
        op.add_column("mailing", sa.Column(name, sa.JSON(), nullable=True))
    for name in ("hard_bounces", "complaints"):
        op.add_column("mailing", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("batch", sa.Column("wave", sa.SmallInteger(), server_default="0", nullable=False))
    for name in _COUNTS:
        op.add_column("batch", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    for name in _MOMENTS:
        op.add_column("batch", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("delivery", sa.Column("wave", sa.SmallInteger(), server_default="0", nullable=False))
    for name in ("transport", "spare_transport"):
        op.add_column("newsletter", sa.Column(name, sa.String(length=40), server_default="", nullable=False))
    # In words of its own: SQLite adds a check with its column, but not to a table that is there.
    for name, default, most in (("hold_minutes", 5, 60), ("wave_minutes", 15, 1440)):
        op.execute(
            f"alter table newsletter add column {name} integer default {default} not null "
            f"constraint ck_newsletter_{name} check ({name} between 0 and {most})"
        )
    for name in ("send_from", "send_until"):
        op.add_column("newsletter", sa.Column(name, sa.Time(), nullable=True))
    op.add_column("subscriber", sa.Column("engaged_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_subscriber_engaged_at", "subscriber", ["engaged_at"])


def _tables() -> None:
    op.create_table(
        "exclusion",
        sa.Column("mailing_id", _key(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_exclusion_mailing_id_mailing"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("mailing_id", "reason", name=op.f("pk_exclusion")),
    )
    op.create_table(
        "pace",
        sa.Column("transport", sa.String(length=40), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("transport", "domain", name=op.f("pk_pace")),
    )
    op.create_table(
        "day_count",
        sa.Column("transport", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("transport", "on", name=op.f("pk_day_count")),
    )
    op.create_table(
        "probe",
        sa.Column("id", _key(), nullable=False),
        sa.Column("newsletter_id", _key(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletter.id"], name=op.f("fk_probe_newsletter_id_newsletter"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probe")),
    )
    op.create_table(
        "dns_check",
        sa.Column("newsletter_id", _key(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletter.id"], name=op.f("fk_dns_check_newsletter_id_newsletter"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("newsletter_id", name=op.f("pk_dns_check")),
    )
    op.create_table(
        "pulse",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("installation", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_pulse_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulse")),
    )


def _count() -> None:
    """Counts once what stands in the ledger, as the sender does itself from now on."""
    op.execute(
        "insert into exclusion (mailing_id, reason, count) select mailing_id, coalesce(reason, ''), count(*) "
        "from delivery where state = 'excluded' group by mailing_id, coalesce(reason, '')"
    )
    here = (
        "(select count(*) from delivery where delivery.mailing_id = batch.mailing_id "
        "and delivery.subscriber_id between batch.first_id and batch.last_id and delivery.state"
    )
    counted = ", ".join(f"{name} = {here} = '{name}')" for name in _COUNTED)
    op.execute(f"update batch set size = {here} <> 'excluded'), {counted}")  # noqa: S608 - words of ours
    op.execute("update batch set released_at = due_at where state = 'done'")


def downgrade() -> None:
    for name in ("pulse", "dns_check", "probe", "day_count", "pace", "exclusion"):
        op.drop_table(name)
    op.drop_index("ix_subscriber_engaged_at", table_name="subscriber")
    op.drop_column("subscriber", "engaged_at")
    for name in ("send_until", "send_from", "wave_minutes", "hold_minutes", "spare_transport", "transport"):
        op.drop_column("newsletter", name)
    op.drop_column("delivery", "wave")
    for name in (*_MOMENTS, *_COUNTS, "wave"):
        op.drop_column("batch", name)
    for name in (
        "forgiven",
        "complaints",
        "hard_bounces",
        "letterhead",
        "wave",
        "waits_for",
        "waits_until",
        "hold_until",
    ):
        op.drop_column("mailing", name)
    op.execute("delete from event where kind in ('complained', 'delivered', 'opened')")
    _kinds_of_events(_EVENT_KINDS)
    op.execute("update mailing set state = 'cancelled' where state = 'holding'")
    _states_of_mailings(_MAILING_STATES, live=_MAILING_LIVE)
    _check("delivery", "ck_delivery_state", _IN_THEM, sqlite_with_rowid=False)
