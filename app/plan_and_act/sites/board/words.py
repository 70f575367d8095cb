"""The words that people, threads and comments are made of. `{thing}` is a thing the community is about."""

ADJECTIVES = (
    "amber", "brisk", "calm", "candid", "cosy", "curious", "dapper", "dusty", "eager", "early", "fable", "feral",
    "gentle", "giddy", "golden", "grumpy", "hazy", "humble", "idle", "jolly", "keen", "late", "lazy", "lively", "loyal",
    "lunar", "merry", "mild", "misty", "modest", "mossy", "nimble", "noisy", "odd", "patient", "plain", "polite",
    "proud", "quiet", "rapid", "rusty", "salty", "shy", "silent", "sleepy", "sly", "snug", "solar", "stormy", "sunny",
    "tidy", "tiny", "velvet", "wandering", "witty", "woolly", "young", "zesty",
)  # fmt: skip

CREATURES = (
    "acorn", "badger", "barnacle", "beetle", "biscuit", "bramble", "button", "cactus", "candle", "cedar", "chestnut",
    "clover", "cobbler", "comet", "cricket", "curlew", "dumpling", "ember", "falcon", "fern", "ferret", "fiddle",
    "finch", "gecko", "ginger", "goose", "gull", "hazel", "hedgehog", "heron", "kestrel", "ladle", "lantern", "lark",
    "lemon", "lichen", "lobster", "magpie", "maple", "marble", "marmot", "mitten", "mole", "moth", "mushroom", "newt",
    "nutmeg", "oak", "olive", "osprey", "otter", "owl", "parsnip", "pebble", "pelican", "pigeon", "pine", "plover",
    "plum", "poppy", "puffin", "pumpkin", "quail", "quince", "radish", "raven", "robin", "sable", "saffron", "sparrow",
    "spruce", "squid", "stoat", "teapot", "thistle", "thrush", "toad", "turnip", "violet", "walnut", "walrus",
    "weasel", "willow", "wombat", "wren",
)  # fmt: skip

ABOUTS = (
    "Here for the small talk.", "Mostly reading, sometimes writing.", "Asks too many questions.",
    "Retired, finally with time for hobbies.", "Night shifts, day naps.", "Two cats, one allotment, no plan.",
    "Learning in public.", "Grew up by the sea and misses it.", "Makes lists of lists.",
    "Will trade recipes for advice.", "Collects mistakes so that you need not make them.",
    "Teacher on weekdays, tinkerer on Sundays.", "Speaks four languages, all of them slowly.", "New here, be kind.",
)  # fmt: skip

TITLES = (
    ("What nobody told me about {thing}",
     "I have been at this for a year now and am still surprised.\n\nHere is what I would tell my younger self: "
     "start small, write down what you did, and do not buy anything in the first month."),
    ("Three mistakes I made with {thing}",
     "First, I hurried. Second, I listened to the wrong neighbour. Third, I gave up a week too early.\n\n"
     "Tell me yours, so that I feel better."),
    ("A beginner's guide to {thing}",
     "People ask about {thing} every week, so here is everything in one place.\n\nWhat you need: patience, an hour on "
     "a weekend, and somebody to laugh with when it goes wrong."),
    ("Is there any point in {thing}?",
     "My sister calls it a waste of money. I would like to have arguments, for or against."),
    ("Weekend report on {thing}",
     "Two days, four cups of tea and only one accident. I am happy with the result, and the kitchen is clean again."),
    ("Help me choose: {thing} on a small budget",
     "I can spend forty a month and have one free evening. Where would you begin?"),
    ("Unpopular opinion about {thing}",
     "It is better when it is not perfect. There, I said it."),
    ("My grandmother's trick for {thing}",
     "She never measured anything and it always worked. I have tried to write down what she did."),
    ("Finally got the hang of {thing}",
     "It took eleven tries. The twelfth one worked, and I do not know why. Ask me anything."),
    ("Why does everybody talk about {thing} this year?",
     "I go away for one winter and come back to this. What have I missed?"),
    ("Small wins thread on {thing}",
     "Only good news here, please. I start: nothing broke this week."),
    ("Questions too silly to ask about {thing}",
     "No question is too silly in this thread. Be kind when you answer."),
    ("Looking for company: {thing} in May",
     "Would anybody like to meet and compare notes? I bring cake."),
    ("The cheapest way into {thing}",
     "Everything in this list is borrowed, found or under ten."),
    ("An honest review after a year of {thing}",
     "The good: it keeps me calm. The bad: it takes space. The rest is a matter of taste."),
    ("Before and after: {thing}",
     "The pictures are in my head only, but believe me, the difference is huge."),
)  # fmt: skip
"""Titles of text threads, and what they say."""

LINKS = (
    ("Long read about {thing}", "the-long-page.example"),
    ("Museum opens a show on {thing}", "museumnews.example"),
    ("Survey: what people spend on {thing}", "plainfigures.example"),
    ("Old magazine article on {thing} is online again", "attic-archive.example"),
)
"""Titles of link threads, and the site they lead to."""

