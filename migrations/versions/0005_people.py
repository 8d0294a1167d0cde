"""People: roles, rights by newsletter, second factors, sessions, stand-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


_ROLES = "'owner', 'editor'"


def upgrade() -> None:
    op.add_column("user", sa.Column("has_shortcuts", sa.Boolean(), server_default=sa.true(), nullable=False))
    with op.batch_alter_table("user") as batch:
        batch.drop_constraint("ck_user_role", type_="check")
        batch.create_check_constraint(op.f("ck_user_role"), f"role in ({_ROLES}, 'writer', 'viewer')")


def downgrade() -> None:
    op.execute("update \"user\" set role = 'editor', is_active = false where role not in ('owner', 'editor')")
    with op.batch_alter_table("user") as batch:
        batch.drop_constraint("ck_user_role", type_="check")
        batch.create_check_constraint(op.f("ck_user_role"), f"role in ({_ROLES})")
        batch.drop_column("has_shortcuts")
