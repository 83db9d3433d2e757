from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_core.errors import BadByteInSource, EncodingUnclear
from archive_core.importing.encoding import BadByte, choose_encoding, detect_encoding, first_bad_byte, normal_name

CHINESE = """\
购药日期,商品名称,销售数量
2018-01-01,强力VC银翘片,6
2018-01-02,清热解毒口服液,1
中日友好医院,北京市朝阳区,三级甲等
"""
TRADITIONAL = (
    "購藥日期,商品名稱,銷售數量\n臺北榮民總醫院,臺北市北投區,醫學中心\n國立成功大學醫學院附設醫院,臺南市,醫學中心\n"
)
JAPANESE = "販売日,商品名,数量\n東京都立病院,うがい薬,ひとつ\n大阪市立病院,かぜ薬の錠剤,ふたつ\n"
KOREAN = "판매일,상품명,수량\n서울대학교병원,감기약 정제,하나\n부산대학교병원,소독약과 붕대,둘\n"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "utf-16"),
        (CHINESE, "gb18030"),
        (TRADITIONAL, "cp950"),
        (JAPANESE, "cp932"),
        (KOREAN, "cp949"),
    ],
)
def test_each_encoding_of_real_tables_is_found_with_confidence(tmp_path: Path, text: str, codec: str) -> None:
    """
    The encoding that wrote the file is detected and reads it back.
    """
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(codec))
    choice = detect_encoding(path)
    assert (codec, True) == (choice.codec, choice.confident)
    assert text == path.read_bytes().decode(choice.codec)


def test_lonely_accents_in_ascii_are_western_not_chinese(tmp_path: Path) -> None:
    """
    A few single foreign bytes between ASCII letters mean cp1252, though GB18030 would decode them too.
    """
    path = tmp_path / "table.csv"
    path.write_bytes(("name,city\n" + "Plain Hospital,Lyon\n" * 60 + "Hôpital Général,Orléans\n").encode("cp1252"))
    assert detect_encoding(path).codec == "cp1252"


def test_a_bad_byte_is_named_by_offset_line_and_column(tmp_path: Path) -> None:
    """
    The declared encoding's first illegal byte is told by its place in the whole file, even far behind the first block.
    """
    path = tmp_path / "table.csv"
    good = "编号,名称\n".encode() * 90_000
    path.write_bytes(good + "药品,".encode() + b"\xff\n")
    bad = BadByte(offset=len(good) + 7, line=90_001, column=4, byte=0xFF)
    assert bad == first_bad_byte(path, "utf-8")
    with pytest.raises(BadByteInSource) as caught:
        choose_encoding(path, "utf-8")
    assert (bad.offset, bad.line, bad.column) == (caught.value.offset, caught.value.line, caught.value.column)


def test_a_late_bad_byte_in_utf8_is_not_papered_over(tmp_path: Path) -> None:
    """
    One illegal byte at the end of a long UTF-8 file is never silently decoded as something else.
    """
    path = tmp_path / "table.csv"
    path.write_bytes(CHINESE.encode() * 300 + b"\x80\x80\n")
    with pytest.raises((BadByteInSource, EncodingUnclear)):
        choose_encoding(path)


def test_noise_is_shown_with_samples_instead_of_guessed(tmp_path: Path) -> None:
    """
    Bytes that several encodings decode without making sense stop with sample lines under each of them.
    """
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n" + bytes([0xE9, 0xE7, 0x41, 0xF1, 0x42, 0xD8, 0xA9]) + b"\n")
    with pytest.raises(EncodingUnclear) as caught:
        choose_encoding(path)
    assert len(caught.value.candidates) > 1
    assert all(sample for _, sample in caught.value.candidates)


@pytest.mark.parametrize(
    ("said", "used"), [("GBK", "gb18030"), ("Big5", "cp950"), ("shift_jis", "cp932"), ("latin-1", "cp1252")]
)
def test_declared_names_are_read_as_the_superset_real_files_need(said: str, used: str) -> None:
    """
    Old names stand for the wider encoding that programs actually wrote.
    """
    assert used == normal_name(said)


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=0, max_size=200))
def test_valid_utf8_has_no_bad_byte(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """
    Whatever Python encodes as UTF-8 passes the strict check.
    """
    path = tmp_path_factory.mktemp("utf8") / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    assert None is first_bad_byte(path, "utf-8")
