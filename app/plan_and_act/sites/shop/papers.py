"""Files the shop hands out, as PDF: one page with lines of text."""

from collections.abc import Mapping, Sequence

from plan_and_act.sites.shop.model import Order
from plan_and_act.sites.shop.web import day, money


def invoice_pdf(order: Order, names: Mapping[str, str]) -> bytes:
    """The invoice of an order; `names` has the products' names by their slugs."""
    lines = [f"{line.quantity} x {names[line.product]}, {line.option}: {money(line.total)}" for line in order.lines]
    return _pdf(
        [
            f"Fennimore - Invoice for order {order.number}",
            f"Date: {day(order.placed)}",
            f"To: {order.address}",
            "",
            *lines,
            "",
            *([f"Coupon {order.coupon}: {money(-order.discount)}"] if order.coupon else []),
            f"{order.delivery}: {money(order.shipping)}",
            f"Total: {money(order.total)}",
            f"Payment: {order.payment}",
        ]
    )


def label_pdf(order: Order) -> bytes:
    """The label for a parcel that goes back."""
    return _pdf(
        ["RETURN", "", "Fennimore Returns, 4 Quayside Park, Athlone", "", f"Order {order.number}", order.address]
    )


def _pdf(lines: Sequence[str]) -> bytes:
    """A page of text. Fonts of PDF readers know the euro sign as byte 128."""
    shown = b" T* ".join(b"(" + _escaped(line) + b") Tj" for line in lines)
    content = b"BT /F 12 Tf 18 TL 60 780 Td " + shown + b" ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, entry in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, entry)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + head + table + tail


def _escaped(line: str) -> bytes:
    text = line.encode("cp1252", "replace")
    return text.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
