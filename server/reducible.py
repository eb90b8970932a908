"""The triggers of rows that may lose their sealed text, and nothing else (journal/reduced.py)."""

from collections.abc import Mapping, Sequence

from venterom.journal.reduced import GOES

# Only of a note that the EPJ has, by its receipt.
RECEIVED = (
    "EXISTS (SELECT 1 FROM delivery WHERE delivery.visit = OLD.visit"
    " AND delivery.version = OLD.version AND delivery.state = 'in_the_journal')"
)
EMPTIED = " AND ".join(
    ["length(OLD.ciphertext) > 0", *(f"length(NEW.{each}) = 0" for each in GOES)]
)


def reducible_ddl(dialect: str, tables: Mapping[str, Sequence[str]]) -> list[str]:
    """In place of the triggers of insert-only tables: a row is emptied, once and wholly. `tables`
    says which columns stay in each."""
    return _sqlite(tables) if dialect == "sqlite" else _postgresql(tables)


def _sqlite(tables: Mapping[str, Sequence[str]]) -> list[str]:
    ddl = []
    for table, stays in tables.items():
        same = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in sorted(stays))
        ddl += [
            f"DROP TRIGGER {table}_no_update",
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
            f" WHEN NOT ({EMPTIED} AND {same} AND {RECEIVED})"
            f" BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END",
        ]
    return ddl


def _postgresql(tables: Mapping[str, Sequence[str]]) -> list[str]:
    gone = ", ".join(f"'{each}'" for each in GOES)
    function = (
        "CREATE OR REPLACE FUNCTION refuse_all_but_reducing() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF TG_OP = 'UPDATE' AND {EMPTIED}"
        f" AND to_jsonb(NEW) - ARRAY[{gone}] = to_jsonb(OLD) - ARRAY[{gone}]"
        f" AND {RECEIVED} THEN RETURN NEW; END IF;"
        " RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$"
    )
    ddl = [function]
    for table in tables:
        ddl += [
            f"DROP TRIGGER {table}_insert_only ON {table}",
            f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_all_but_reducing()",
        ]
    return ddl
