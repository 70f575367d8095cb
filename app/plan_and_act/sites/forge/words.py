"""The words that people, issues, comments and commits are made of. `{part}` is a part of the project in question."""

FIRST_NAMES = (
    "Adaeze", "Aisling", "Amara", "Anders", "Anouk", "Arjun", "Beatriz", "Bram", "Camille", "Cheng", "Dalia", "Daniel",
    "Dmitri", "Elif", "Elena", "Emeka", "Esther", "Farah", "Felix", "Freya", "Gabriel", "Giulia", "Hanna", "Haruki",
    "Hugo", "Ines", "Ingrid", "Isaac", "Jamal", "Jasmin", "Joanna", "Jonas", "Kaito", "Karim", "Katarzyna", "Kwame",
    "Lars", "Leila", "Linh", "Lucia", "Magnus", "Malik", "Mariam", "Mateo", "Mei", "Mira", "Nadia", "Nikolai", "Noor",
    "Oisin", "Oksana", "Olivia", "Omar", "Paolo", "Pilar", "Priya", "Rafael", "Rosa", "Ruben", "Sanna", "Santiago",
    "Selma", "Soraya", "Stefan", "Tamara", "Tariq", "Theo", "Tomasz", "Ursula", "Viktor", "Wanjiru", "Wren", "Yara",
    "Yusuf", "Zofia", "Zoe",
)  # fmt: skip

LAST_NAMES = (
    "Abara", "Achterberg", "Adeyemi", "Albers", "Almeida", "Aslan", "Bakker", "Barreto", "Bianchi", "Blackwood",
    "Boateng", "Brandt", "Castillo", "Chaudhry", "Dahl", "Demir", "Devlin", "Diallo", "Dubois", "Eklund", "Farrell",
    "Ferrari", "Fontaine", "Garrido", "Grimaldi", "Haddad", "Halvorsen", "Hartmann", "Ibrahim", "Ishikawa", "Jansen",
    "Kamau", "Kapoor", "Keller", "Kowalski", "Kruger", "Laurent", "Lindqvist", "Lombardi", "Maguire", "Marchetti",
    "Mbeki", "Mendes", "Moreau", "Murray", "Nakagawa", "Navarro", "Nguyen", "Novak", "Obi", "Okafor", "Olsen",
    "Ortega", "Osman", "Pereira", "Petrov", "Quinn", "Rahman", "Ribeiro", "Rossi", "Sandoval", "Santos", "Schreiber",
    "Serrano", "Sharma", "Sorensen", "Takeda", "Tanaka", "Tran", "Ulrich", "Varga", "Vasquez", "Wagner", "Weiss",
    "Yilmaz", "Zhang", "Zielinski",
)  # fmt: skip

TRADES = (
    "Backend engineer", "Systems programmer", "Technical writer", "Accessibility specialist", "Data engineer",
    "Release manager", "Front-end developer", "Site reliability engineer", "Security researcher", "Student",
    "Embedded developer", "Designer who codes", "Database administrator", "Maintainer", "Freelance developer",
)  # fmt: skip

LIKES = (
    "small tools and long walks", "clear error messages", "old synthesizers", "fast tests", "maps of all kinds",
    "boring technology", "good documentation", "sourdough and static types", "bird watching", "cycling to work",
    "queues, logs and other plumbing", "typography", "choir singing", "retro computers", "community gardens",
)  # fmt: skip

PLACES = (
    "Bergen", "Lisbon", "Nairobi", "Kyoto", "Montreal", "Valparaiso", "Gdansk", "Accra", "Utrecht", "Porto", "Tunis",
    "Galway", "Malmo", "Trieste", "Hanoi", "Wellington", "Izmir", "Lyon", "Pune", "Tallinn",
)  # fmt: skip

COMPANIES = (
    "Fjordline Software", "Blue Heron Systems", "Studio Kanaal", "Copperleaf", "Open Tide Foundation", "Halfmoon",
    "Greyfield University", "Lighthouse Co-op", "",
)  # fmt: skip

LABELS = (
    "accessibility", "blocked", "bug", "documentation", "feature", "good first issue", "help wanted", "performance",
    "question", "regression", "security",
)  # fmt: skip

