"""What communities the board can have, by topic: name, description, and the things their threads are about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concept:
    """An idea for a community, from which a seed makes one with threads."""

    topic: str
    name: str
    description: str
    things: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The name as it stands in addresses."""
        return self.name.lower().replace(" ", "-")


def _topic(topic: str, *communities: tuple[str, str, str]) -> tuple[Concept, ...]:
    return tuple(Concept(topic, name, text, tuple(things.split(", "))) for name, text, things in communities)


CONCEPTS = (
    *_topic("Gardening",
        ("Balcony Growers", "Vegetables and flowers where there is no garden.",
         "cherry tomatoes in pots, railing planters, self-watering boxes, windy corners, dwarf beans"),
        ("Compost Heap", "Everything that rots, and how to make it rot well.",
         "coffee grounds, worm bins, leaf mould, a smelly heap, bokashi buckets"),
        ("Rose Garden Talk", "Old roses, new roses, and what eats them.",
         "climbing roses, black spot, winter pruning, bare-root plants, rose hips"),
        ("Seed Savers Corner", "Keeping and swapping seeds from year to year.",
         "heirloom squash, seed drying, germination tests, paper envelopes, cross-pollination")),
    *_topic("Cooking",
        ("Sourdough Starters", "Flour, water, time, and sometimes bread.",
         "rye starters, cold proofing, a dense crumb, discard crackers, baking stones"),
        ("One Pot Suppers", "Dinner with one pot and no drama.",
         "lentil stew, cast-iron care, rice that sticks, freezer portions, smoked paprika"),
        ("Pickle Pantry", "Jars, brine and patience.",
         "fermented carrots, cloudy brine, airlock lids, half-sour cucumbers, red kraut"),
        ("Tea Table", "Leaves, water, temperature.",
         "green tea at home, clay teapots, hard water, cold brew, morning oolong")),
    *_topic("Books",
        ("Slow Readers", "One book a month, and all the time in the world.",
         "thousand-page novels, reading journals, poetry before bed, a stalled chapter, bookmarks"),
        ("Paper Crime Club", "Mysteries, from country houses to rainy harbours.",
         "locked rooms, unreliable narrators, island mysteries, radio dramas, the second suspect"),
        ("Library Lovers", "Branches, bookmobiles and interlibrary loans.",
         "late fees, reading rooms, story hours, bookmobiles, donated books"),
        ("Old Maps and Atlases", "Charts, legends and coastlines that moved.",
         "sea monsters, folded maps, map dealers, town plans, globe repair")),
    *_topic("Crafts",
        ("Knit and Purl", "Needles, yarn and unfinished sleeves.",
         "sock heels, wool blends, dropped stitches, colour charts, blocking shawls"),
        ("Bench and Chisel", "Woodwork by hand.",
         "dovetail joints, sharpening stones, green wood, glue-ups, workbench vices"),
        ("Kiln Friends", "Clay, glaze and cracked bowls.",
         "ash glaze, wheel throwing, kiln shelves, handle shapes, reclaimed clay"),
        ("Bookbinders Bench", "Folding, sewing and pressing paper.",
         "coptic stitch, marbled paper, linen thread, spine repair, bone folders")),
    *_topic("Outdoors",
        ("Long Distance Walkers", "For people who walk there and back.",
         "blister care, ultralight tents, hut bookings, trail mix, wet boots"),
        ("Wild Swimmers", "Lakes, rivers and cold toes.",
         "winter dips, river currents, dry robes, swim buoys, warm flasks"),
        ("Backyard Birding", "Whoever comes to the feeder.",
         "nest boxes, suet feeders, shy wrens, bird baths, dawn recordings"),
        ("Night Sky Watchers", "Looking up, wrapped in blankets.",
         "meteor showers, small telescopes, light pollution, star charts, moon haloes")),
    *_topic("Household",
        ("Fix It Yourself", "Repairs by people who are not afraid of screws.",
         "dripping taps, squeaky floors, blown fuses, stuck windows, loose hinges"),
        ("Tiny Flat Living", "A life in thirty square metres.",
         "fold-down desks, under-bed drawers, shared laundries, loft beds, drying racks"),
        ("Secondhand Finds", "Flea markets, attics and lucky kerbs.",
         "brass lamps, rattan chairs, enamel pots, haggling, hidden drawers"),
        ("Warm House Cold Bills", "Saving heat without freezing.",
         "draught strips, heavy curtains, heat pumps, attic insulation, thermostat schedules")),
    *_topic("Games",
        ("Cardboard Evenings", "Board games with people you like.",
         "two-player games, rulebooks, missing pieces, co-op campaigns, shelf space"),
        ("Chess for Mortals", "For those who lose a queen and laugh.",
         "rook endgames, the London opening, time trouble, blunder checks, park tables"),
        ("Puzzle Pieces", "Jigsaws, crosswords and stubbornness.",
         "two-thousand-piece skies, cryptic clues, sorting trays, wooden jigsaws, puzzle swaps"),
        ("Dice and Dragons", "Tales told at a table.",
         "first-time players, homemade maps, villain voices, short campaigns, rules lawyers")),
    *_topic("Music",
        ("Bedroom Guitarists", "Six strings and thin walls.",
         "barre chords, quiet practice, old strings, thumb picking, small amplifiers"),
        ("Choir Loft", "Singing together, in tune if possible.",
         "alto parts, warm-ups, sight-reading, echoing halls, sheet music"),
        ("Vinyl Basement", "Black discs and dusty sleeves.",
         "record cleaning, worn needles, belt drives, import pressings, shelf order"),
        ("Accordion Alley", "Bellows, buttons and dances.",
         "leaking bellows, left-hand patterns, waltz nights, strap pain, free-bass systems")),
    *_topic("Travel",
        ("Night Train Notes", "Sleeping while the land goes by.",
         "couchette berths, border stops, dining cars, missed connections, sleeper pillows"),
        ("Ferry Deck", "Crossings long and short.",
         "sea sickness, deck seats, car queues, island timetables, harbour cafes"),
        ("Pedal Touring", "Bicycles with luggage.",
         "rear panniers, puncture kits, headwinds, campsite kitchens, bike on trains"),
        ("City Breaks on Foot", "Weekends without a car.",
         "free museums, hilltop views, tram passes, market mornings, rainy Sundays")),
)  # fmt: skip
"""Nine topics with four communities each."""

TOPICS = tuple(dict.fromkeys(concept.topic for concept in CONCEPTS))
