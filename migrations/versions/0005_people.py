"""People: roles, rights by newsletter, second factors, sign-ins and their history, stand-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


_ROLES = "'owner', 'editor'"
_TABLES = ("recovery_code", "second_factor", "sign_in_try", "sign_in", "stand_in", "membership")


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _moment(name: str, *, is_known: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not is_known)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False)


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}", ondelete="CASCADE")


def upgrade() -> None:
    op.add_column("user", sa.Column("has_shortcuts", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("user", _moment("away_until", is_known=False))
    with op.batch_alter_table("user") as batch:
        batch.drop_constraint("ck_user_role", type_="check")
        batch.create_check_constraint(op.f("ck_user_role"), f"role in ({_ROLES}, 'writer', 'viewer')")
    _places()
    _sign_ins()
    _second_factors()


def _places() -> None:
    op.create_table(
        "membership",
        sa.Column("user_id", _key(), nullable=False),
        sa.Column("newsletter_id", _key(), nullable=False),
        _text("role", 16),
        sa.CheckConstraint("role in ('editor', 'writer', 'viewer', 'none')", name=op.f("ck_membership_role")),
        _belongs("membership", "user_id", "user"),
        _belongs("membership", "newsletter_id", "newsletter"),
        sa.PrimaryKeyConstraint("user_id", "newsletter_id", name="pk_membership"),
    )
    op.create_table(
        "stand_in",
        sa.Column("id", _key(), nullable=False),
        sa.Column("user_id", _key(), nullable=False),
        sa.Column("for_user_id", _key(), nullable=False),
        sa.Column("newsletter_id", _key(), nullable=True),
        _moment("begins_at"),
        _moment("ends_at"),
        sa.CheckConstraint("begins_at < ends_at", name=op.f("ck_stand_in_dates")),
        sa.CheckConstraint("user_id <> for_user_id", name=op.f("ck_stand_in_two_people")),
        _belongs("stand_in", "user_id", "user"),
        _belongs("stand_in", "for_user_id", "user"),
        _belongs("stand_in", "newsletter_id", "newsletter"),
        sa.PrimaryKeyConstraint("id", name="pk_stand_in"),
    )
    op.create_index("ix_stand_in_user_id", "stand_in", ["user_id"])


def _sign_ins() -> None:
    op.create_table(
        "sign_in",
        sa.Column("id", _key(), nullable=False),
        sa.Column("user_id", _key(), nullable=False),
        _text("token_hash", 64),
        sa.Column("epoch", sa.Integer(), nullable=False),
        _text("means", 16),
        _text("network", 64),
        _text("browser", 80),
        _moment("created_at"),
        _moment("seen_at"),
        _belongs("sign_in", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
        sa.UniqueConstraint("token_hash", name="uq_sign_in_token_hash"),
    )
    op.create_index("ix_sign_in_user_id", "sign_in", ["user_id"])
    op.create_table(
        "sign_in_try",
        sa.Column("id", _key(), nullable=False),
        sa.Column("user_id", _key(), nullable=False),
        _moment("at"),
        _text("means", 16),
        sa.Column("is_let_in", sa.Boolean(), nullable=False),
        _text("network", 64),
        _text("browser", 80),
        sa.CheckConstraint("means in ('password', 'link', 'code', 'recovery code')", name=op.f("ck_sign_in_try_means")),
        _belongs("sign_in_try", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_try"),
    )
    op.create_index("ix_sign_in_try_user_id_at", "sign_in_try", ["user_id", "at"])
    op.create_index("ix_sign_in_try_at", "sign_in_try", ["at"])


def _second_factors() -> None:
    op.create_table(
        "second_factor",
        sa.Column("user_id", _key(), nullable=False),
        _text("sealed_secret", 300),
        _moment("created_at"),
        _moment("confirmed_at", is_known=False),
        sa.Column("used_step", sa.BigInteger(), server_default="0", nullable=False),
        _belongs("second_factor", "user_id", "user"),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factor"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("user_id", _key(), nullable=False),
        _text("code_hash", 64),
        _moment("used_at", is_known=False),
        _belongs("recovery_code", "user_id", "user"),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name="pk_recovery_code"),
    )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    op.execute("update \"user\" set role = 'editor', is_active = false where role not in ('owner', 'editor')")
    with op.batch_alter_table("user") as batch:
        batch.drop_constraint("ck_user_role", type_="check")
        batch.create_check_constraint(op.f("ck_user_role"), f"role in ({_ROLES})")
        batch.drop_column("away_until")
        batch.drop_column("has_shortcuts")
