"""Text as pages have it, made fit for what it goes into."""


def whole(text: str) -> str:
    """A text without halves of characters: JavaScript can cut one in two, and no model, file or state takes that."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
