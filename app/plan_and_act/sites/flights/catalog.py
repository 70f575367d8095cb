"""Where one can fly, who flies there, and in what: real places, invented airlines and aircraft."""

AIRPORTS = (
    # code, city, airport, country, latitude, longitude, minutes ahead of UTC in summer
    ("TUN", "Tunis", "Carthage", "Tunisia", 36.85, 10.23, 60),
    ("FCO", "Rome", "Fiumicino", "Italy", 41.80, 12.25, 120),
    ("AGA", "Agadir", "Al Massira", "Morocco", 30.33, -9.41, 60),
    ("AGP", "Malaga", "Costa del Sol", "Spain", 36.67, -4.50, 120),
    ("ALG", "Algiers", "Houari Boumediene", "Algeria", 36.69, 3.22, 60),
    ("AMS", "Amsterdam", "Schiphol", "Netherlands", 52.31, 4.76, 120),
    ("ARN", "Stockholm", "Arlanda", "Sweden", 59.65, 17.92, 120),
    ("ATH", "Athens", "Eleftherios Venizelos", "Greece", 37.94, 23.94, 180),
    ("BCN", "Barcelona", "El Prat", "Spain", 41.30, 2.08, 120),
    ("BEG", "Belgrade", "Nikola Tesla", "Serbia", 44.82, 20.31, 120),
    ("BGO", "Bergen", "Flesland", "Norway", 60.29, 5.22, 120),
    ("BRU", "Brussels", "Zaventem", "Belgium", 50.90, 4.48, 120),
    ("BUD", "Budapest", "Ferenc Liszt", "Hungary", 47.44, 19.26, 120),
    ("CAI", "Cairo", "International", "Egypt", 30.12, 31.41, 180),
    ("CDG", "Paris", "Charles de Gaulle", "France", 49.01, 2.55, 120),
    ("ORY", "Paris", "Orly", "France", 48.72, 2.38, 120),
    ("CMN", "Casablanca", "Mohammed V", "Morocco", 33.37, -7.59, 60),
    ("CPH", "Copenhagen", "Kastrup", "Denmark", 55.62, 12.65, 120),
    ("DUB", "Dublin", "Collinstown", "Ireland", 53.42, -6.27, 60),
    ("EDI", "Edinburgh", "Turnhouse", "United Kingdom", 55.95, -3.37, 60),
    ("FNC", "Funchal", "Santa Cruz", "Portugal", 32.69, -16.77, 60),
    ("FRA", "Frankfurt", "Main", "Germany", 50.03, 8.56, 120),
    ("GDN", "Gdansk", "Rebiechowo", "Poland", 54.38, 18.47, 120),
    ("GVA", "Geneva", "Cointrin", "Switzerland", 46.24, 6.11, 120),
    ("HEL", "Helsinki", "Vantaa", "Finland", 60.32, 24.96, 180),
    ("IST", "Istanbul", "Arnavutkoy", "Turkey", 41.26, 28.74, 180),
    ("KEF", "Reykjavik", "Keflavik", "Iceland", 63.99, -22.61, 0),
    ("KRK", "Krakow", "Balice", "Poland", 50.08, 19.78, 120),
    ("LCA", "Larnaca", "International", "Cyprus", 34.88, 33.62, 180),
    ("LHR", "London", "Heathrow", "United Kingdom", 51.47, -0.45, 60),
    ("LGW", "London", "Gatwick", "United Kingdom", 51.15, -0.18, 60),
    ("LIS", "Lisbon", "Portela", "Portugal", 38.77, -9.13, 60),
    ("LYS", "Lyon", "Saint-Exupery", "France", 45.72, 5.08, 120),
    ("MAD", "Madrid", "Barajas", "Spain", 40.47, -3.56, 120),
    ("MLA", "Malta", "Luqa", "Malta", 35.86, 14.48, 120),
    ("MRS", "Marseille", "Provence", "France", 43.44, 5.22, 120),
    ("MUC", "Munich", "Franz Josef Strauss", "Germany", 48.35, 11.79, 120),
    ("MXP", "Milan", "Malpensa", "Italy", 45.63, 8.73, 120),
    ("LIN", "Milan", "Linate", "Italy", 45.45, 9.28, 120),
    ("NAP", "Naples", "Capodichino", "Italy", 40.88, 14.29, 120),
    ("NCE", "Nice", "Cote d'Azur", "France", 43.66, 7.22, 120),
    ("OPO", "Porto", "Francisco Sa Carneiro", "Portugal", 41.25, -8.68, 60),
    ("OSL", "Oslo", "Gardermoen", "Norway", 60.19, 11.10, 120),
    ("OTP", "Bucharest", "Henri Coanda", "Romania", 44.57, 26.08, 180),
    ("PMI", "Palma", "Son Sant Joan", "Spain", 39.55, 2.74, 120),
    ("PMO", "Palermo", "Punta Raisi", "Italy", 38.18, 13.10, 120),
    ("PRG", "Prague", "Vaclav Havel", "Czechia", 50.10, 14.26, 120),
    ("RAK", "Marrakesh", "Menara", "Morocco", 31.61, -8.04, 60),
    ("RIX", "Riga", "Skulte", "Latvia", 56.92, 23.97, 180),
    ("SOF", "Sofia", "Vrazhdebna", "Bulgaria", 42.70, 23.41, 180),
    ("SPU", "Split", "Resnik", "Croatia", 43.54, 16.30, 120),
    ("SVQ", "Seville", "San Pablo", "Spain", 37.42, -5.89, 120),
    ("TLL", "Tallinn", "Ulemiste", "Estonia", 59.41, 24.83, 180),
    ("VCE", "Venice", "Marco Polo", "Italy", 45.51, 12.35, 120),
    ("VIE", "Vienna", "Schwechat", "Austria", 48.11, 16.57, 120),
    ("WAW", "Warsaw", "Chopin", "Poland", 52.17, 20.97, 120),
    ("ZAG", "Zagreb", "Pleso", "Croatia", 45.74, 16.07, 120),
    ("ZRH", "Zurich", "Kloten", "Switzerland", 47.46, 8.55, 120),
)
ALWAYS = ("TUN", "FCO")
"""In every world, with direct flights between them: one can ask for the cheapest from Tunis to Rome."""

