"""
After-sales service: the quality feedback form, from what the customer said to the answer given.

Promises: a form cannot be closed without result and answer; its retention follows the product it is about.
Must not know: how records are stored, or the rules of selling.
"""

from collections.abc import Iterable

from archive_after_sales.feedback import QualityFeedback
from archive_core import hookimpl

__all__ = ["QualityFeedback"]


@hookimpl
def archive_record_types() -> Iterable[type]:
    return (QualityFeedback,)
