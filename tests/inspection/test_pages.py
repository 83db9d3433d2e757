"""The pages say what is there, in the reader's language."""

import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from archive_core.inspection.config import config_folder, load_catalogue
from archive_core.inspection.projector import record_verification

SALE, WITHDRAWN, ERASED, FOURTH, BUYER, COMPLAINT = 18, 19, 20, 21, 7, 58
COMPLAINT_FIELDS = {"complaint_no": "C-1", "subject": "破损", "severity": "low", "account": "一箱破损"}


def plain(answer: Any) -> str:
    """Return the words of a page, tags and white space taken out."""
    text = re.sub(r"<(script|style|title).*?</\1>", "", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.fixture
def reader(open_room: Any, source: Any) -> Any:
    return open_room(source)


def test_the_start_page_counts_and_warns(reader: Any) -> None:
    """Types with their numbers, what waits, the last verification, and how fresh the data are."""
    page = plain(reader.get("/"))
    assert "在 17 条记录中查找" in page
    assert "一次性使用无菌医疗器械销售记录 Sterile single-use device sale 2 待签核 12" in page
    assert "尚未验证" in page
    assert "数据截至 2026-03-06" in page


def test_a_list_shows_newest_first_with_facets(reader: Any) -> None:
    """The newest record stands first, and every facet value has its count."""
    answer = reader.get("/-/records/sterile_device_sales_record")
    keys = re.findall(r'<span class="code">(XS-[^<]+)</span>', answer.text)
    assert ["XS-2026-00012", "XS-2026-00011"] == keys[:2]
    assert "集中采购 5" in plain(answer)
    assert "已销毁 1" in plain(answer)


def test_a_facet_narrows_the_list_and_can_be_taken_away(reader: Any) -> None:
    """The chosen value is a chip that leads back, and the other counts follow."""
    answer = reader.get("/-/records/sterile_device_sales_record?cold_chain=1")
    assert "3 条" in plain(answer)
    assert "冷链运输：是" in plain(answer).replace(" ", "")
    assert 'class="chip removable"' in answer.text


def test_a_facet_that_the_list_does_not_have_is_ignored(reader: Any) -> None:
    """An address typed by hand cannot name a column."""
    answer = reader.get("/-/records/complaint?boxes=1&1%3D1=1")
    assert (200, True) == (answer.status_code, "1 条" in plain(answer))


def test_search_marks_what_was_found(reader: Any) -> None:
    """Words are marked in title, key and text, and the place in the text is named."""
    answer = reader.get("/-/records/sterile_device_sales_record?q=威高 LOT2026B01")
    assert "<mark>威高</mark>" in answer.text
    assert '<span class="soft">灭菌批号</span> <mark>LOT2026B01</mark>' in answer.text
    assert "1 条" in plain(answer)


def test_a_sale_is_found_by_its_buyer(reader: Any) -> None:
    """The buyer's name finds his sales, although it stands in another record."""
    assert "3 条" in plain(reader.get("/-/records/sterile_device_sales_record?q=市立医院"))


def test_a_number_or_a_key_opens_the_record(reader: Any) -> None:
    """A whole key, or # and a record number, leads straight to the record."""
    for typed in ("%2318", "XS-2026-00001"):
        answer = reader.get(f"/-/search?q={typed}")
        assert (302, "/-/record/18") == (answer.status_code, answer.headers["location"])


def test_a_bare_number_is_offered_beside_what_was_found(reader: Any) -> None:
    """2026 may be a year or a record: the search is done, and the record of that number is one click away."""
    page = plain(reader.get("/-/search?q=18"))
    assert "记录号18：XS-2026-00001" in page.replace(" ", "")
    assert "匹配“18”" in page


def test_an_empty_result_says_what_to_do(reader: Any) -> None:
    """Nothing found is no dead end."""
    assert "请减少词语" in plain(reader.get("/-/records?q=火星"))


def test_a_list_pages_by_record_number(open_room: Any, source: Any, big: Any) -> None:
    """The second page goes on exactly where the first one ended."""
    reader = open_room(big)
    first = reader.get("/-/records/sterile_device_sales_record")
    more = re.search(r'rel="next" href="([^"]+)"', first.text)
    second = reader.get(more[1].replace("&amp;", "&")) if more else first
    keys = [re.findall(r'<span class="code">(XS-[^<]+)</span>', page.text) for page in (first, second)]
    shown = [page.text.count('<li class="card item') for page in (first, second)]
    assert [50, 10] == shown
    assert sorted(set(keys[0] + keys[1]), reverse=True) == keys[0] + keys[1]


def test_a_record_shows_facts_lines_and_people(reader: Any) -> None:
    """Both languages of every label, the line items, who signed in which meaning, and the buyer by name."""
    page = plain(reader.get(f"/-/record/{SALE}"))
    for words in (
        "销售单号 Sale no. XS-2026-00001",
        "LOT2026B01",
        "贵阳康源医药有限公司",
        "负责人审核",
        "经办人",
        "保管至",
    ):
        assert words in page


def test_a_waiting_version_is_announced_beside_the_one_in_force(reader: Any) -> None:
    """The page shows version 2 and says that version 3 waits, for which step and role."""
    page = plain(reader.get(f"/-/record/{SALE}"))
    assert "第 3 版正在等待签核" in page
    assert "等待“经办”签核（角色：经办人）" in page


def test_a_void_record_says_so(reader: Any) -> None:
    """A withdrawn record carries its stamp and the reason."""
    page = plain(reader.get(f"/-/record/{WITHDRAWN}"))
    assert "本记录已作废" in page
    assert "重复登记" in page


def test_an_erased_record_keeps_its_history(reader: Any) -> None:
    """The fields are gone, the disposition is named, the sign-offs remain."""
    page = plain(reader.get(f"/-/record/{ERASED}"))
    assert "内容已依据处置决定依法销毁" in page
    assert "XS-2026-00003" not in page
    assert "负责人审核" in page


def test_a_gap_is_called_missing_at_source(reader: Any) -> None:
    """A field that the legacy source lacked is never shown as merely empty."""
    answer = reader.get(f"/-/record/{COMPLAINT}")
    assert "处理日期 Handled on 来源缺失" in plain(answer)


def test_references_are_shown_both_ways(reader: Any) -> None:
    """The sale leads to its buyer, and the buyer to his sales."""
    assert f'href="/-/record/{BUYER}"' in reader.get(f"/-/record/{SALE}").text
    assert f'href="/-/record/{SALE}"' in reader.get(f"/-/record/{BUYER}").text


def test_the_basis_is_shown_as_stated_with_a_legend(open_room: Any, source: Any) -> None:
    """A basis has one text for both languages, so its label says that it is quoted; house rules get a legend, once."""
    name = "sterile_device_sales_record"
    cited = [
        attrs.evolve(kind, source="art. 38; S3 part 4 §1.5") if kind.name == name else kind for kind in source.declared
    ]
    reader = open_room(attrs.evolve(source, declared=tuple(cited)))
    page = plain(reader.get(f"/-/type/{name}"))
    assert "依据原文： 有效期后 2 年；无有效期的不少于 5 年" in page
    assert "出处原文： art. 38; S3 part 4 §1.5" in page
    assert 1 == page.count("S0–S4：公司制度原文")
    assert "S0–S4" not in plain(reader.get("/-/type/complaint"))
    assert "依据原文： 有效期后 2 年" in plain(reader.get(f"/-/record/{SALE}"))


def test_a_batch_signs_for_its_members(open_room: Any, source: Any) -> None:
    """The member's life has the batch's sign-off as a station, done or waiting, and the banner counts it."""
    batch, record = source.capture("complaint", COMPLAINT_FIELDS), source.capture("complaint", COMPLAINT_FIELDS)
    facts = source.records[record]
    member = attrs.evolve(facts.versions[0], batch=batch, steps=())
    source.records[record] = attrs.evolve(facts, versions=(member,))
    waiting = open_room(source).get(f"/-/record/{record}").text
    assert '<li class="warn current" aria-current="step"><span class="dot"></span>批次签核</li>' in waiting
    assert "1 个版本、0 个签核 " in plain(open_room(source).get(f"/-/record/{record}"))
    source.sign(batch, 0, 0, decision="rejected")
    assert "1 个版本、0 个签核 " in plain(open_room(source).get(f"/-/record/{record}"))
    source.sign(batch, 1, 2)
    signed_at = source.records[batch].signoffs[-1].at
    source.records[record] = attrs.evolve(
        facts, versions=(attrs.evolve(member, state="in_force", in_force_from=signed_at),)
    )
    reader = open_room(source)
    assert re.search(
        r'<li class="good done"><span class="dot">.*?</span>批次签核</li>', reader.get(f"/-/record/{record}").text
    )
    assert "1 个版本、0 个签核；另经导入批次签核 1 次" in plain(reader.get(f"/-/record/{record}"))


def test_an_old_version_is_stamped_as_such(reader: Any) -> None:
    """Nobody can take a superseded version for the current one."""
    page = plain(reader.get(f"/-/record/{SALE}/v/1"))
    assert "您正在查看第 1 版（已被取代）" in page
    assert "查看当前版本" in page


def test_a_diff_marks_characters_and_fields(reader: Any) -> None:
    """A long text is compared by characters, a number as a whole, and the rest is folded away."""
    answer = reader.get(f"/-/record/{SALE}/diff/1/2")
    assert "<del>完好</del><ins>一箱破损，已换货</ins>" in answer.text
    assert "<del>2</del>" in answer.text
    assert "<ins>18</ins>" in answer.text
    assert "2 处改动" in plain(answer)


@pytest.mark.parametrize(
    ("day", "place"),
    [
        ("2026-03-03", f"/-/record/{SALE}?none_on=2026-03-03"),
        ("2026-03-04", f"/-/record/{SALE}/v/1?on=2026-03-04"),
        ("2026-12-31", f"/-/record/{SALE}/v/2?on=2026-12-31"),
    ],
)
def test_as_of_a_day_leads_to_the_version_in_force_then(reader: Any, day: str, place: str) -> None:
    """The day ends at midnight of the archive's time zone."""
    assert place == reader.get(f"/-/record/{SALE}?as_of={day}").headers["location"]


def test_a_day_that_does_not_exist_is_no_server_error(reader: Any) -> None:
    """The 30th of February has no page."""
    assert 404 == reader.get(f"/-/record/{SALE}?as_of=2026-02-30").status_code


@pytest.mark.parametrize("path", ["/-/record/999", f"/-/record/{SALE}/v/9", "/-/record/18/diff/1/9", "/-/records/nope"])
def test_what_does_not_exist_has_a_plain_page(reader: Any, path: str) -> None:
    """No stack trace, no programmer's words."""
    answer = reader.get(path)
    assert (404, True) == (answer.status_code, "没有这个页面" in answer.text)


@pytest.mark.parametrize("path", ["/room", "/room/complaint/58", "/room/sterile_device_sales_record__items/18,1"])
def test_core_addresses_lead_to_our_pages(reader: Any, path: str) -> None:
    """Datasette's database and row pages redirect; a line item leads to its record."""
    answer = reader.get(path)
    assert 302 == answer.status_code
    assert answer.headers["location"] in {"/", "/-/record/58", "/-/record/18"}


def test_the_table_page_searches_chinese(reader: Any, source: Any) -> None:
    """Datasette's own `?_search=` goes through our rewriting: two characters find, operators do not break."""
    found = reader.get("/room/sterile_device_sales_record?_search=导尿")
    contents = [facts.shown.fields for facts in source.records.values() if facts.type.startswith("sterile")]
    wanted = sum("导尿" in str(content) for content in contents)
    assert wanted > 1
    assert f"{wanted} 条" in plain(found)
    assert 'value="导尿"' in found.text
    for typed in ('"', "a OR", "*", "NEAR(", "胰" * 5000):
        assert 200 == reader.get(f"/room/sterile_device_sales_record?_search={typed}").status_code


def test_due_lists_what_is_late(reader: Any) -> None:
    """Expiring licences, waiting versions and records kept long enough, each with its record."""
    page = plain(reader.get("/-/due"))
    assert "2026-10-31 许可证有效期至 12320500466948372X 苏州市立医院" in page
    assert "第 3 版待签核" in page
    assert "XS-2026-00007" in page


def test_checkpoints_can_be_copied(reader: Any, source: Any) -> None:
    """The whole text of the newest checkpoint stands on the page."""
    assert source.heads[-1].note in reader.get("/-/checkpoints").text


def test_checkpoints_come_twenty_to_a_page(open_room: Any, source: Any) -> None:
    """The newest first; one link leads to the older ones, another back; no address is a server error."""
    for number in range(41 - len(source.heads)):
        source.fall_due(BUYER, f"licence {number}", "2026-10-31", "许可证有效期至", "Licence valid until")
        source.checkpoint()
    reader = open_room(source)
    sizes, path = [], "/-/checkpoints"
    while path:
        page = reader.get(path).text
        sizes.append([int(size) for size in re.findall(r"<strong>覆盖 ([\d,]+) 条", page)])
        path = "".join(re.findall(r'rel="next" href="([^"]+)"', page))
    assert [20, 20, 1] == [len(found) for found in sizes]
    assert sorted((head.size for head in source.heads), reverse=True) == [size for found in sizes for size in found]
    assert "回到最新" in page
    assert 200 == reader.get(f"/-/checkpoints?before={'9' * 40}").status_code


def test_readers_see_what_they_read(reader: Any) -> None:
    """The own history names pages and records, and says that the chain is whole."""
    reader.get(f"/-/record/{SALE}")
    page = plain(reader.get("/-/access"))
    assert "/-/record/18 18" in page
    assert "哈希链完整" in page


VERIFICATIONS: list[tuple[dict[str, Any], str]] = [
    ({"ok": True, "size": 999, "at": "2026-11-21T08:00:00.000000Z"}, "完整性已验证：3 个版本、4 个签核"),
    ({"ok": True, "size": 20, "at": "2026-11-21T08:00:00.000000Z"}, "上次验证之后有变动"),
    (
        {"ok": False, "size": 99, "at": "2026-11-21T08:00:00.000000Z", "count": 1,
         "problems": [{"record": SALE, "what": "叶哈希不符", "what_en": "leaf hash differs"}]},
        "验证失败：本记录与账本不一致",
    ),
    (
        {"ok": False, "size": 99, "at": "2026-11-21T08:00:00.000000Z", "count": 1,
         "problems": [{"record": None, "what": "根不符", "what_en": "root differs"}]},
        "验证失败：账本本身不一致",
    ),
    (
        {"ok": False, "size": 99, "at": "2026-11-21T08:00:00.000000Z", "count": 1,
         "problems": [{"record": 7, "what": "x", "what_en": "x"}]},
        "本记录未发现问题；其他记录有 1 处问题",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("result", "words"), VERIFICATIONS)
def test_the_banner_says_what_was_proven(reader: Any, tmp_path: Path, result: dict[str, Any], words: str) -> None:
    """Good, outdated, broken here, broken below, broken elsewhere: each in its own words."""
    record_verification(tmp_path / "room" / "full.db", result)
    assert words in plain(reader.get(f"/-/record/{SALE}"))


def test_without_a_verification_nothing_is_claimed(reader: Any) -> None:
    """The banner never says more than was checked."""
    page = plain(reader.get(f"/-/record/{SALE}"))
    assert "尚未验证" in page
    assert "完整性已验证" not in page


@pytest.mark.parametrize(
    ("asked", "cookie", "accepts", "word"),
    [
        ("", "", "en-GB,en;q=0.9", "Reading room"),
        ("", "", "zh-CN,zh;q=0.9,en;q=0.8", "阅览室"),
        ("", "", "fr, en;q=0.3, zh;q=0.8", "阅览室"),
        ("", "", "", "阅览室"),
        ("", "en", "zh", "Reading room"),
        ("?lang=zh", "en", "en", "阅览室"),
        ("?lang=en", "", "zh", "Reading room"),
        ("?lang=xx", "", "en;q=oops, zh;q=0", "阅览室"),
    ],
)
def test_the_language_is_asked_kept_or_guessed(reader: Any, asked: str, cookie: str, accepts: str, word: str) -> None:
    """The address wins over the cookie, the cookie over the browser, Chinese over nothing."""
    reader.cookies["archive_lang"] = cookie
    answer = reader.get(f"/{asked}", headers={"accept-language": accepts})
    assert f"<small>{word}</small>" in answer.text
    assert (asked in {"?lang=zh", "?lang=en"}) == ("archive_lang" in answer.headers.get("set-cookie", ""))


CHINESE = re.compile(r"[\u4e00-\u9fff]")
EVERY_PAGE = (
    "/-/due", "/-/checkpoints", "/-/access", "/-/logout", "/-/records?q=x", "/-/nope", "/-/people", "/-/login",
)  # fmt: skip


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_english_pages_are_english(open_room: Any, bare: Any, path: str) -> None:
    """In an archive whose records are in English no Chinese word is left on an English page."""
    page = plain(open_room(bare, language="en").get(path))
    assert "中文" in page or path == "/-/login"
    assert [] == CHINESE.findall(page.replace("中文", "").replace("李娜", ""))


def test_every_word_in_the_templates_is_in_the_catalogue() -> None:
    """A word that a template asks for exists, so no page can fail for want of one."""
    known = load_catalogue().texts
    templates = (path.read_text(encoding="utf-8") for path in (config_folder() / "templates").glob("*.html"))
    asked = {word for text in templates for word in re.findall(r'\bt\("([a-z0-9_]+)"[,)]', text)}
    assert set() == asked - set(known)
    assert len(asked) > 100


def test_every_text_takes_the_same_values_in_both_languages() -> None:
    """The gaps to fill are the same in zh and en."""
    gaps = {key: [set(re.findall(r"{(\w+)}", text)) for text in texts] for key, texts in load_catalogue().texts.items()}
    assert {} == {key: found for key, found in gaps.items() if found[0] != found[1]}


def test_a_rebuilt_room_is_served_without_a_restart(reader: Any, source: Any, build: Any) -> None:
    """Another file in the same place is opened at the next request."""
    number = source.capture(
        "complaint", {"complaint_no": "TS-9", "subject": "新投诉", "severity": "low", "account": "x"}
    )
    assert 404 == reader.get(f"/-/record/{number}").status_code
    build(source)
    assert "新投诉" in reader.get(f"/-/record/{number}").text


def test_an_attachment_is_handed_out_byte_for_byte(open_room: Any, source: Any, tmp_path: Path) -> None:
    """It comes as a download under its own name, whatever its type."""
    (tmp_path / "scan").write_bytes(b"scan")
    reader = open_room(source, file=lambda _sha256: tmp_path / "scan")
    link = re.search(r'href="(/-/record/7/file/[0-9a-f]{64})"', reader.get("/-/record/7").text)
    answer = reader.get(link[1] if link else "")
    assert b"scan" == answer.content
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E8%B4%B5")
    assert "application/octet-stream" == answer.headers["content-type"]


def test_a_damaged_attachment_is_not_handed_out(open_room: Any, source: Any, tmp_path: Path) -> None:
    """Bytes that are not those captured stay where they are, and the page says whom to tell."""
    (tmp_path / "scan").write_bytes(b"other")
    reader = open_room(source, file=lambda _sha256: tmp_path / "scan")
    link = re.search(r'href="(/-/record/7/file/[0-9a-f]{64})"', reader.get("/-/record/7").text)
    answer = reader.get(link[1] if link else "")
    assert (410, True) == (answer.status_code, "附件与登记时不一致" in answer.text)


def test_a_file_of_another_record_is_not_found(open_room: Any, source: Any, tmp_path: Path) -> None:
    """A digest alone opens nothing: the record must name it."""
    (tmp_path / "scan").write_bytes(b"scan")
    reader = open_room(source, file=lambda _sha256: tmp_path / "scan")
    assert 404 == reader.get(f"/-/record/{SALE}/file/{'0' * 64}").status_code


def test_a_list_as_of_a_day_shows_the_versions_in_force_then(reader: Any) -> None:
    """Under yesterday's date the old version is listed, and leads to itself."""
    answer = reader.get("/-/records/sterile_device_sales_record?as_of=2026-03-04")
    assert 'href="/-/record/18/v/1?on=2026-03-04"' in answer.text
    assert "/-/record/19/v/1?on=" in answer.text
    assert "2026-03-04 当日结束时的现行版本" in plain(answer)
    assert "当日没有现行版本" in plain(reader.get("/-/records/complaint?as_of=2020-01-01"))
    assert 404 == reader.get("/-/records/complaint?as_of=2026-02-30").status_code


def test_an_alarm_stands_on_every_page(open_room: Any, source: Any) -> None:
    """What is wrong with the archive is said above everything else, and only to those inside."""
    reader = open_room(source, follow=lambda: "the journal contradicts the ledger")
    for path in ("/", f"/-/record/{SALE}", "/-/records", "/nope"):
        assert "档案报警： the journal contradicts the ledger" in plain(reader.get(path))
    reader.post("/-/logout")
    assert "contradicts" not in reader.get("/-/login").text


def test_what_records_say_is_never_markup(open_room: Any, bare: Any) -> None:
    """Tags in keys, titles, texts and reasons are shown as text, on every page and in every snippet."""
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    number = bare.capture(
        "complaint", {"complaint_no": evil, "subject": evil, "severity": "low", "account": f"{evil} glove"}
    )
    bare.amend(number, reason=evil, account=f"{evil} gloves")
    reader = open_room(bare)
    paths = [
        "/",
        f"/-/record/{number}",
        f"/-/record/{number}/diff/1/2",
        "/-/records?q=glove",
        "/room/complaint",
        "/-/due",
    ]
    for path in [*paths, f"/-/records?q={evil}", f"/room/complaint?_search={evil}"]:
        text = reader.get(path).text
        assert "<script>alert" not in text
        assert "<img" not in text
