"""What providers call us with, the facts that wait for their delivery, and the endpoints that we call."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_ALERTS = (
    "'clock', 'sender', 'work', 'jobs', 'letters', 'mailing', 'doubts', 'complaints', 'bounces', 'show', 'feeds', "
    "'disk', 'mailbox', 'signups'"
)
_NEW = "'webhook'"
_COUNTERS = ("delivered", "complained")


def upgrade() -> None:
    for name in _COUNTERS:
        op.add_column("mailing_count", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "update mailing_count set complained = "
        "(select complaints from mailing where mailing.id = mailing_count.mailing_id)"
    )
    op.add_column("event", sa.Column("is_hard", sa.Boolean(), server_default=sa.false(), nullable=False))
    _incoming()
    _outgoing()
    _kinds_of_alerts(f"{_ALERTS}, {_NEW}")


def downgrade() -> None:
    op.execute("delete from alert where kind = 'webhook'")
    _kinds_of_alerts(_ALERTS)
    for table in (
        *("webhook_attempt", "webhook_call", "webhook_endpoint"),
        *("hook_certificate", "hook_refusal", "hook_count", "hook_fact", "hook_call"),
    ):
        op.drop_table(table)
    op.drop_column("event", "is_hard")
    for name in _COUNTERS:
        op.drop_column("mailing_count", name)


def _incoming() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "hook_call",
        sa.Column("id", big, nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("came_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.CheckConstraint(
            "provider in ('ses', 'postmark', 'mailgun', 'sendgrid')", name=op.f("ck_hook_call_provider")
        ),
        sa.CheckConstraint("state in ('waiting', 'unproven', 'read')", name=op.f("ck_hook_call_state")),
        sa.PrimaryKeyConstraint("id", name="pk_hook_call"),
    )
    op.create_index("uq_hook_call_key", "hook_call", ["key"], unique=True)
    op.create_index("ix_hook_call_state_due_at", "hook_call", ["state", "due_at"])
    op.create_table(
        "hook_fact",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("came_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.CheckConstraint("state in ('waiting', 'done')", name=op.f("ck_hook_fact_state")),
        sa.PrimaryKeyConstraint("id", name="pk_hook_fact"),
    )
    op.create_index("ix_hook_fact_state_due_at", "hook_fact", ["state", "due_at"])
    op.create_table(
        "hook_count",
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("provider", "on", "what", name="pk_hook_count"),
    )
    op.create_table(
        "hook_refusal",
        sa.Column("id", big, nullable=False),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("why", sa.String(24), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hook_refusal"),
    )
    op.create_table(
        "hook_certificate",
        sa.Column("url", sa.String(300), nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("fetched_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("url", name="pk_hook_certificate"),
    )


def _outgoing() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", big, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("newsletter_id", big, nullable=True),
        sa.Column("gets_personal", sa.Boolean(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("off_reason", sa.String(300), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=False),
        sa.Column("old_until", moment, nullable=True),
        sa.Column("delivered_at", moment, nullable=True),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("rests_until", moment, nullable=True),
        sa.Column("removed_at", moment, nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoint"),
    )
    op.create_table(
        "webhook_call",
        sa.Column("id", big, nullable=False),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("endpoint_id", big, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("address_key", sa.String(320), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.CheckConstraint("state in ('waiting', 'delivered', 'given up')", name=op.f("ck_webhook_call_state")),
        _parent("webhook_call", "endpoint_id", "webhook_endpoint"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_call"),
    )
    op.create_index("ix_webhook_call_endpoint_id_state_due_at", "webhook_call", ["endpoint_id", "state", "due_at"])
    op.create_index("ix_webhook_call_endpoint_id_id", "webhook_call", ["endpoint_id", "id"])
    op.create_index("uq_webhook_call_public_id", "webhook_call", ["public_id"], unique=True)
    op.create_index("ix_webhook_call_address_key", "webhook_call", ["address_key"])
    op.create_table(
        "webhook_attempt",
        sa.Column("id", big, nullable=False),
        sa.Column("call_id", big, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(500), nullable=False),
        _parent("webhook_attempt", "call_id", "webhook_call"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_attempt"),
    )
    op.create_index("ix_webhook_attempt_call_id", "webhook_attempt", ["call_id"])


def _parent(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{parent}"
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")


def _kinds_of_alerts(kinds: str) -> None:
    with op.batch_alter_table("alert") as batch:
        batch.drop_constraint("ck_alert_kind", type_="check")
        batch.create_check_constraint(op.f("ck_alert_kind"), f"kind in ({kinds})")
