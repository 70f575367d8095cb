"""What the shop sells: categories, and for each kind of goods its options, properties and what people say of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trait:
    """A number in the specifications: its name and unit, from where to where, and in which steps."""

    name: str
    unit: str
    low: float
    high: float
    step: float


@dataclass(frozen=True, slots=True)
class Kind:
    """A subcategory: everything that its products are made from.

    Args:
        slug: In addresses.
        name: Of the subcategory.
        noun: Of one product.
        prices: Lowest and highest price of the smallest size, in euros.
        sizes: From the smallest; none when there is only one.
        colours: What products come in.
        materials: What they are made of.
        traits: The numbers in their specifications.
        parts: What reviews speak of.
    """

    slug: str
    name: str
    noun: str
    prices: tuple[int, int]
    sizes: tuple[str, ...]
    colours: tuple[str, ...]
    materials: tuple[str, ...]
    traits: tuple[Trait, ...]
    parts: tuple[str, ...]


_CALM = ("White", "Black", "Grey", "Cream", "Sage", "Navy")
_WARM = ("Cream", "Terracotta", "Mustard", "Rose", "Sage", "Grey")
_METAL = ("Copper", "Black", "White", "Grey", "Teal")
_CLOTH = ("White", "Grey", "Navy", "Sage", "Rose", "Mustard", "Teal")
_GLAZE = ("White", "Teal", "Terracotta", "Navy", "Cream", "Black")

_WEIGHT = Trait("Weight", "kg", 0.4, 6.0, 0.1)
_LIGHT = Trait("Weight", "g", 120, 980, 10)
_THREADS = Trait("Thread count", "per sq in", 140, 420, 10)
_WARRANTY = Trait("Warranty", "years", 1, 10, 1)

CATEGORIES: tuple[tuple[str, str, str, tuple[Kind, ...]], ...] = (
    ("kitchen", "Kitchen", "Pots, pans and everything that makes dinner", (
        Kind("kettles", "Kettles", "Kettle", (24, 110), ("1.0 l", "1.7 l"), _METAL,
             ("stainless steel", "enamelled steel", "borosilicate glass"),
             (Trait("Power", "W", 1400, 3000, 50), Trait("Boiling time", "s", 95, 320, 5), _WEIGHT, _WARRANTY),
             ("spout", "handle", "cord", "switch", "base")),
        Kind("frying-pans", "Frying pans", "Frying Pan", (19, 95), ("20 cm", "24 cm", "28 cm"), _METAL,
             ("cast iron", "carbon steel", "coated aluminium"),
             (Trait("Rim height", "mm", 35, 78, 1), Trait("Oven safe to", "°C", 160, 290, 5), _WEIGHT, _WARRANTY),
             ("coating", "handle", "rim", "weight", "base")),
        Kind("knives", "Kitchen knives", "Kitchen Knife", (14, 140), ("12 cm", "16 cm", "20 cm"), ("Black", "Natural",
             "Grey"), ("carbon steel", "stainless steel", "layered steel"),
             (Trait("Hardness", "HRC", 54, 64, 0.5), Trait("Blade thickness", "mm", 1.4, 3.2, 0.1), _LIGHT, _WARRANTY),
             ("blade", "grip", "edge", "tip", "balance")),
        Kind("storage-jars", "Storage jars", "Storage Jar", (6, 38), ("0.5 l", "1 l", "2 l"), _CALM,
             ("glass", "stoneware", "recycled glass"),
             (Trait("Wall thickness", "mm", 2.0, 6.0, 0.1), Trait("Opening", "mm", 60, 128, 2), _LIGHT),
             ("stopper", "rim", "label", "seal", "glass")),
    )),
    ("dining", "Dining", "For a table that people stay at", (
        Kind("mugs", "Mugs", "Mug", (6, 28), (), _GLAZE, ("stoneware", "porcelain", "bone china"),
             (Trait("Capacity", "ml", 180, 520, 10), Trait("Mug height", "mm", 72, 118, 1), _LIGHT),
             ("handle", "glaze", "rim", "foot", "print")),
        Kind("plates", "Dinner plates", "Dinner Plate", (7, 34), ("21 cm", "27 cm"), _GLAZE,
             ("stoneware", "porcelain", "earthenware"),
             (Trait("Plate height", "mm", 18, 42, 1), Trait("Firing temperature", "°C", 1050, 1360, 10), _LIGHT),
             ("glaze", "edge", "foot", "pattern", "surface")),
        Kind("wine-glasses", "Wine glasses", "Wine Glass", (5, 42), (), ("Natural", "Grey", "Rose", "Teal"),
             ("crystal", "soda-lime glass", "recycled glass"),
             (Trait("Capacity", "ml", 220, 760, 10), Trait("Glass height", "mm", 150, 262, 2), _LIGHT),
             ("stem", "bowl", "foot", "rim", "shape")),
        Kind("cutlery", "Cutlery sets", "Cutlery Set", (29, 190), ("16 pieces", "24 pieces"), ("Copper", "Black",
             "Grey"), ("stainless steel 18/10", "stainless steel 18/0", "titanium"),
             (Trait("Knife length", "mm", 205, 246, 1), Trait("Handle thickness", "mm", 2.0, 7.5, 0.5), _WEIGHT,
              _WARRANTY), ("forks", "spoons", "finish", "box", "weight")),
    )),
    ("bedroom", "Bedroom", "Sleep well, wake up slowly", (
        Kind("duvet-covers", "Duvet covers", "Duvet Cover", (29, 160), ("Single", "Double", "King"), _CLOTH,
             ("cotton percale", "linen", "cotton sateen"),
             (_THREADS, Trait("Wash at", "°C", 30, 90, 10), Trait("Buttons", "pieces", 4, 12, 1)),
             ("buttons", "fabric", "seams", "pillowcase", "corners")),
        Kind("pillows", "Pillows", "Pillow", (15, 98), ("50 x 70 cm", "65 x 65 cm"), ("White", "Cream", "Grey"),
             ("down", "kapok", "recycled polyester"),
             (Trait("Filling", "g", 420, 1250, 10), Trait("Pillow height", "cm", 8, 22, 1), _THREADS),
             ("filling", "cover", "zip", "shape", "seams")),
        Kind("blankets", "Blankets", "Blanket", (25, 180), ("130 x 180 cm", "150 x 210 cm"), _CLOTH,
             ("merino wool", "lambswool", "organic cotton"),
             (Trait("Fabric weight", "g/m2", 210, 640, 10), Trait("Fringe", "cm", 0.5, 9, 0.5), _WEIGHT),
             ("fringe", "wool", "edge", "weave", "pattern")),
        Kind("bedside-tables", "Bedside tables", "Bedside Table", (49, 260), (), ("Natural", "White", "Black", "Sage"),
             ("oak", "ash", "birch plywood"),
             (Trait("Table height", "cm", 38, 66, 1), Trait("Load", "kg", 12, 60, 1), _WEIGHT, _WARRANTY),
             ("drawer", "legs", "top", "screws", "finish")),
    )),
    ("bathroom", "Bathroom", "Soft, dry and in its place", (
        Kind("towels", "Towels", "Towel", (7, 48), ("Hand", "Bath", "Sheet"), _CLOTH,
             ("organic cotton", "linen", "bamboo viscose"),
             (Trait("Fabric weight", "g/m2", 320, 760, 10), Trait("Towel shrinkage", "%", 1, 9, 0.5),
              Trait("Wash at", "°C", 40, 90, 10)), ("loop", "border", "fabric", "edge", "hanger")),
        Kind("bath-mats", "Bath mats", "Bath Mat", (12, 64), ("50 x 70 cm", "60 x 100 cm"), _CLOTH,
             ("cotton", "cork", "diatomite"),
             (Trait("Pile height", "mm", 4, 32, 1), Trait("Fabric weight", "g/m2", 700, 1900, 50), _WEIGHT),
             ("backing", "pile", "edge", "corners", "surface")),
        Kind("laundry-baskets", "Laundry baskets", "Laundry Basket", (19, 120), (), ("Natural", "White", "Grey",
             "Black"), ("rattan", "seagrass", "felt"),
             (Trait("Volume", "l", 32, 110, 1), Trait("Basket height", "cm", 42, 74, 1), _WEIGHT),
             ("lining", "handles", "weave", "base", "frame")),
        Kind("shower-curtains", "Shower curtains", "Shower Curtain", (14, 79), ("120 x 200 cm", "180 x 200 cm"), _CALM,
             ("recycled polyester", "peva", "hemp"),
             (Trait("Rings", "pieces", 8, 14, 1), Trait("Fabric weight", "g/m2", 85, 230, 5), _LIGHT),
             ("rings", "seam", "fabric", "magnets", "print")),
    )),
    ("living", "Living room", "For the evenings", (
        Kind("rugs", "Rugs", "Rug", (59, 380), ("80 x 150 cm", "140 x 200 cm", "200 x 300 cm"), _WARM,
             ("wool", "jute", "recycled cotton"),
             (Trait("Pile height", "mm", 3, 38, 1), Trait("Knots", "per dm2", 120, 900, 20), _WEIGHT),
             ("pile", "fringe", "backing", "pattern", "corners")),
        Kind("cushions", "Cushions", "Cushion", (12, 70), (), _WARM, ("linen", "velvet", "boucle"),
             (Trait("Edge length", "cm", 35, 60, 5), Trait("Filling", "g", 280, 900, 10), _LIGHT),
             ("zip", "filling", "seams", "cover", "piping")),
        Kind("floor-lamps", "Floor lamps", "Floor Lamp", (69, 340), (), _METAL, ("steel", "brass", "oak"),
             (Trait("Lamp height", "cm", 118, 192, 1), Trait("Brightness", "lm", 400, 2400, 50),
              Trait("Cable length", "m", 1.4, 3.2, 0.1), _WEIGHT), ("shade", "switch", "cable", "base", "bulb")),
        Kind("vases", "Vases", "Vase", (9, 88), ("Small", "Tall"), _GLAZE, ("stoneware", "glass", "terracotta"),
             (Trait("Opening", "mm", 18, 120, 2), Trait("Volume", "l", 0.4, 5.2, 0.1), _LIGHT),
             ("glaze", "neck", "foot", "colour", "opening")),
    )),
    ("garden", "Garden", "Balconies count as gardens", (
        Kind("plant-pots", "Plant pots", "Plant Pot", (6, 72), ("16 cm", "24 cm", "32 cm"), _GLAZE,
             ("terracotta", "fibre clay", "recycled plastic"),
             (Trait("Wall thickness", "mm", 4, 24, 1), Trait("Drain holes", "pieces", 1, 6, 1), _WEIGHT),
             ("saucer", "rim", "hole", "glaze", "frost")),
        Kind("watering-cans", "Watering cans", "Watering Can", (11, 64), ("1.5 l", "5 l"), _METAL,
             ("zinc", "powder-coated steel", "recycled plastic"),
             (Trait("Spout length", "cm", 14, 52, 1), Trait("Flow", "l/min", 1.5, 9.5, 0.5), _LIGHT),
             ("spout", "rose", "handle", "paint", "balance")),
        Kind("garden-chairs", "Garden chairs", "Garden Chair", (39, 240), (), ("Natural", "White", "Sage", "Black",
             "Mustard"), ("teak", "acacia", "steel"),
             (Trait("Seat height", "cm", 36, 49, 1), Trait("Load", "kg", 90, 180, 5), _WEIGHT, _WARRANTY),
             ("backrest", "legs", "screws", "seat", "hinges")),
        Kind("lanterns", "Lanterns", "Lantern", (13, 96), ("Small", "Large"), _METAL, ("steel", "glass", "bamboo"),
             (Trait("Burning time", "h", 4, 46, 1), Trait("Lantern height", "cm", 16, 58, 1), _WEIGHT),
             ("door", "hook", "glass", "battery", "paint")),
    )),
)  # fmt: skip
"""Categories: slug, name, what stands below the name, and their subcategories."""

BRANDS = (
    "Alderby", "Brackwater", "Corriemoor", "Dunsel", "Elmhurst & Co", "Fallowfield", "Gillside", "Hawksworth Mill",
    "Inverlea", "Jorvik Works", "Kilnhouse", "Larkrise", "Morrow", "Nettlecombe", "Oxbow", "Penhale",
)  # fmt: skip

SERIES = (
    "Acorn", "Alba", "Amber", "Anvil", "Arbour", "Aspen", "Aurora", "Basalt", "Bay", "Birch", "Bramble", "Brisa",
    "Canto", "Cedar", "Chalk", "Cirrus", "Clover", "Coast", "Cobble", "Coral", "Corvo", "Cove", "Dawn", "Delta",
    "Dune", "Ebb", "Echo", "Ember", "Fable", "Fathom", "Fern", "Fjord", "Flint", "Fold", "Gale", "Glade", "Grove",
    "Harbour", "Haven", "Hazel", "Heath", "Heron", "Isla", "Juniper", "Kelp", "Lagoon", "Lark", "Linden", "Loft",
    "Luna", "Maple", "Meadow", "Mira", "Mist", "Moor", "Nest", "Nimbus", "Nova", "Oak", "Onda", "Opal", "Orchard",
    "Otter", "Pebble", "Pine", "Plume", "Quill", "Reed", "Ridge", "Ripple", "Rowan", "Rune", "Sable", "Shore",
    "Sierra", "Slate", "Solis", "Sorrel", "Sparrow", "Spruce", "Stella", "Stone", "Storm", "Sylvan", "Tarn", "Terra",
    "Thistle", "Tide", "Timber", "Topaz", "Umbra", "Vale", "Vesper", "Willow", "Wren", "Yarrow", "Zephyr",
)  # fmt: skip
