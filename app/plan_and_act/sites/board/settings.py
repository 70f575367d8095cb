"""What people can set: switches and choices, with what they are at first."""

SWITCHES: dict[str, dict[str, tuple[str, bool]]] = {
    "privacy": {
        "show_online": ("Show when I am online", True),
        "show_karma": ("Show my karma on my profile", True),
        "in_search_engines": ("Let search engines find my profile", False),
        "show_votes": ("Show others what I have voted for", False),
        "strangers_may_write": ("Take messages from people I do not follow", True),
    },
    "notifications": {
        "replies": ("Replies to my comments", True),
        "mentions": ("Mentions of my name", True),
        "upvotes": ("Votes on my threads", False),
        "followers": ("New followers", False),
        "community_news": ("News from my communities", True),
        "moderator_alerts": ("Reports waiting in communities I moderate", True),
    },
}
"""By tab: name -> (label, whether it is on at first)."""

DIGESTS = ("Every day", "Every week", "Every month", "Never")
LANDINGS = ("Home", "Popular", "Communities")
DEFAULTS: dict[str, str | bool] = {
    "about": "",
    "town": "Galway",
    "landing": "Home",
    "digest": "Every week",
    **{name: on for switches in SWITCHES.values() for name, (_, on) in switches.items()},
}
"""Every setting at first; `about` is the persona's own."""