MORE_LABELS = {"help wanted": 0.3, "regression": 0.15, "blocked": 0.12}
"""Labels beside what an issue is about, and the share of issues that have them."""

GOALS = (
    ("Accessible for everybody", "Every part can be used with a keyboard and a screen reader."),
    ("Documentation sprint", "A page for every part, with an example that runs."),
    ("Faster start", "No part takes longer than a second to start."),
    ("Clean-up week", "What nobody uses any more goes."),
    ("Road to stable", "What has to be settled before the file formats are frozen."),
    ("Summer of small fixes", "Everything that takes less than an hour."),
)

ASKS = (
    "could you have a look at this?", "is this the same as what you saw last month?",
    "do you still have the device to try it?", "what do you think, keep or drop?",
    "you wrote the first version, do you remember why?", "can this wait until the next release?",
)  # fmt: skip

ISSUES = (
    ("bug", "Crash when the {part} is empty",
     "Opening it with nothing in it ends the program with an error.\n\n- start with a new profile\n- open the "
     "{part}\n\nI expected an empty state and a hint."),
    ("bug", "The {part} forgets its settings after an update",
     "Since the last release my settings are gone after every update. The file is still there, it is just not "
     "read."),
    ("bug", "Wrong order in the {part} for names with accents",
     "Names such as *Ágnes* and *Öberg* come after *Z*. Sorting should follow the language of the user."),
    ("bug", "The {part} shows yesterday's date around midnight",
     "Between midnight and two in the morning the {part} is a day behind. I am at UTC+2, so this looks like a "
     "time-zone mix-up."),
    ("bug", "Memory grows while the {part} is open",
     "After a day of use the process needs 1.4 GB. Closing the {part} gives nothing back."),
    ("bug", "The {part} ignores the proxy settings",
     "`HTTPS_PROXY` is set and everything else respects it. The {part} still connects directly and times out."),
    ("bug", "Long titles break the layout of the {part}",
     "A title with more than 80 characters pushes the buttons out of sight. Wrapping would be enough."),
    ("bug", "Undo after using the {part} restores the wrong state",
     "Undo goes back two steps where it should go back one. Redo then loses the change completely."),
    ("bug", "The {part} fails on file names with spaces",
     "`my file.txt` becomes `my` and the rest is dropped. Quoting does not help."),
    ("feature", "Let the {part} be scripted",
     "A command line switch that runs the {part} without asking would let us use it from our nightly job."),
    ("feature", "Dark theme for the {part}",
     "Everything follows the system theme by now, only the {part} stays bright."),
    ("feature", "Export from the {part} as CSV",
     "Our treasurer lives in spreadsheets. A plain CSV with a header row is all we need."),
    ("feature", "Remember the last position in the {part}",
     "When I come back I would like to be where I left off. A line in the state file is enough."),
    ("feature", "Support two instances of the {part} side by side",
     "We compare last year with this year and switch back and forth all the time."),
    ("feature", "Keyboard shortcuts for the {part}",
     "Suggested: `n` for new, `/` for search, `?` for the list of shortcuts."),
    ("feature", "Show progress while the {part} is working",
     "On large data it takes a minute and looks frozen. A bar or a count would help."),
    ("performance", "The {part} takes 12 seconds to start",
     "With 40,000 entries the first start takes 12 seconds, later ones 4. A profile shows most time in parsing."),
    ("performance", "Too many small reads in the {part}",
     "A trace shows 18,000 reads of 4 kB each. Reading in larger blocks makes it six times faster here."),
    ("documentation", "Explain how the {part} is configured",
     "The manual has one sentence on it. I found the options in the source; they deserve a table."),
    ("documentation", "The example for the {part} does not run",
     "The example still uses the old names. With the new ones it works, I can send a fix."),
    ("documentation", "Translate the guide for the {part} into Portuguese",
     "I have translated the first half and would like to know where it should live."),
    ("question", "How does the {part} decide what to skip?",
     "Some entries are left out and I cannot find the rule. Is it written down somewhere?"),
    ("question", "Is the {part} safe to use on a network drive?",
     "We keep everything on a shared drive. Are there known problems with locking?"),
    ("question", "Which version of the {part} works on 32-bit systems?",
     "Our device is old and will stay for some years. Which release should we use?"),
    ("security", "The {part} writes tokens to the log",
     "With verbose logging on, access tokens appear in clear in the log file. They should be masked."),
    ("security", "Check signatures in the {part} before use",
     "Downloads are used before their signature has been checked. The order should be the other way round."),
    ("accessibility", "The {part} cannot be used with a screen reader",
     "Buttons are announced as 'button, button, button'. They need names."),
    ("accessibility", "Contrast in the {part} is too low",
     "Grey on white at 2.9:1. At least 4.5:1 would meet the guidelines."),
    ("good first issue", "Rename the confusing option of the {part}",
     "`--no-skip` reads like a double negative. `--keep` would say what it does."),
    ("good first issue", "Add a test for the {part} with empty input",
     "The case works today and nothing makes sure that it stays that way."),
)  # fmt: skip

