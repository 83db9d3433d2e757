import json
from pathlib import Path
from typing import Any

import pytest

from archive_core.errors import CheckpointMalformed
from archive_core.merkle.checkpoint import MAX_SIZE, Checkpoint, parse_checkpoint
from archive_core.merkle.hashing import EMPTY_ROOT

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors/merkle/notes.json").read_text(encoding="utf-8")
)
SOFA: str = VECTORS["sofa"]
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def test_the_published_checkpoint_is_read_and_written() -> None:
    """The example of the specification comes apart into its three facts and together again."""
    checkpoint = parse_checkpoint(SOFA)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert checkpoint.format() == SOFA


def test_an_empty_tree_has_a_checkpoint() -> None:
    """Size zero is spelt 0."""
    text = "公司/档案\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    assert Checkpoint("公司/档案", 0, EMPTY_ROOT) == parse_checkpoint(text)
    assert text == Checkpoint("公司/档案", 0, EMPTY_ROOT).format()


@pytest.mark.parametrize(
    "size", ["01", "+1", "-1", "1_0", "１０", "1０", "1٣", "٣", "1.0", "1e3", "0x10", " 1", "1 ", "", "00"]
)
def test_only_shortest_ascii_decimals_are_sizes(size: str) -> None:
    """Python's leniency about integers is not the format's."""
    with pytest.raises(CheckpointMalformed, match="is not a decimal number"):
        parse_checkpoint(f"origin\n{size}\n{ROOT}\n")


@pytest.mark.parametrize("size", [str(MAX_SIZE + 1), "9" * 19, "9" * 20, "9" * 5_000])
def test_absurd_sizes_are_refused(size: str) -> None:
    """A size beyond 2**63 - 1 is refused in the same way, however long its text."""
    with pytest.raises(CheckpointMalformed):
        parse_checkpoint(f"origin\n{size}\n{ROOT}\n")


@pytest.mark.parametrize(
    "root",
    [
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=",  # spare bits set
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I",  # no padding
        "CsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=",  # the alphabet of URLs
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==",  # 31 bytes
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2Ji",  # 33 bytes
        " CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\r",
        "ＣsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        "",
    ],
)
def test_only_canonical_base64_of_32_bytes_is_a_root(root: str) -> None:
    """A root has one spelling and one length."""
    with pytest.raises(CheckpointMalformed, match="the root is"):
        parse_checkpoint(f"origin\n1\n{root}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        SOFA[:-1],
        SOFA + "\n",
        SOFA + "extension\n",
        SOFA + "extension",
        "\n" + SOFA,
        SOFA.replace("\n", "\r\n"),
        SOFA.replace("\n", "\u2028"),
        f"two\nlines\n1\n{ROOT}\n",
        f"\n1\n{ROOT}\n",
        f"tab\there\n1\n{ROOT}\n",
        f"\ud800\n1\n{ROOT}\n",
    ],
)
def test_other_shapes_are_refused(text: str) -> None:
    """Missing, additional or mended lines and control characters make no checkpoint."""
    with pytest.raises(CheckpointMalformed):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 1, EMPTY_ROOT), ("a\nb", 1, EMPTY_ROOT), ("a", -1, EMPTY_ROOT), ("a", MAX_SIZE + 1, EMPTY_ROOT)]
    + [("a", 1, bytes(length)) for length in (0, 31, 33)],
)
def test_no_checkpoint_can_be_made_that_could_not_be_read(origin: str, size: int, root: bytes) -> None:
    """What parsing refuses cannot be formatted in the first place."""
    with pytest.raises(CheckpointMalformed):
        Checkpoint(origin, size, root)
