"""
The device trade: sales of devices, sales of sterile single-use devices, and the log of sterile lots.

Promises: every field that Order 54 art. 38 and the house rules ask for; no sale of expired goods (X8); no sterile
device without its lot, its sterilisation lot and two people's signatures (X21).
Must not know: how records are stored, and which documents a purchaser needs (that is `archive_parties`).
"""

from collections.abc import Iterable

from archive_core import Finding, Proposed, Reader, hookimpl
from archive_device_trade.batch_log import SterileBatchLog
from archive_device_trade.rules import check_device_sale
from archive_device_trade.sale import DeviceSalesRecord, SterileDeviceSalesRecord

__all__ = ["DeviceSalesRecord", "SterileBatchLog", "SterileDeviceSalesRecord"]


@hookimpl
def archive_record_types() -> Iterable[type]:
    return (DeviceSalesRecord, SterileDeviceSalesRecord, SterileBatchLog)


@hookimpl
def archive_check(proposed: Proposed, reader: Reader) -> Iterable[Finding]:
    return check_device_sale(proposed, reader)
