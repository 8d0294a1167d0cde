"""Recommendations: tastes, candidates, stories, trends, related items, readers' clicks; blocks made of them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KINDS = "'pick', 'text', 'quote', 'promotion'"
_NEW_KINDS = "'trend', 'list'"


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _column(name: str, kind: sa.types.TypeEngine, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=nullable)


def _moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _belongs(table: str, to: str, *, column: str = "", ondelete: str = "CASCADE") -> sa.Constraint:
    name = column or f"{to}_id"
    return sa.ForeignKeyConstraint([name], [f"{to}.id"], name=f"fk_{table}_{name}_{to}", ondelete=ondelete)


def upgrade() -> None:
    with op.batch_alter_table("pick") as batch:
        batch.add_column(sa.Column("is_blurb_draft", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("issue") as batch:
        batch.add_column(sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("block") as batch:
        batch.add_column(sa.Column("facts", sa.JSON(), nullable=True))
        batch.drop_constraint("ck_block_kind", type_="check")
        batch.create_check_constraint(op.f("ck_block_kind"), f"kind in ({_KINDS}, {_NEW_KINDS})")
        batch.create_check_constraint(op.f("ck_block_facts"), f"(kind in ({_NEW_KINDS})) = (facts is not null)")
    _add_tastes()
    _add_stories()
    _add_trends()


def _add_tastes() -> None:
    op.create_table(
        "taste_model",
        _column("id", _key()),
        _column("newsletter_id", _key()),
        _column("section_id", _key(), nullable=True),
        _column("version", sa.Integer()),
        _column("examples", sa.Integer()),
        _column("positives", sa.Integer()),
        _column("lag_days", sa.Double(), nullable=True),
        _column("body", sa.LargeBinary(), nullable=True),
        _column("note", sa.String(200)),
        _moment("made_at"),
        _belongs("taste_model", "newsletter"),
        _belongs("taste_model", "section"),
        sa.PrimaryKeyConstraint("id", name="pk_taste_model"),
    )
    op.create_index(
        "ix_taste_model_newsletter_id_section_id_made_at", "taste_model", ["newsletter_id", "section_id", "made_at"]
    )
    op.create_table(
        "candidate",
        _column("newsletter_id", _key()),
        _column("item_id", _key()),
        _column("section_id", _key(), nullable=True),
        _column("model_id", _key(), nullable=True),
        _column("score", sa.Double()),
        _column("place", sa.Integer()),
        _column("reasons", sa.JSON()),
        _column("propensity", sa.Double(), nullable=True),
        _moment("scored_at"),
        _belongs("candidate", "newsletter"),
        _belongs("candidate", "item"),
        _belongs("candidate", "section"),
        _belongs("candidate", "taste_model", column="model_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("newsletter_id", "item_id", name="pk_candidate"),
    )
    op.create_index("ix_candidate_newsletter_id_place", "candidate", ["newsletter_id", "place"])
    op.create_table(
        "scoreboard",
        _column("newsletter_id", _key()),
        _column("engine", sa.Integer()),
        _moment("made_at"),
        _moment("from_at"),
        _moment("until_at"),
        *(_column(name, sa.Integer()) for name in ("weeks", "untaught", "picks")),
        _column("items_a_week", sa.Double()),
        *(_column(name, sa.JSON()) for name in ("figures", "won", "lost")),
        _column("note", sa.String(200)),
        _belongs("scoreboard", "newsletter"),
        sa.PrimaryKeyConstraint("newsletter_id", "engine", name="pk_scoreboard"),
    )
    op.create_table(
        "resurfaced",
        _column("newsletter_id", _key()),
        _column("item_id", _key()),
        _column("why", sa.String(200)),
        _moment("at"),
        _belongs("resurfaced", "newsletter"),
        _belongs("resurfaced", "item"),
        sa.PrimaryKeyConstraint("newsletter_id", "item_id", name="pk_resurfaced"),
    )
    op.create_index("ix_resurfaced_newsletter_id_at", "resurfaced", ["newsletter_id", "at"])
    op.create_table(
        "reader_clicks",
        _column("newsletter_id", _key()),
        _column("item_id", _key()),
        _column("clicks", sa.Integer()),
        _column("share", sa.Double()),
        _moment("at"),
        _belongs("reader_clicks", "newsletter"),
        _belongs("reader_clicks", "item"),
        sa.PrimaryKeyConstraint("newsletter_id", "item_id", name="pk_reader_clicks"),
    )


def _add_stories() -> None:
    op.create_table(
        "story",
        _column("id", _key()),
        _moment("first_at"),
        _moment("last_at"),
        sa.PrimaryKeyConstraint("id", name="pk_story"),
    )
    op.create_index("ix_story_last_at", "story", ["last_at"])
    op.create_table(
        "story_item",
        _column("item_id", _key()),
        _column("story_id", _key()),
        _column("is_best", sa.Boolean()),
        _belongs("story_item", "item"),
        _belongs("story_item", "story"),
        sa.PrimaryKeyConstraint("item_id", name="pk_story_item"),
    )
    op.create_index("ix_story_item_story_id", "story_item", ["story_id"])
    op.create_table(
        "related",
        _column("item_id", _key()),
        _column("other_id", _key()),
        _column("score", sa.Double()),
        _column("terms", sa.JSON()),
        _column("at_s", sa.Double(), nullable=True),
        _moment("made_at"),
        _belongs("related", "item"),
        _belongs("related", "item", column="other_id"),
        sa.PrimaryKeyConstraint("item_id", "other_id", name="pk_related"),
    )
    op.create_index("ix_related_other_id", "related", ["other_id"])


def _add_trends() -> None:
    op.create_table(
        "trend",
        _column("id", _key()),
        _column("days", sa.Integer()),
        _column("term", sa.String(120)),
        _column("label", sa.String(120)),
        _column("place", sa.Integer()),
        _column("score", sa.Double()),
        _column("factor", sa.Double(), nullable=True),
        _column("counts", sa.JSON()),
        _column("feed_ids", sa.JSON()),
        _column("item_ids", sa.JSON()),
        _moment("first_seen_at"),
        _moment("made_at"),
        sa.PrimaryKeyConstraint("id", name="pk_trend"),
        sa.UniqueConstraint("days", "term", name="uq_trend_days_term"),
    )
    op.create_index("ix_trend_days_place", "trend", ["days", "place"])
    op.create_table(
        "blocked_term",
        _column("id", _key()),
        _column("newsletter_id", _key()),
        _column("words", sa.String(100)),
        _column("blocked_by", _key(), nullable=True),
        _moment("blocked_at"),
        _belongs("blocked_term", "newsletter"),
        _belongs("blocked_term", "user", column="blocked_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_blocked_term"),
        sa.UniqueConstraint("newsletter_id", "words", name="uq_blocked_term_newsletter_id_words"),
    )


def downgrade() -> None:
    for table in (
        "blocked_term",
        "trend",
        "related",
        "story_item",
        "story",
        "reader_clicks",
        "resurfaced",
        "scoreboard",
        "candidate",
        "taste_model",
    ):
        op.drop_table(table)
    op.execute("delete from block where kind in ('trend', 'list')")
    with op.batch_alter_table("block") as batch:
        batch.drop_constraint("ck_block_facts", type_="check")
        batch.drop_constraint("ck_block_kind", type_="check")
        batch.create_check_constraint(op.f("ck_block_kind"), f"kind in ({_KINDS})")
        batch.drop_column("facts")
    with op.batch_alter_table("issue") as batch:
        batch.drop_column("imported_at")
    with op.batch_alter_table("pick") as batch:
        batch.drop_column("is_blurb_draft")
