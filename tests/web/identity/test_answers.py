"""What a provider answers is read with care: what is not as it must be leads nowhere."""

import pytest

from venterom.web.identity.answers import Tokens, read_request_uri, read_tokens
from venterom.web.identity.errors import ProviderUnreachable, SignInRefused

NAME = "urn:ietf:params:oauth:request_uri:abc"
Body = dict[str, object]
TOKENS: Body = {"id_token": "a.b.c", "access_token": "secret", "token_type": "Bearer"}


@pytest.mark.parametrize("status", [201, 200])
def test_a_pushed_request_gets_a_name(status: int) -> None:
    assert read_request_uri(status, {"request_uri": NAME, "expires_in": 60}) == NAME


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": "invalid_request"}),
        (401, {"error": "invalid_client", "request_uri": NAME}),
        (429, {"request_uri": NAME}),
        (201, {}),
        (201, {"request_uri": ""}),
        (201, {"request_uri": None}),
        (201, {"request_uri": [NAME]}),
        (201, {"request_uri": "a b"}),
        (201, {"request_uri": "a\r\nLocation: x"}),
        (201, {"request_uri": "å"}),
        (201, {"request_uri": "a" * 513}),
    ],
)
def test_a_push_that_failed_is_a_provider_that_does_not_answer(status: int, body: Body) -> None:
    with pytest.raises(ProviderUnreachable):
        read_request_uri(status, body)


@pytest.mark.parametrize(
    ("body", "bound", "access"),
    [
        (TOKENS, False, "secret"),
        ({**TOKENS, "token_type": "bearer"}, False, "secret"),
        ({**TOKENS, "token_type": "DPoP"}, True, "secret"),
        ({"id_token": "a.b.c", "token_type": "Bearer"}, False, ""),
        ({**TOKENS, "access_token": 7}, False, ""),
        ({**TOKENS, "access_token": "a\r\nX: y"}, False, ""),  # it goes into a header
        ({**TOKENS, "access_token": "a b"}, False, ""),
        ({**TOKENS, "access_token": "a" * 16_385}, False, ""),
    ],
)
def test_an_access_token_is_taken_only_if_it_can_be_used(
    body: Body, bound: bool, access: str
) -> None:
    assert read_tokens(200, body, bound=bound) == Tokens("a.b.c", access)


@pytest.mark.parametrize(
    ("status", "body", "bound", "reason"),
    [
        (400, {"error": "invalid_grant"}, False, "no_token"),
        (400, TOKENS, False, "no_token"),
        (200, {"token_type": "Bearer"}, False, "no_token"),
        (200, {**TOKENS, "id_token": None}, False, "no_token"),
        (200, {**TOKENS, "id_token": ["a.b.c"]}, False, "no_token"),
        (200, TOKENS, True, "token_type"),  # our proof was paid no heed to
        (200, {**TOKENS, "token_type": "DPoP"}, False, "token_type"),
        (200, {"id_token": "a.b.c"}, False, "token_type"),
        (200, {**TOKENS, "token_type": None}, False, "token_type"),
    ],
)
def test_an_answer_without_the_tokens_that_were_asked_for_is_refused(
    status: int, body: Body, bound: bool, reason: str
) -> None:
    with pytest.raises(SignInRefused) as refused:
        read_tokens(status, body, bound=bound)
    assert refused.value.reason == reason


def test_the_tokens_are_not_printed() -> None:
    assert "secret" not in repr(read_tokens(200, TOKENS, bound=False))
    assert "a.b.c" not in repr(read_tokens(200, TOKENS, bound=False))
