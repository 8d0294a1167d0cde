"""What became of each night's backup, and an alert of its age."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_ALERTS = (
    "'clock', 'sender', 'work', 'jobs', 'letters', 'mailing', 'doubts', 'complaints', 'bounces', 'show', 'feeds', "
    "'disk', 'mailbox', 'signups', 'webhook'"
)
_NEW = "'backup'"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "backup_run",
        sa.Column("slot_at", moment, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("begun_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("backup_at", moment, nullable=True),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(300), nullable=False),
        sa.CheckConstraint("state in ('asked', 'running', 'good', 'failed')", name=op.f("ck_backup_run_state")),
        sa.PrimaryKeyConstraint("slot_at", name="pk_backup_run"),
    )
    _kinds_of_alerts(f"{_ALERTS}, {_NEW}")


def downgrade() -> None:
    op.execute("delete from alert where kind = 'backup'")
    _kinds_of_alerts(_ALERTS)
    op.drop_table("backup_run")


def _kinds_of_alerts(kinds: str) -> None:
    with op.batch_alter_table("alert") as batch:
        batch.drop_constraint("ck_alert_kind", type_="check")
        batch.create_check_constraint(op.f("ck_alert_kind"), f"kind in ({kinds})")
