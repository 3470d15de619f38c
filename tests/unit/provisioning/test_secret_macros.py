"""Fingerprints of secrets: they tell a change, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from provisioning.secrets import Fingerprints

OURS, OTHERS = Fingerprints(SecretStr("a" * 64)), Fingerprints(SecretStr("b" * 64))
secrets = st.text(min_size=1, max_size=40)


@given(secrets, secrets)
def test_a_fingerprint_changes_exactly_when_the_secret_does(one: str, other: str) -> None:
    first, second = (OURS.describe("host", "{$M}", SecretStr(value)) for value in (one, other))
    assert (first == second) is (one == other)


@given(secrets)
def test_equal_secrets_of_two_hosts_do_not_show_as_equal(secret: str) -> None:
    value = SecretStr(secret)
    assert OURS.describe("host-a", "{$M}", value) != OURS.describe("host-b", "{$M}", value)
    assert OURS.describe("host-a", "{$M}", value) != OURS.describe("host-a", "{$N}", value)


def test_another_token_makes_another_fingerprint_with_another_mark() -> None:
    ours, theirs = (made.describe("host", "{$M}", SecretStr("public")) for made in (OURS, OTHERS))
    assert ours.rpartition(" ")[2].split("-")[0] != theirs.rpartition(" ")[2].split("-")[0]


def test_the_secret_is_not_in_its_fingerprint() -> None:
    assert "public" not in OURS.describe("host", "{$M}", SecretStr("public"))
