"""Where programs of insurers ask. Nothing here is for a browser: who asks shows a token, and no
cookie or page can lend it one."""

PREFIX = "/insurer/v1/"
TOKEN = f"{PREFIX}token"
ELIGIBILITY = f"{PREFIX}eligibility"
POLICIES = f"{PREFIX}policies"
POLICY = f"{POLICIES}/{{number}}"
OPENAPI = f"{PREFIX}openapi.json"


def for_programs(path: str) -> bool:
    """Whether this address is one that programs ask."""
    return path.startswith(PREFIX)
