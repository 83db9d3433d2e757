"""
The people of the demo archive, the clock they live by, and the archive as each of them sees it.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import attrs

from archive_core import Archive, Cost, Founder, system_clock

ZONE = ZoneInfo("Asia/Shanghai")


@attrs.frozen
class Colleague:
    """
    Somebody who may log in; demo passwords are no secret.
    """

    username: str
    name_zh: str
    name_en: str
    roles: tuple[str, ...]

    @property
    def password(self) -> str:
        return f"demo-{self.username}-2026"


QA_HEAD = Colleague("zhang.min", "张敏", "Zhang Min", ("qa", "qa_head"))
QA = Colleague("li.hua", "李华", "Li Hua", ("qa",))
SALES = Colleague("wang.fang", "王芳", "Wang Fang", ("salesperson",))
HANDLER = Colleague("chen.jing", "陈静", "Chen Jing", ("handler", "salesperson"))
RESPONSIBLE = Colleague("zhao.qiang", "赵强", "Zhao Qiang", ("responsible_person",))
CLERK = Colleague("sun.li", "孙丽", "Sun Li", ("invoice_clerk",))
KEEPER = Colleague("zhou.wei", "周伟", "Zhou Wei", ("warehouse_keeper",))
SERVICE = Colleague("wu.tao", "吴涛", "Wu Tao", ("service_engineer",))
MANAGEMENT = Colleague("lin.guohua", "林国华", "Lin Guohua", ("management", "general_manager"))
FOUNDERS = (QA, SALES, HANDLER, RESPONSIBLE, CLERK, KEEPER)
NEWCOMERS = (SERVICE, MANAGEMENT)
EVERYBODY = (QA_HEAD, *FOUNDERS, *NEWCOMERS)
INSPECTOR = Colleague("inspector", "检查员", "Inspector", ("inspector",))
TRAINEE = Colleague("he.xin", "何欣", "He Xin", ("handler",))


class StoryClock:
    """
    A clock that people of the story live by: it runs as the real one, and is moved forward between scenes.

    It never shows a later time than the real one, so the archive can be used right after the story.
    """

    def __init__(self, start: datetime, real: Callable[[], datetime] = system_clock) -> None:
        self._real = real
        self._behind = real() - start

    def __call__(self) -> datetime:
        return self._real() - self._behind

    def move_to(self, day: date, hour: int, minute: int = 0) -> None:
        """
        Go forward to a time of day in China; a time that is past already is left alone.
        """
        wanted = datetime.combine(day, time(hour, minute), ZONE)
        self._behind = max(timedelta(0), min(self._behind, self._real() - wanted))

    def catch_up(self) -> None:
        """
        Show the real time from now on.
        """
        self._behind = timedelta(0)


class Office:
    """
    One archive, opened once by each colleague who works with it.
    """

    def __init__(self, folder: Path, clock: StoryClock) -> None:
        self._folder = folder
        self._clock = clock
        self._desks: dict[str, Archive] = {}

    @classmethod
    def found(cls, folder: Path, clock: StoryClock, cost: Cost | None = None) -> Self:
        """
        Found the archive with its first QA person, who enrols the first colleagues in the same ceremony.
        """
        founder = Founder(
            username=QA_HEAD.username, name_zh=QA_HEAD.name_zh, name_en=QA_HEAD.name_en, roles=QA_HEAD.roles[1:]
        )
        archive = Archive.init(
            folder,
            name="演示档案 Demo archive",
            origin="demo.archive.example/records",
            founder=founder,
            password=QA_HEAD.password,
            cost=cost,
            clock=clock,
        )
        office = cls(folder, clock)
        office._desks[QA_HEAD.username] = archive
        for person in FOUNDERS:
            enrol(archive, person)
        return office

    def desk(self, person: Colleague) -> Archive:
        """
        Return the archive acting for a person; logs in on first use.
        """
        if person.username not in self._desks:
            self._desks[person.username] = Archive.open(
                self._folder, user=person.username, password=person.password, clock=self._clock
            )
        return self._desks[person.username]

    def close(self) -> None:
        for archive in self._desks.values():
            archive.close()


def enrol(archive: Archive, person: Colleague) -> int:
    """
    Propose a colleague; return the record number.
    """
    return archive.add_person(
        person.username,
        name_zh=person.name_zh,
        name_en=person.name_en,
        roles=person.roles,
        password=person.password,
        identity_check="身份证原件已核对",
    ).record
