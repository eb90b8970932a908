"""What the database itself does and refuses when something is signed or told to the log.

A line is added to the log only behind its end, whose number and hash follow it; nothing else moves
that end. The draft of a note ends when its first version is signed.
"""

AT_END = "EXISTS (SELECT 1 FROM chain_head WHERE id = 1 AND n = NEW.n - 1)"
MOVES = "UPDATE chain_head SET n = NEW.n, hash = NEW.hash WHERE id = 1"
ITS_LINE = (
    "NEW.n = OLD.n + 1 AND EXISTS"
    " (SELECT 1 FROM record_audit WHERE record_audit.n = NEW.n AND record_audit.hash = NEW.hash)"
)
NOT_NEXT = "a line of record_audit comes behind the last one"
NOT_BY_HAND = "chain_head follows record_audit"
ENDS = "DELETE FROM note_draft WHERE note_draft.visit = NEW.visit"


def chained_ddl(dialect: str) -> list[str]:
    """The triggers of the log, of its end and of signed notes."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def _sqlite() -> list[str]:
    """After each row, since the end asks whether there is such a line: SQLite says in no other way
    who changes it."""
    return [
        "CREATE TRIGGER record_audit_next AFTER INSERT ON record_audit"
        f" BEGIN SELECT RAISE(ABORT, '{NOT_NEXT}') WHERE NOT {AT_END}; {MOVES}; END",
        "CREATE TRIGGER chain_head_no_insert BEFORE INSERT ON chain_head"
        " WHEN NEW.n <> 0 OR EXISTS (SELECT 1 FROM record_audit)"
        f" BEGIN SELECT RAISE(ABORT, '{NOT_BY_HAND}'); END",
        "CREATE TRIGGER chain_head_no_update BEFORE UPDATE ON chain_head"
        f" WHEN NOT ({ITS_LINE}) BEGIN SELECT RAISE(ABORT, '{NOT_BY_HAND}'); END",
        "CREATE TRIGGER chain_head_no_delete BEFORE DELETE ON chain_head"
        f" BEGIN SELECT RAISE(ABORT, '{NOT_BY_HAND}'); END",
        "CREATE TRIGGER record_entry_ends_draft AFTER INSERT ON record_entry"
        f" WHEN NEW.version = 1 BEGIN {ENDS}; END",
    ]


def _postgresql() -> list[str]:
    """Before each row: what comes after waits until all rows of a statement are there. Who changes
    the end waits for whoever holds it, and then finds that her line is not the next one."""
    return [
        "CREATE FUNCTION follow_last_line() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {MOVES} AND n = NEW.n - 1;"
        f" IF NOT FOUND THEN RAISE EXCEPTION '{NOT_NEXT}'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER record_audit_next BEFORE INSERT ON record_audit"
        " FOR EACH ROW EXECUTE FUNCTION follow_last_line()",
        "CREATE FUNCTION refuse_by_hand() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{NOT_BY_HAND}'; END $$",
        "CREATE TRIGGER chain_head_no_insert BEFORE INSERT ON chain_head"
        " FOR EACH ROW WHEN (NEW.n <> 0) EXECUTE FUNCTION refuse_by_hand()",
        "CREATE TRIGGER chain_head_no_change BEFORE UPDATE OR DELETE ON chain_head"
        " FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_by_hand()",
        "CREATE FUNCTION end_draft() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {ENDS}; RETURN NULL; END $$",
        "CREATE TRIGGER record_entry_ends_draft AFTER INSERT ON record_entry"
        " FOR EACH ROW WHEN (NEW.version = 1) EXECUTE FUNCTION end_draft()",
    ]
