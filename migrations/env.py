"""Runs migrations on the connection that curator.schema hands over, guarding rows against silent loss."""

from alembic import context
from sqlalchemy import Connection, inspect, text

# Any constant will do; it keeps two upgrades of one PostgreSQL database from running side by side.
ADVISORY_LOCK = 7_302_118_411


def migrate(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        _migrate_sqlite(connection)
        return
    with connection.begin():
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        _run(connection)


def _migrate_sqlite(connection: Connection) -> None:
    # A batch rebuild drops the parent table: with foreign keys on, every cascading child row goes with it and
    # nothing is said. The pragma only works outside a transaction, so it is set on the driver before BEGIN.
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            before = _row_counts(connection)
            _run(connection)
            _refuse_lost_rows(before, _row_counts(connection))
            broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise RuntimeError(f"the migration breaks foreign keys of: {sorted({row[0] for row in broken})}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _run(connection: Connection) -> None:
    context.configure(connection=connection, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


def _row_counts(connection: Connection) -> dict[str, int]:
    names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    quoted = connection.dialect.identifier_preparer.quote
    return {name: connection.exec_driver_sql(f"select count(*) from {quoted(name)}").scalar_one() for name in names}  # noqa: S608 - names come from the catalogue


def _refuse_lost_rows(before: dict[str, int], after: dict[str, int]) -> None:
    lost = {name: count - after[name] for name, count in before.items() if after.get(name, count) < count}
    if lost:
        raise RuntimeError(f"the migration would lose rows of: {lost}")


migrate(context.config.attributes["connection"])