AIRLINES = (
    ("AQ", "Aquilon Air"), ("BV", "Bellavia Airlines"), ("CV", "Corvina Air"), ("DY", "Daymark Airways"),
    ("EO", "Estora"), ("FJ", "Fjordbird"), ("GH", "Gale & Harbour"), ("HX", "Halcyon Jet"),
    ("IV", "Ivory Coastline"), ("JR", "Juniper Regional"), ("KT", "Kestrel Airways"), ("LU", "Lumen Air"),
    ("MB", "Marabou Airlines"), ("NW", "Norrwind"), ("OX", "Ostrava Express"), ("PL", "Pellara"),
    ("QV", "Quillwing"), ("RD", "Redstart Air"), ("SC", "Sirocco Lines"), ("TV", "Tramontana"),
    ("UB", "Umbra Airways"), ("VG", "Vega Skyways"), ("WR", "Wren Air"), ("ZF", "Zephyrine"),
)  # fmt: skip

AIRCRAFT = (
    # name, rows, letters of a row, rows with extra legroom
    ("Cormorant 150", 20, "ABCDEF", (1, 10)),
    ("Cormorant 180", 22, "ABCDEF", (1, 11)),
    ("Swift 80", 18, "ACDF", (1, 9)),
)
SEAT_KINDS = {"A": "window", "B": "middle", "C": "aisle", "D": "aisle", "E": "middle", "F": "window"}
TERMINALS = ("1A", "1B", "2A", "2B", "2C", "3A", "3B")
