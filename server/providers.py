"""The identity providers: from the settings to what we demand at each door."""

from collections.abc import AsyncGenerator, Callable

import aiohttp
from aiohttp import web

from venterom.server import vault
from venterom.server.config import Provider as ProviderSettings
from venterom.server.config import Settings, SettingsError
from venterom.web import keys
from venterom.web.identity.claims import ClaimNames
from venterom.web.identity.kinds import KINDS, Kind
from venterom.web.identity.oidc import RelyingParty
from venterom.web.identity.provider import Provider
from venterom.web.identity.roles import Door

TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds for one answer of a provider


def doors(
    settings: Settings, keyring: vault.Vault
) -> Callable[[web.Application], AsyncGenerator[None]]:
    """Ourselves at each door that has a provider. Raises SettingsError."""
    chosen = {
        Door.PATIENT: settings.identity.patients,
        Door.DOCTOR: settings.identity.staff,
        Door.INSURER: settings.identity.insurers,
        Door.DIRECTOR: settings.identity.directors,
        Door.OPERATOR: settings.identity.operators,
    }
    providers = {
        door: provider(settings, keyring, door, each)
        for door, each in chosen.items()
        if each.issuer
    }

    async def context(app: web.Application) -> AsyncGenerator[None]:
        async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
            app[keys.RELYING_PARTIES] = {
                door: RelyingParty(each, http) for door, each in providers.items()
            }
            yield

    return context


def provider(
    settings: Settings, keyring: vault.Vault, door: Door, chosen: ProviderSettings
) -> Provider:
    """What was set, and where nothing was, what is usual for this kind of provider.

    Raises SettingsError for what would make signing in unsafe.
    """
    usual = KINDS[chosen.kind]
    bound = usual.dpop if chosen.dpop is None else chosen.dpop
    try:
        return Provider(
            door=door,
            issuer=chosen.issuer,
            client_id=chosen.client_id,
            redirect_uri=f"{settings.http.public_url}/sign-in/{door}/back",
            key=keyring.client,
            levels=chosen.levels or usual.levels,
            asked=chosen.asked_levels or usual.asked,
            synthetic=settings.is_demonstration,
            scopes=chosen.scopes or usual.scopes,
            algorithms=chosen.algorithms or usual.algorithms,
            names=_names(chosen, usual),
            hints=tuple(map(_hint, chosen.hints)) or usual.hints,
            pushed=usual.pushed if chosen.pushed is None else chosen.pushed,
            userinfo=usual.userinfo if chosen.userinfo is None else chosen.userinfo,
            bound_to=keyring.binding(door) if bound else None,
        )
    except ValueError as fault:
        raise SettingsError(f"the identity provider of the {door}: {fault}") from None


def _names(chosen: ProviderSettings, usual: Kind) -> ClaimNames:
    return ClaimNames(
        number=chosen.number_claim or usual.names.number,
        hpr=chosen.hpr_claim or usual.names.hpr,
        level=chosen.level_claim or usual.names.level,
    )


def _hint(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ValueError("a hint is written name=value")
    return name, value
