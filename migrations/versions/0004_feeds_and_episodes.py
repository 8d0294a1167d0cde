"""How asking feeds went, hosts to be left alone, articles, episodes' pages, transcripts, quotes, API tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NEW_IN_FEED = (
    "folder",
    "poll_minutes",
    "skip_hours",
    "skip_days",
    "update_minutes",
    "offers",
    "moved_to",
    "moved_seen",
    "moved_since",
    "failing_since",
)
_NEW_IN_EPISODE = (
    "subtitle",
    "guid",
    "is_explicit",
    "image_url",
    "author",
    "location",
    "chapters_url",
    "people",
    "transcripts",
    "chapters",
    "soundbites",
)
_TABLES = (
    "quote",
    "turn",
    "transcript",
    "episode_words",
    "listening_link",
    "retired_platform",
    "article",
    "poll",
    "host_hold",
    "feed_alias",
    "api_token",
)
_KINDS = "'pick', 'text'"
# A table of FTS5 beside the turns; triggers keep it up, whoever writes.
_SEARCH_ON_SQLITE = (
    (
        "CREATE VIRTUAL TABLE turn_search USING fts5("
        "text, content='turn', content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
    ),
    (
        "CREATE TRIGGER turn_search_added AFTER INSERT ON turn BEGIN "
        "INSERT INTO turn_search (rowid, text) VALUES (new.id, new.text); END"
    ),
    (
        "CREATE TRIGGER turn_search_removed AFTER DELETE ON turn BEGIN "
        "INSERT INTO turn_search (turn_search, rowid, text) VALUES ('delete', old.id, old.text); END"
    ),
    (
        "CREATE TRIGGER turn_search_changed AFTER UPDATE OF text ON turn BEGIN "
        "INSERT INTO turn_search (turn_search, rowid, text) VALUES ('delete', old.id, old.text); "
        "INSERT INTO turn_search (rowid, text) VALUES (new.id, new.text); END"
    ),
)
# No stemming: the words of a show come in many languages.
_SEARCH_ON_POSTGRES = "CREATE INDEX ix_turn_search ON turn USING gin (to_tsvector('simple', text))"


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _moment(name: str, *, is_known: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not is_known)


def _words(name: str, length: int | None = None) -> sa.Column:
    return sa.Column(name, sa.String(length) if length else sa.Text(), server_default="", nullable=False)


def _list(name: str) -> sa.Column:
    return sa.Column(name, sa.JSON(), server_default="[]", nullable=False)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _maybe(name: str, kind: sa.types.TypeEngine) -> sa.Column:
    return sa.Column(name, kind, nullable=True)


def upgrade() -> None:
    _feeds()
    _items()
    _episodes()
    _search()
    _quotes()
    op.create_table(
        "api_token",
        sa.Column("id", _key(), nullable=False),
        sa.Column("user_id", _key(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        _moment("created_at"),
        _moment("used_at", is_known=False),
        _moment("revoked_at", is_known=False),
        _belongs("api_token", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("token_hash", name="uq_api_token_token_hash"),
    )


def _belongs(table: str, to: str, *, key: str = "id", ondelete: str = "CASCADE", column: str = "") -> sa.Constraint:
    name = column or f"{to}_id"
    return sa.ForeignKeyConstraint([name], [f"{to}.{key}"], name=f"fk_{table}_{name}_{to}", ondelete=ondelete)


def _feeds() -> None:
    for column in (
        _list("folder"),
        _maybe("poll_minutes", sa.Integer()),
        _list("skip_hours"),
        _list("skip_days"),
        _maybe("update_minutes", sa.Integer()),
        _list("offers"),
        _maybe("moved_to", sa.Text()),
        _number("moved_seen"),
        _moment("moved_since", is_known=False),
        _moment("failing_since", is_known=False),
    ):
        op.add_column("feed", column)
    op.create_table(
        "feed_alias",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("feed_id", _key(), nullable=False),
        _moment("learned_at"),
        _belongs("feed_alias", "feed"),
        sa.PrimaryKeyConstraint("url", name="pk_feed_alias"),
    )
    op.create_table(
        "host_hold",
        sa.Column("host", sa.String(255), nullable=False),
        _moment("until"),
        _number("strikes"),
        _words("why", 200),
        _maybe("asked_by", sa.String(80)),
        _moment("asked_until", is_known=False),
        sa.PrimaryKeyConstraint("host", name="pk_host_hold"),
    )
    op.create_table(
        "poll",
        sa.Column("id", _key(), nullable=False),
        sa.Column("feed_id", _key(), nullable=False),
        _moment("at"),
        _maybe("status", sa.Integer()),
        sa.Column("is_ok", sa.Boolean(), nullable=False),
        _words("note", 500),
        _number("new"),
        _number("updated"),
        _number("took_ms"),
        sa.Column("bytes", _key(), server_default="0", nullable=False),
        _belongs("poll", "feed"),
        sa.PrimaryKeyConstraint("id", name="pk_poll"),
    )
    op.create_index("ix_poll_feed_id_id", "poll", ["feed_id", "id"])


def _items() -> None:
    op.add_column("item", _number("edits"))
    op.add_column("item", sa.Column("is_date_odd", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("item", _maybe("language", sa.String(20)))
    by_hand = sa.text("feed_id IS NULL")
    op.create_index(
        "uq_item_by_hand", "item", ["identity"], unique=True, sqlite_where=by_hand, postgresql_where=by_hand
    )
    op.create_table(
        "article",
        sa.Column("item_id", _key(), nullable=False),
        _moment("at"),
        sa.Column("is_ok", sa.Boolean(), nullable=False),
        _words("note", 500),
        _words("url"),
        _words("title", 500),
        _words("author", 300),
        _words("site_name", 200),
        _words("html"),
        _words("text"),
        _maybe("image_url", sa.Text()),
        _maybe("language", sa.String(20)),
        _number("words"),
        _belongs("article", "item"),
        sa.PrimaryKeyConstraint("item_id", name="pk_article"),
    )


def _episodes() -> None:
    for column in (
        _words("subtitle", 500),
        _maybe("guid", sa.String(200)),
        _maybe("is_explicit", sa.Boolean()),
        _maybe("image_url", sa.Text()),
        _words("author", 300),
        _words("location", 200),
        _maybe("chapters_url", sa.Text()),
        _list("people"),
        _list("transcripts"),
        _list("chapters"),
        _list("soundbites"),
    ):
        op.add_column("episode", column)
    op.create_table(
        "retired_platform",
        sa.Column("platform", sa.String(30), nullable=False),
        _moment("retired_at"),
        sa.PrimaryKeyConstraint("platform", name="pk_retired_platform"),
    )
    op.create_table(
        "listening_link",
        sa.Column("id", _key(), nullable=False),
        sa.Column("feed_id", _key(), nullable=False),
        _maybe("item_id", _key()),
        sa.Column("platform", sa.String(30), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        _words("label", 100),
        sa.Column("position", sa.Integer(), nullable=False),
        _belongs("listening_link", "feed"),
        _belongs("listening_link", "item"),
        sa.PrimaryKeyConstraint("id", name="pk_listening_link"),
    )
    op.create_index("ix_listening_link_feed_id_item_id", "listening_link", ["feed_id", "item_id"])
    op.create_table(
        "episode_words",
        sa.Column("item_id", _key(), nullable=False),
        *(_maybe(name, sa.String(500)) for name in ("title", "subtitle")),
        _maybe("summary", sa.Text()),
        _maybe("artwork_url", sa.Text()),
        *(_maybe(name, sa.String(300)) for name in ("artwork_alt", "artwork_credit")),
        *(_maybe(name, sa.JSON()) for name in ("guests", "topics", "mentions", "chapters")),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        _moment("updated_at"),
        _belongs("episode_words", "item"),
        sa.PrimaryKeyConstraint("item_id", name="pk_episode_words"),
    )
    op.create_table(
        "transcript",
        sa.Column("item_id", _key(), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        _maybe("url", sa.Text()),
        _words("media_type", 100),
        _maybe("language", sa.String(20)),
        sa.Column("is_ok", sa.Boolean(), server_default=sa.true(), nullable=False),
        _words("note", 500),
        _words("content_hash", 64),
        _number("words"),
        _moment("at"),
        sa.CheckConstraint("source in ('feed', 'editor')", name=op.f("ck_transcript_source")),
        _belongs("transcript", "item"),
        sa.PrimaryKeyConstraint("item_id", name="pk_transcript"),
    )
    op.create_table(
        "turn",
        sa.Column("id", _key(), nullable=False),
        sa.Column("item_id", _key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _words("speaker", 200),
        *(_maybe(name, sa.Integer()) for name in ("start_ms", "end_ms")),
        sa.Column("text", sa.Text(), nullable=False),
        _belongs("turn", "transcript", key="item_id", column="item_id"),
        sa.PrimaryKeyConstraint("id", name="pk_turn"),
        sa.UniqueConstraint("item_id", "position", name="uq_turn_item_id_position"),
    )


def _search() -> None:
    for statement in _SEARCH_ON_SQLITE if op.get_bind().dialect.name == "sqlite" else (_SEARCH_ON_POSTGRES,):
        op.execute(statement)


def _quotes() -> None:
    op.create_table(
        "quote",
        sa.Column("id", _key(), nullable=False),
        sa.Column("item_id", _key(), nullable=False),
        sa.Column("first_position", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        _maybe("start_ms", sa.Integer()),
        sa.Column("turns", sa.JSON(), nullable=False),
        _maybe("taken_by", _key()),
        _moment("taken_at"),
        _belongs("quote", "item"),
        _belongs("quote", "user", ondelete="SET NULL", column="taken_by"),
        sa.PrimaryKeyConstraint("id", name="pk_quote"),
    )
    op.create_index("ix_quote_item_id", "quote", ["item_id"])
    with op.batch_alter_table("block") as batch:
        batch.add_column(_maybe("quote_id", _key()))
        batch.create_foreign_key(op.f("fk_block_quote_id_quote"), "quote", ["quote_id"], ["id"], ondelete="RESTRICT")
        batch.drop_constraint("ck_block_kind", type_="check")
        batch.create_check_constraint(op.f("ck_block_kind"), f"kind in ({_KINDS}, 'quote')")
        batch.create_check_constraint(op.f("ck_block_quote"), "(kind = 'quote') = (quote_id is not null)")


def downgrade() -> None:
    op.execute("delete from block where kind = 'quote'")
    with op.batch_alter_table("block") as batch:
        batch.drop_constraint("ck_block_quote", type_="check")
        batch.drop_constraint("ck_block_kind", type_="check")
        batch.create_check_constraint(op.f("ck_block_kind"), f"kind in ({_KINDS})")
        batch.drop_constraint("fk_block_quote_id_quote", type_="foreignkey")
        batch.drop_column("quote_id")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE turn_search")
    op.drop_index("uq_item_by_hand", "item")
    for table in _TABLES:
        op.drop_table(table)
    for table, columns in (
        ("feed", _NEW_IN_FEED),
        ("item", ("edits", "is_date_odd", "language")),
        ("episode", _NEW_IN_EPISODE),
    ):
        for name in columns:
            op.drop_column(table, name)
