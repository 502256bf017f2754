"""Pictures of characters, for whoever was given their address. Nobody is asked who they are."""

import hmac
from typing import Final

from fastapi import APIRouter, Request, Response

from bot import portraits
from bot.web.context import PROBLEMS, Running
from bot.web.documents import sent
from engine.errors import UnknownMedia, UnknownScenario

router = APIRouter(prefix=portraits.PATH, tags=["documents"], responses=PROBLEMS)

OPEN: Final = (f"{portraits.PATH}/{{scenario_id}}/{{proof}}/{{filename}}",)
"""Paths that need no login: the address proves that it was given."""


@router.get(
    "/{scenario_id}/{proof}/{filename}", response_class=Response, summary="A character's picture"
)
async def portrait(
    app: Running, request: Request, scenario_id: str, proof: str, filename: str
) -> Response:
    """A picture of a character, at the address that messages name. Everything else is 404."""
    try:
        file = portraits.found(app.services.catalog, scenario_id, filename)
    except UnknownScenario:
        raise UnknownMedia("") from None
    if not hmac.compare_digest(proof.encode(), portraits.proof_of(file).encode()):
        raise UnknownMedia("")
    return sent(file, request, keep="public, max-age=86400")
