"""What is measured of readers, by newsletter; hits without a reader; erasures that are under way; what age took."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_MODES = "('off', 'aggregate', 'individual')"


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    # In words of its own: SQLite adds a check with its column, but not to a table that is there.
    for name, usual in (("clicks", "individual"), ("opens", "off")):
        op.execute(
            f"alter table newsletter add column {name} varchar(16) default '{usual}' not null "
            f"constraint ck_newsletter_{name} check ({name} in {_MODES})"
        )
    op.execute(sa.text("update newsletter set clicks = 'off' where not tracks_clicks"))
    op.drop_column("newsletter", "tracks_clicks")
    op.create_table(
        "nobodys_hit",
        sa.Column("id", big, nullable=False),
        sa.Column("mailing_id", big, nullable=False),
        sa.Column("link", sa.SmallInteger(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("agent", sa.BigInteger(), nullable=False),
        sa.Column("is_head", sa.Boolean(), nullable=False),
        sa.Column("is_robot", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name="fk_nobodys_hit_mailing_id_mailing", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_nobodys_hit"),
    )
    op.create_index("ix_nobodys_hit_mailing_id_agent", "nobodys_hit", ["mailing_id", "agent"])
    op.add_column("mailing_count", sa.Column("opens", sa.Integer(), server_default="0", nullable=False))
    op.add_column("mailing_count", sa.Column("openers", sa.Integer(), server_default="0", nullable=False))
    op.add_column("mailing_count", sa.Column("nameless_at", moment, nullable=True))
    op.create_table(
        "erasure",
        sa.Column("subscriber_id", big, autoincrement=False, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", name="pk_erasure"),
    )
    op.create_table(
        "retention_run",
        sa.Column("id", big, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("removed", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_retention_run"),
    )


def downgrade() -> None:
    # The address of an erased reader is nowhere any more, so their hashes go with the code that reads them.
    op.execute(sa.text("delete from suppression where address_key like 'erased:%'"))
    op.drop_table("retention_run")
    op.drop_table("erasure")
    for name in ("nameless_at", "openers", "opens"):
        op.drop_column("mailing_count", name)
    op.drop_table("nobodys_hit")
    op.add_column("newsletter", sa.Column("tracks_clicks", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.execute(sa.text("update newsletter set tracks_clicks = false where clicks = 'off'"))
    for name in ("opens", "clicks"):
        op.drop_column("newsletter", name)
