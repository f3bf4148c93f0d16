"""How few objects (estates, firms, villages) hold enough shortfalls to put a number of cases right.

Arithmetic, not inference: it says on how many doors one would have to knock at the least, starting where most went
wrong, and not that these doors are worse than others beyond chance.
"""

from __future__ import annotations

from collections.abc import Iterable

from indicators.errors import CountError


def fewest_objects(held: Iterable[tuple[int, int]], needed: int) -> int | None:
    """The least number of objects whose shortfalls add up to ``needed``; 0 if none are needed.

    ``held`` lists (shortfalls of one object, number of objects that hold so many), in any order, also repeated. None
    where all of them together hold too few. Raises CountError for negative numbers.
    """
    listed = sorted(((int(each), int(objects)) for each, objects in held), reverse=True)
    if needed < 0 or any(each < 0 or objects < 0 for each, objects in listed):
        raise CountError(
            zh="短缺数或对象数为负；请检查计数。",
            en="A shortfall or a number of objects is negative; check the counts.",
        )
    left, taken = needed, 0
    for each, objects in listed:
        if left <= 0:
            break
        if each == 0:
            return None
        use = min(objects, -(-left // each))
        taken, left = taken + use, left - use * each
    return taken if left <= 0 else None
