"""
What falls due about a record: a licence that ends, a review that comes round.
"""

from datetime import date

import attrs


@attrs.frozen(kw_only=True)
class FallsDue:
    """
    One thing that falls due on a day; `what` tells it from others of the same record and stays the same over time.
    """

    what: str
    day: date
    zh: str
    en: str