COMMENTS = (
    "I can confirm this on the latest release.",
    "Thanks for the report! Could you add the output of the doctor command?",
    "Same here. A workaround is to restart the {part} once after changing the settings.",
    "I looked into it: the {part} reads the value before it is set. A small change would do.",
    "We talked about this last week and would like to have it. Help is welcome.",
    "Not sure that this belongs in the {part}. Could it live in a plug-in?",
    "I have a branch that fixes the first half. I will open a merge request this weekend.",
    "This is fixed on the main branch and will be part of the next release.",
    "Please keep the old behaviour behind an option, our scripts depend on it.",
    "Measured again with the new build: much better, from 12 seconds to 3.",
    "Could somebody with a Windows machine try this?",
    "I have added a test that shows the problem.",
    "Good find. I have added it to the list for the next release.",
    "Closing this would make my day. What is missing?",
)

COMMITS = (
    "Fix the {part} for empty input", "Simplify the {part}", "Add tests for the {part}", "Document the {part}",
    "Speed up the {part}", "Rename options of the {part}", "Handle errors in the {part}",
    "Move the {part} to its own file",
    "Make the {part} configurable", "Remove an unused branch in the {part}", "Update the examples of the {part}",
    "Cache results of the {part}",
)  # fmt: skip

MERGES = (
    ("Rewrite the {part}",
     "Replaces the hand-written state machine with a table. Behaviour is the same, the tests pass unchanged."),
    ("Add a dry-run mode to the {part}",
     "Prints what would be done and touches nothing. Includes documentation."),
    ("Fix time zones in the {part}",
     "All times are kept in UTC and converted when they are shown."),
    ("Faster {part}",
     "Reads in blocks of 256 kB. Six times faster on the large sample."),
    ("Names for the buttons of the {part}",
     "Gives every control an accessible name and adds a test for it."),
    ("Drop support for the old {part} format",
     "Nobody has used it for two years. The converter stays available."),
)  # fmt: skip

OPEN_MERGES = (
    (
        "Cache what the {part} has read",
        "The second start takes a tenth of the first. The cache is dropped when a file has changed.",
    ),
    ("Let the {part} work without a network", "Falls back to what was fetched last and says how old it is."),
    ("Sort names in the {part} by language", "Uses the order of the user's language. Adds forty names as a test."),
    ("Wrap long titles in the {part}", "Titles with more than 80 characters go on in a second line."),
    ("Mask tokens that the {part} logs", "Everything that looks like a token is replaced by its last four characters."),
    ("Ask before the {part} overwrites a file", "A dialog with both dates and sizes. `--yes` answers it beforehand."),
)

REVIEWS = (
    "Looks good, one question about the names below.",
    "Works for me on the large sample.",
    "Could you add a line to the change log?",
    "The second commit could be a change of its own.",
    "I would like another pair of eyes on the error path.",
    "Nice, this is shorter than what we had.",
)

CHECKS = ("lint", "build", "unit tests", "browser tests", "package")

TESTS = (
    "opens_an_empty_file", "keeps_the_order_of_accents", "survives_a_restart", "reads_old_settings",
    "closes_every_connection", "counts_each_entry_once", "wraps_long_titles", "stops_when_asked",
    "refuses_a_wrong_password", "prints_nothing_by_default",
)  # fmt: skip
