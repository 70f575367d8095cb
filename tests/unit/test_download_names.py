"""Names that sites suggest for files are made safe."""

import pytest

from plan_and_act.browser._downloads import safe_name, size_text


@pytest.mark.parametrize(
    ("suggested", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("Bericht März 2026.pdf", "Bericht März 2026.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/abs/olute", "olute"),
        (".bashrc", "bashrc"),
        ("..", "download"),
        ("", "download"),
        ("a\x00b\nc.txt", "a_b_c.txt"),
        ("con.txt", "download_con.txt"),
        ("exe\u202efdp.txt", "exe_fdp.txt"),
        ("x" * 300 + ".tar", "x" * 116 + ".tar"),
        ("x" * 300, "x" * 120),
    ],
)
def test_safe_names(suggested: str, name: str) -> None:
    assert safe_name(suggested) == name


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (999, "999 bytes"), (12_345, "12 kB"), (2_000_000, "2.0 MB")]
)
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text
