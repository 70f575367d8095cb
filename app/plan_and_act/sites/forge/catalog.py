"""What projects the site can host: name, description, language, topics, and the parts their issues are about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concept:
    """An idea for a project, from which a seed makes one with history."""

    name: str
    description: str
    language: str
    topics: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The name as it stands in addresses."""
        return self.name.lower().replace(" ", "-")


def _concept(name: str, description: str, language: str, topics: str, parts: str) -> Concept:
    return Concept(name, description, language, tuple(topics.split()), tuple(parts.split(", ")))


CONCEPTS = (
    _concept("Harbor Lantern", "Status pages for small services, without a database", "Go", "monitoring status-page",
             "probe scheduler, incident page, webhook sender, badge renderer, config loader"),
    _concept("Tidepool", "Stream processing for sensor data on a single machine", "Rust", "streaming sensors",
             "window operator, serial reader, snapshot store, replay tool, back-pressure gauge"),
    _concept("Paper Lark", "Typeset letters and invoices from plain text", "Python", "typesetting pdf",
             "page breaker, font loader, table layout, letterhead, number format"),
    _concept("Quiet Ledger", "Double-entry bookkeeping in your terminal", "Rust", "accounting terminal",
             "import wizard, balance report, currency table, journal parser, undo history"),
    _concept("Fernweh", "Offline maps for long walks", "Kotlin", "maps offline hiking",
             "tile cache, elevation profile, route planner, compass view, track export"),
    _concept("Mosaic Grid", "A layout engine for dense dashboards", "TypeScript", "layout dashboard",
             "drag handle, column solver, resize observer, print view, keyboard mode"),
    _concept("Saltbox", "Encrypted backups to any object store", "Go", "backup encryption",
             "chunk store, key prompt, restore command, prune job, bandwidth limit"),
    _concept("Kestrel Query", "Ask CSV files questions in SQL", "C++", "sql csv",
             "type sniffer, join planner, date functions, result pager, memory map"),
    _concept("Loomwork", "Visual diffs for database schemas", "TypeScript", "database diff",
             "schema reader, diff view, migration writer, foreign-key graph, colour theme"),
    _concept("Night Heron", "A headless music player for tiny computers", "C", "audio embedded",
             "decoder, playlist, mixer, remote control, gapless playback"),
    _concept("Pebble Auth", "Passkey sign-in for self-hosted apps", "Go", "security passkeys",
             "device list, recovery code, session cookie, admin console, audit trail"),
    _concept("Cinder Queue", "A durable job queue in one file", "Rust", "queue jobs",
             "retry policy, lease timer, dead-letter view, worker pool, compaction"),
    _concept("Orchard CMS", "Content editing for museums and archives", "PHP", "cms archives",
             "image picker, revision list, translation form, search index, loan record"),
    _concept("Wayfinder", "Accessibility checks for indoor maps", "Python", "accessibility maps",
             "ramp detector, floor switcher, report writer, door model, rule set"),
    _concept("Thimble", "An editor for embroidery patterns", "TypeScript", "crafts editor",
             "stitch preview, thread palette, hoop size, file export, zoom tool"),
    _concept("Copper Wire", "Test doubles for HTTP APIs", "Python", "testing http",
             "recorder, request matcher, fault injector, proxy mode, fixture format"),
    _concept("Meadow ML", "Small models that know bird song", "Python", "machine-learning audio",
             "spectrogram, training loop, label browser, microphone input, model card"),
    _concept("Drift Notes", "Shared notes that merge without conflict", "TypeScript", "notes crdt",
             "merge engine, attachment list, presence dots, full-text search, outline view"),
    _concept("Anchor Chain", "Reproducible environments for small teams", "Shell", "environments tooling",
             "lock file, shell hook, mirror list, garbage collector, doctor command"),
    _concept("Lumen Plot", "Charts that read well in print", "Python", "charts visualisation",
             "legend, axis ticks, colour map, svg writer, annotation"),
    _concept("Brass Monkey", "Fuzz testing for JSON APIs", "Rust", "fuzzing testing",
             "shrinker, grammar, crash report, seed corpus, rate control"),
    _concept("Sparrow Mail", "Mailing lists for small clubs", "Ruby", "mail lists",
             "digest, bounce handler, member import, archive page, unsubscribe link"),
    _concept("Granite Log", "Searchable logs on cheap storage", "Go", "logging search",
             "index writer, query parser, tail view, retention rule, shipper"),
    _concept("Velvet Rope", "Rate limiting for gateways", "C++", "gateway rate-limit",
             "token bucket, rule editor, cluster sync, metrics page, burst mode"),
    _concept("Inkwell", "A screenplay editor with version history", "Swift", "writing editor",
             "scene list, dialogue mode, version slider, pdf export, character sheet"),
    _concept("Turnstile Zero", "Event tickets without accounts", "Elixir", "tickets events",
             "ticket scanner, waiting list, refund form, seat map, door list"),
    _concept("Puddle Jumper", "Timetable search for regional trains", "Java", "transport search",
             "connection search, delay feed, station picker, fare table, trip view"),
    _concept("Hollow Reed", "A synthesiser toolkit for the browser", "TypeScript", "audio synthesis",
             "oscillator, patch editor, midi input, reverb, preset browser"),
    _concept("Bracken", "A static site generator for field guides", "Ruby", "static-site nature",
             "species page, photo gallery, key builder, link checker, theme"),
    _concept("Sundial Sync", "Calendar syncing for shared houses", "Kotlin", "calendar sync",
             "recurrence rule, time-zone table, conflict dialog, invite parser, widget"),
)  # fmt: skip

OWNERS = (
    ("tidewater", "Tidewater", "Tools for people who work near the sea"),
    ("brightloom", "Brightloom", "Weaving data into things people can read"),
    ("quarryworks", "Quarryworks", "Solid infrastructure, cut to size"),
    ("papercrane", "Paper Crane", "Software for print, writing and archives"),
    ("northgate-labs", "Northgate Labs", "Applied research in the open"),
    ("saltmarsh", "Saltmarsh", "A co-operative of independent maintainers"),
    ("lanternhouse", "Lanternhouse", "Self-hosted software for small groups"),
    ("copperfield", "Copperfield", "Testing and delivery tools"),
    ("wildmeadow", "Wild Meadow", "Code for naturalists and walkers"),
)

LICENSES = ("MIT", "Apache-2.0", "BSD-3-Clause", "MPL-2.0", "GPL-3.0")

SOURCES = {
    "Go": ("go", "//"),
    "Rust": ("rs", "//"),
    "Python": ("py", "#"),
    "Kotlin": ("kt", "//"),
    "TypeScript": ("ts", "//"),
    "C++": ("cpp", "//"),
    "C": ("c", "//"),
    "PHP": ("php", "//"),
    "Shell": ("sh", "#"),
    "Ruby": ("rb", "#"),
    "Swift": ("swift", "//"),
    "Elixir": ("ex", "#"),
    "Java": ("java", "//"),
}
"""Language -> suffix of its source files, and how a comment starts."""
