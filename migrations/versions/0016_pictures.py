"""Pictures: those elsewhere and what is kept of them, logos, share images, and which picks show theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _moment(name: str, *, is_known: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not is_known)


def _kept() -> list[sa.Column]:
    return [
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("id", _key(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("use", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("name", sa.String(40), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("next_try_at", is_known=False),
        _moment("tried_at", is_known=False),
        _moment("stored_at", is_known=False),
        sa.CheckConstraint("use in ('artwork', 'wide', 'logo')", name=op.f("ck_picture_use")),
        sa.CheckConstraint("state in ('waiting', 'stored', 'failed')", name=op.f("ck_picture_state")),
        sa.CheckConstraint("(state = 'stored') = (name is not null)", name=op.f("ck_picture_name")),
        sa.PrimaryKeyConstraint("id", name="pk_picture"),
        sa.UniqueConstraint("url", "use", name="uq_picture_url_use"),
    )
    op.create_index("ix_picture_next_try_at", "picture", ["next_try_at"])
    op.create_table(
        "newsletter_logo",
        sa.Column("newsletter_id", _key(), autoincrement=False, nullable=False),
        *_kept(),
        sa.Column("alt", sa.String(300), nullable=False),
        _moment("uploaded_at"),
        sa.ForeignKeyConstraint(
            ["newsletter_id"],
            ["newsletter.id"],
            name="fk_newsletter_logo_newsletter_id_newsletter",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("newsletter_id", name="pk_newsletter_logo"),
    )
    op.create_table(
        "share_image",
        sa.Column("issue_id", _key(), autoincrement=False, nullable=False),
        *_kept(),
        _moment("drawn_at"),
        sa.PrimaryKeyConstraint("issue_id", name="pk_share_image"),
    )
    op.add_column("pick", sa.Column("shows_picture", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("pick", sa.Column("picture_alt", sa.String(300), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("pick", "picture_alt")
    op.drop_column("pick", "shows_picture")
    op.drop_table("share_image")
    op.drop_table("newsletter_logo")
    op.drop_index("ix_picture_next_try_at", "picture")
    op.drop_table("picture")
