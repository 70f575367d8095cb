"""The words that reviews, addresses and coupons are made of. `{part}` is a part of the product in question."""

TITLES = {
    5: ("Exactly what I wanted", "Love it", "Worth every cent", "Better than expected", "My new favourite"),
    4: ("Very good", "Nearly perfect", "Happy with it", "Good buy", "Does what it should"),
    3: ("All right", "Mixed feelings", "Fine for the price", "Neither good nor bad", "Could be better"),
    2: ("Not convinced", "Disappointing", "Expected more", "Would not buy it again", "So-so at best"),
    1: ("Sent it back", "Never again", "Very poor", "Waste of money", "Broken within weeks"),
}

SENTENCES = {
    5: (
        "The {part} could not be nicer.", "I use it every day and the {part} still looks new.",
        "My mother wanted one too when she saw the {part}.", "You notice the care that went into the {part}.",
        "The colour is just like in the picture.", "It came well packed and a day early.",
    ),
    4: (
        "The {part} is good, though I would have liked a little more choice.", "The {part} does its work without fuss.",
        "It took a week to get used to the {part}.", "A good present for somebody who has everything.",
        "Delivery was quick.", "One star less because the manual is hard to read.",
    ),
    3: (
        "The {part} is fine, nothing special.", "I had hoped for a better {part} at this price.",
        "The {part} looks different from the picture.", "It does the job.", "The size is a little off.",
    ),
    2: (
        "The {part} looks cheap.", "After a month the {part} shows marks.", "I do not trust the {part}.",
        "The parcel came late and dented.", "The colour is not what I ordered.",
    ),
    1: (
        "The {part} came off on the second day.", "The {part} was damaged when I opened the parcel.",
        "I asked about the {part} twice and got no answer.", "It smells, even after a week on the balcony.",
    ),
}  # fmt: skip

DESCRIPTIONS = (
    "Made by people who use it themselves. The {part} is worked by hand and the rest is kept as simple as it can be.",
    "A quiet classic. We asked for a better {part}, and got one that lasts for years.",
    "Small workshop, short ways: the {part} comes from next door, and that shows.",
    "For every day and for the days that are not. The {part} is the part that people write to us about.",
)

STREETS = (
    "Alder Lane", "Bridge Street", "Canal Walk", "Dyer's Yard", "East Quay", "Foundry Road", "Garden Row",
    "Harbour View", "Ivy Terrace", "Juniper Close", "King's Mews", "Linden Avenue", "Market Hill", "North Parade",
    "Orchard Way", "Priory Lane", "Quarry Road", "River Bank", "Station Road", "Tanner Street",
)  # fmt: skip

CITIES = (
    "Galway", "Cork", "Limerick", "Waterford", "Sligo", "Kilkenny", "Athlone", "Tralee", "Dundalk", "Ennis", "Westport",
    "Wexford",
)  # fmt: skip

COUPON_WORDS = (
    "AUTUMN", "BREEZE", "COSY", "DAYLIGHT", "EASTER", "FIREPLACE", "GARDEN", "HEARTH", "INDOORS", "JOLLY", "KITCHEN",
    "LINEN", "MAYDAY", "NEWHOME", "ORCHARD", "PICNIC", "SPRING", "TEATIME", "WARM", "WINTER",
)  # fmt: skip

NOTES = (
    "Customer asked for delivery after 5 pm.", "Gift, no invoice in the parcel.", "Address checked by phone.",
    "Second parcel follows.", "Regular customer, please pack with care.",
)  # fmt: skip
