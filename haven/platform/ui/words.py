"""Words that depend on a number."""


def count_of(number: int, singular: str, plural: str | None = None) -> str:
    """`1 row`, `4,312 rows`, `2 entries`; `plural` for a plural with neither s nor ies."""
    if plural is None:
        plural = f"{singular[:-1]}ies" if singular.endswith("y") and singular[-2:-1] not in "aeiou" else f"{singular}s"
    return f"{number:,} {singular if number == 1 else plural}"
