"""What calls cost: the price list that comes with genai-prices, read offline."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from engine.usage import Usage

_FREE = frozenset({"embedded", "local"})
_MICRO = Decimal(1_000_000)


def cost_of(provider: str, model: str, usage: Usage, at: datetime) -> int:
    """Micro-USD of one call; 0 where nothing is paid, and where no price is known.

    `usage.input` includes what a cache read or wrote, as the price list counts.
    """
    if provider in _FREE or not _known(provider, model):
        return 0
    from genai_prices import Usage as Counted
    from genai_prices import calc_price

    counted = Counted(
        input_tokens=max(usage.input, usage.cache_read + usage.cache_write),
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        cache_write_1h_tokens=min(usage.cache_write_long, usage.cache_write),
        output_tokens=usage.output,
    )
    price = calc_price(counted, model, provider_id=provider, genai_request_timestamp=at)
    return int((price.total_price * _MICRO).to_integral_value(ROUND_HALF_UP))


def is_priced(provider: str, model: str) -> bool:
    """Whether calls of this model can be counted in money."""
    return provider in _FREE or _known(provider, model)


@cache
def _known(provider: str, model: str) -> bool:
    # Loaded with the first call that costs something: it is a large table.
    from genai_prices import Usage as Counted
    from genai_prices import calc_price

    try:
        calc_price(Counted(input_tokens=1), model, provider_id=provider)
    except LookupError:
        return False
    return True