VIDEOS = (
    ("Watch: {thing} explained in one take", "One take, no cuts, and a cat that walks through the picture."),
    ("Video: a visit to the masters of {thing}", "A day with three people who have done nothing else for forty years."),
    ("Filmed at home: {thing} step by step", "Every step from the first to the last, with the mistakes left in."),
)
CHANNELS = (
    "Lowtide Films", "Kitchen Table TV", "Two Left Hands", "Greta Explains", "Hill and Harbour", "The Slow Channel",
    "Ordinary Wonders", "Sunday Workshop", "Blue Door Media", "Patchwork Stories", "Nine Lanterns", "Uncle Morten",
)  # fmt: skip

POLLS = (
    ("How often do you bother with {thing}?", ("Every week", "Once a month", "Once a year", "Never")),
    ("How did your last go at {thing} turn out?", ("Better than hoped", "Just fine", "So-so", "A disaster")),
    ("Where did you first hear of {thing}?", ("From family", "From a book", "From a video", "At work")),
    ("What puts people off {thing}?", ("The cost", "The time", "The mess", "Nothing at all")),
    ("Best season for {thing}?", ("Spring", "Summer", "Autumn", "Winter")),
)

COMMENTS = (
    "This is the best thing I have read all week.", "I tried exactly this and it went wrong, but I would do it again.",
    "Please post an update in a month!", "Has anybody measured whether it makes a difference?",
    "My uncle swears by vinegar. He swears by vinegar for everything.",
    "I kept a diary about it for a year. The trick is to do less.",
    "Do not buy the expensive kind, the cheap one lasts just as long.",
    "I disagree, and politely so: it depends on the weather.", "Came here to say this.",
    "The second paragraph should be printed on posters.", "We did it as a family and nobody cried. High praise.",
    "You can borrow everything you need from a library of things.", "It took me six years to find that out. Thank you.",
    "Wait until you hear about the other way round.", "Could you say which brand it was?",
    "I laughed so loud that the dog left the room.", "There is a chapter on that in every old handbook for a reason.",
    "Counterpoint: naps.", "I did it in the dark with a head torch, and it shows.",
    "Half of that is luck, the other half is tea.", "Somebody should make a chart of it.",
    "I asked at the market and got five answers from four people.", "Start on a Sunday, then you have time to fix it.",
    "The old advice still holds: measure twice, cut once.", "My neighbours have stopped asking what I am doing.",
    "It works, but only if you leave it alone overnight.", "I have two left hands and even I managed.",
    "Honestly, this deserves more attention than it gets.", "Saved me an afternoon, thank you!",
    "Is that safe around children?", "You will want gloves. Ask me how I know.",
    "I wrote to the maker and they answered within a day.", "In my town there is a Thursday group for this.",
    "Patience is the one thing you cannot order online.", "That is not how my mother did it, but I like it.",
    "Great write-up, and no nonsense in it.", "Three words: write it down.",
    "I would like to see the same in winter.", "The first attempt is for the bin, everybody knows that.",
    "You make it sound so easy!",
)  # fmt: skip

SPAM = (
    "Earn money from your sofa, ask me how!", "Best prices for everything, visit my shop now.",
    "You people have no idea what you are talking about.", "Selling my cousin's van, low mileage, come and see.",
    "Miracle cure against tiredness, only today.", "Whoever likes this is a fool.",
    "First! First! First! First!", "Free tickets for the first hundred who write to me.",
)  # fmt: skip
"""What gets reported."""

FLAIRS = ("Question", "Story", "Guide", "Showing off", "Chat", "Help wanted", "News")
REASONS = ("Spam", "Rude or hurtful", "Off topic", "Misleading", "Repeated post")
"""Why things are reported, and removed."""
BAN_LENGTHS = {"3": "3 days", "7": "7 days", "30": "30 days", "0": "For good"}

RULES = (
    ("Be kind", "Disagree with ideas, not with people."),
    ("Stay on topic", "Threads are about what the community is about."),
    ("No selling", "No shops, no referral codes, no begging."),
    ("Credit the maker", "Say whose work it is when it is not yours."),
    ("Search before you ask", "Many questions have been answered already."),
    ("No politics", "There are other places for that."),
    ("Titles that tell", "A title says what the thread is about."),
    ("One thread a day", "Leave room for others."),
    ("Warn before spoilers", "Say so when you give an ending away."),
    ("Keep it legal", "No advice on how to break the law."),
)  # fmt: skip

MESSAGES = (
    ("Meeting on Saturday", "Hello! We meet at the boathouse at {hour}:30 on Saturday, bring number {number} with you. "
     "It is the locker that we share.", "the number of the locker you share"),
    ("Your parcel with seeds", "I have sent the parcel today. The pick-up code is {number}, and the shop closes at "
     "{hour} in the evening.", "the pick-up code of the parcel"),
    ("The book you asked about", "I found it: it stands on shelf {number} in the reading room, which opens at {hour}.",
     "the number of the shelf with the book"),
    ("Place for the workshop", "We got room {number} for the workshop, it begins at {hour} o'clock sharp.",
     "the number of the room for the workshop"),
    ("Lost umbrella", "Was it you who forgot an umbrella? It is in the office under number {number} until {hour}.",
     "the number under which the umbrella is kept"),
    ("Train for the trip", "Our train has number {number} and leaves at {hour}:12. I have reserved a table.",
     "the number of the train"),
)  # fmt: skip
"""What people write to the persona: subject, message, and what its three-digit number is."""
