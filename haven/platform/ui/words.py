"""Words that depend on a number."""


def count_of(number: int, one: str, many: str | None = None) -> str:
    """`1 row`, `4,312 rows`, `2 entries`; `many` for a plural with neither s nor ies."""
    if many is None:
        many = f"{one[:-1]}ies" if one.endswith("y") and one[-2:-1] not in "aeiou" else f"{one}s"
    return f"{number:,} {one if number == 1 else many}"
