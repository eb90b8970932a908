"""The triggers of signed rows: their sealed text may be emptied, wholly, and nothing else changed.

They take the place of those that refuse every update of an insert-only table.
"""

from collections.abc import Mapping, Sequence

from venterom.journal.reduced import GOES

# When a text may go: two people have decided it (journal/deleting.py), or the EPJ has it, by its
# receipt (journal/reducing.py).
DELETED = "EXISTS (SELECT 1 FROM record_deletion WHERE record_deletion.visit = OLD.visit)"
RECEIVED = (
    "EXISTS (SELECT 1 FROM delivery WHERE delivery.visit = OLD.visit"
    " AND delivery.version = OLD.version AND delivery.state = 'in_the_journal')"
)
EMPTIED = " AND ".join(f"length(NEW.{column}) = 0" for column in GOES)


def erasable_ddl(
    dialect: str, tables: Mapping[str, Sequence[str]], grounds: Sequence[str] = (DELETED, RECEIVED)
) -> list[str]:
    """`tables` says which columns stay in each; one of the `grounds` has to hold."""
    ground = f"({' OR '.join(grounds)})"
    return _sqlite(tables, ground) if dialect == "sqlite" else _postgresql(tables, ground)


def _sqlite(tables: Mapping[str, Sequence[str]], ground: str) -> list[str]:
    ddl = []
    for table, stays in tables.items():
        same = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in sorted(stays))
        ddl += [
            f"DROP TRIGGER {table}_no_update",
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
            f" WHEN NOT ({EMPTIED} AND {same} AND {ground})"
            f" BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END",
        ]
    return ddl


def _postgresql(tables: Mapping[str, Sequence[str]], ground: str) -> list[str]:
    goes = ", ".join(f"'{each}'" for each in GOES)
    function = (
        "CREATE OR REPLACE FUNCTION refuse_change_but_erasing() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF TG_OP = 'UPDATE' AND {EMPTIED}"
        f" AND to_jsonb(NEW) - ARRAY[{goes}] = to_jsonb(OLD) - ARRAY[{goes}]"
        f" AND {ground} THEN RETURN NEW; END IF;"
        " RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$"
    )
    ddl = [function]
    for table in tables:
        ddl += [
            f"DROP TRIGGER {table}_insert_only ON {table}",
            f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasing()",
        ]
    return ddl
