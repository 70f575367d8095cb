"""What a screenshot's bytes are: media type and size in pixels, read from the header."""

import struct
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Media type, and width and height in pixels."""

    media_type: str
    width: int
    height: int


def image_facts(data: bytes) -> ImageFacts | None:
    """Read the header of a PNG or JPEG (what Playwright takes); None when it is neither, or is cut off."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return ImageFacts("image/png", width, height)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    return None


def _jpeg(data: bytes) -> ImageFacts | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        # SOF0..SOF15 carry the size; C4, C8 and CC are tables that share the range.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return ImageFacts("image/jpeg", width, height)
        at += 2 + length
    return None
