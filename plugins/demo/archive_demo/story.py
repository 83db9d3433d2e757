"""
What happens in the demo archive, scene by scene, through the public API alone.

A company founds its archive eight weeks ago, brings in its purchasers and three years of old sales, and from then on
works in it: every record is captured by one person and signed by the people who must. What an inspector would ask for
is in `archive_demo.incidents`.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import attrs
from archive_device_trade import DeviceSalesRecord, SterileDeviceSalesRecord
from archive_drug_trade import DrugSalesRecord

from archive_core import Cost, type_of
from archive_demo.cast import (
    CLERK,
    HANDLER,
    INSPECTOR,
    KEEPER,
    MANAGEMENT,
    NEWCOMERS,
    QA,
    QA_HEAD,
    RESPONSIBLE,
    SALES,
    SERVICE,
    TRAINEE,
    ZONE,
    Colleague,
    Office,
    StoryClock,
    enrol,
)
from archive_demo.generator import columns, generate, write_csv, write_mapping
from archive_demo.incidents import Incident, incidents
from archive_demo.inside import bring_in, let_in

Fields = dict[str, Any]
Tell = Callable[[str, int, int], None]
DAYS = 56
FOUNDED, MASTER_DATA, IMPORTED = DAYS, DAYS - 1, DAYS - 2
LEDGERS = (
    (SterileDeviceSalesRecord, "一次性无菌器械销售台账.csv", "utf-8"),
    (DeviceSalesRecord, "医疗器械销售清单.csv", "gb18030"),
    (DrugSalesRecord, "药品销售记录.csv", "gb18030"),
)


@attrs.frozen
class Flow:
    """
    Who captures and who signs a type of record, in order.
    """

    author: Colleague
    signers: tuple[Colleague, ...]


@attrs.frozen
class Told:
    """
    What the story left behind: records in force by type, what waits, and what was refused or corrected.
    """

    records: dict[str, int]
    waiting: int
    incidents: tuple[Incident, ...]

    @property
    def total(self) -> int:
        return sum(self.records.values())


def flow(type_name: str) -> Flow:
    """
    Return who works on a type of record in the demo company.
    """
    return {
        "purchaser_file": Flow(SALES, (QA,)),
        "sterile_batch_log": Flow(KEEPER, (KEEPER, QA)),
        "sterile_device_sales_record": Flow(HANDLER, (HANDLER, RESPONSIBLE)),
        "device_sales_record": Flow(SALES, (SALES, QA)),
        "drug_sales_record": Flow(CLERK, (CLERK, QA)),
        "quality_feedback": Flow(SERVICE, (SERVICE, MANAGEMENT, QA)),
    }[type_name]


def tell_story(folder: Path, today: date, tell: Tell, *, cost: Cost | None = None, **sizes: int) -> Told:
    """
    Build the demo archive in a new or empty folder.

    Args:
        tell: called with (scene, done, total) now and then.
        cost: argon2id cost of the passwords, as in `Archive.init`.
        sizes: how much is generated, as in `generate`.

    Raises:
        FolderNotEmpty: the folder holds something already; nothing was changed in it.
    """
    clock = StoryClock(datetime.combine(today - timedelta(days=FOUNDED), time(9), ZONE))
    tell("founding", 0, 1)
    office = Office.found(folder, clock, cost)
    try:
        return Story(office, clock, today, tell, sizes).run()
    finally:
        office.close()


class Story:
    """
    The scenes in their order; every scene tells how far it is.
    """

    def __init__(self, office: Office, clock: StoryClock, today: date, tell: Tell, sizes: Mapping[str, int]) -> None:
        self.office, self.clock, self.today, self.tell = office, clock, today, tell
        self.trade: dict[str, list[Fields]] = {}
        for name, fields in generate(until=today - timedelta(days=1), **sizes):
            self.trade.setdefault(name, []).append(fields)

    def run(self) -> Told:
        self._master_data()
        self._newcomers()
        self._old_sales()
        self._daily_work()
        self.tell("incidents", 0, 1)
        self.clock.catch_up()
        found = tuple(incidents(self.office, self.trade, self.today))
        archive = self.office.desk(QA_HEAD)
        enrol(archive, TRAINEE)
        let_in(archive, INSPECTOR, until=self.today + timedelta(days=14))
        archive.checkpoint()
        records = {name: sum(1 for _ in archive.list(name)) for name in self.trade}
        return Told(records, len(archive.queue(everybody=True)), found)

    def _newcomers(self) -> None:
        """
        Enrol those who joined after the founding: one QA person proposes, the other signs.
        """
        self.tell("people", 0, len(NEWCOMERS))
        records = [enrol(self.office.desk(QA_HEAD), person) for person in NEWCOMERS]
        self.office.desk(QA).sign(*records)

    def _master_data(self) -> None:
        self.clock.move_to(self._before(MASTER_DATA), 9)
        self._work("purchaser_file", self.trade["purchaser_file"])
        self.clock.move_to(self._before(MASTER_DATA), 15)
        self._work("sterile_batch_log", self.trade["sterile_batch_log"])

    def _old_sales(self) -> None:
        self.clock.move_to(self._before(IMPORTED), 10)
        with tempfile.TemporaryDirectory() as folder:
            for done, (cls, name, encoding) in enumerate(LEDGERS):
                self.tell("old sales", done, len(LEDGERS))
                self._import(cls, Path(folder) / name, encoding)
        old = [form for form in self.trade["quality_feedback"] if form["received_on"] <= str(self._before(IMPORTED))]
        self._work("quality_feedback", old)

    def _import(self, cls: type, path: Path, encoding: str) -> None:
        name = _name_of(cls)
        last = str(self._before(IMPORTED))
        sold = [fields for fields in self.trade[name] if fields["sale_date"] <= last]
        names = columns(sold, cls)
        write_csv(path, sold, cls, names=names, encoding=encoding)
        mapping = write_mapping(path.with_suffix(".toml"), names, cls)
        report = bring_in(self.office.desk(flow(name).author), path, mapping)
        if report.batch is not None:
            self.office.desk(QA).sign(report.batch)

    def _daily_work(self) -> None:
        last = str(self._before(IMPORTED))
        work = sorted(self._since(last), key=lambda item: item[0])
        done = 0
        for day, items in groupby(work, key=lambda item: item[0]):
            self.clock.move_to(date.fromisoformat(day), 16)
            for name, group in groupby(sorted(items, key=lambda item: item[1]), key=lambda item: item[1]):
                records = [fields for _, _, fields in group]
                self.tell("daily work", done, len(work))
                self._work(name, records, finish=day < str(self.today - timedelta(days=1)))
                done += len(records)

    def _since(self, last: str) -> Iterator[tuple[str, str, Fields]]:
        for name, day in (
            *((_name_of(cls), "sale_date") for cls, _, _ in LEDGERS),
            ("quality_feedback", "received_on"),
        ):
            yield from ((fields[day], name, fields) for fields in self.trade[name] if fields[day] > last)

    def _work(self, name: str, records: Iterable[Fields], *, finish: bool = True) -> None:
        """
        Capture records and have them signed; unfinished work lacks its last signature.
        """
        wanted, work = list(records), flow(name)
        desk = self.office.desk(work.author)
        captured = []
        for done, fields in enumerate(wanted):
            if done % 50 == 0 and len(wanted) > 50:
                self.tell(name, done, len(wanted))
            captured.append(desk.capture(name, fields).record)
        for signer in work.signers if finish else work.signers[:-1]:
            self.office.desk(signer).sign(*captured)

    def _before(self, days: int) -> date:
        return self.today - timedelta(days=days)


def _name_of(cls: type) -> str:
    return type_of(cls).name
