"""The names of the people who fly, and the pages of the help centre."""

FIRST_NAMES = (
    "Adela", "Amadou", "Anneke", "Bastien", "Carina", "Dalibor", "Edda", "Fabio", "Greta", "Hamza", "Ilse", "Jonah",
    "Kalina", "Leander", "Maren", "Nils", "Odile", "Pavel", "Quentin", "Rania", "Silvan", "Tilda", "Umberto", "Vera",
    "Wiebke", "Xenia", "Youssef", "Zora",
)  # fmt: skip

LAST_NAMES = (
    "Aldana", "Bergström", "Castagna", "Drozd", "Engel", "Falk", "Gallo", "Horvat", "Iversen", "Jelinek", "Korhonen",
    "Lacroix", "Mansour", "Nemeth", "Orlando", "Prins", "Quaranta", "Rezki", "Sabatier", "Thorsen", "Uhl", "Vidal",
    "Winther", "Zeller",
)  # fmt: skip

TOPICS = (
    # slug, title, text, question, the numbers to choose from
    ("pets", "Travelling with pets",
     "Cats and dogs up to 8 kg may travel in the cabin in a soft carrier. We book the place for you after you have "
     "paid the pet fee of €{n} for each flight. Guide dogs fly free of charge.",
     "How many euros is the pet fee for a flight?", (35, 42, 48, 55, 62, 69)),
    ("bicycles", "Bicycles and surfboards",
     "Sports equipment travels in the hold and has to be packed in a hard case or a box. A bicycle or a surfboard "
     "costs €{n} each way, however heavy it is up to 32 kg.",
     "How many euros does a bicycle cost each way?", (38, 45, 52, 59, 66, 73)),
    ("unaccompanied-children", "Children who fly alone",
     "Children from 5 to 11 years may fly alone on direct flights when somebody brings and fetches them. The escort "
     "service costs €{n} for each child and flight.",
     "How many euros does the escort service for a child flying alone cost?", (50, 58, 64, 72, 80, 88)),
    ("name-correction", "Correcting a name",
     "A typing error of up to three letters is corrected free of charge. Putting the ticket in another name costs "
     "€{n} and is possible until one day before departure.",
     "How many euros does it cost to put a ticket in another name?", (60, 70, 85, 95, 105, 115)),
    ("delayed-bags", "Bags that arrive late",
     "Tell the airline at the airport, before you leave the baggage hall. Keep the receipts of what you need to buy: "
     "up to €{n} for each person are paid back.",
     "Up to how many euros a person are paid back when a bag arrives late?", (120, 150, 180, 220, 250, 280)),
    ("groups", "Groups",
     "From {n} people on we make an offer for the whole group, with one price for everybody and names that can be "
     "given later. Write to groups@larkway.example.",
     "How many people does a group need for a group offer?", (9, 10, 11, 12, 15, 16)),
    ("gift-vouchers", "Gift vouchers",
     "A voucher can be used for any flight and any extra. It is valid for {n} months from the day it was bought; "
     "what is left of it after a booking stays on the voucher.",
     "For how many months is a gift voucher valid?", (12, 18, 24, 30, 36, 48)),
    ("refund-time", "When refunds arrive",
     "After a cancellation we send the money back the way it came. It is in your account within {n} working days; "
     "banks may need a little longer at the end of a year.",
     "Within how many working days does a refund arrive?", (5, 6, 7, 8, 10, 14)),
    ("wheelchairs", "Wheelchairs and other help",
     "Help at the airport is free. Please tell us at least {n} hours before departure, so that somebody is waiting "
     "for you at the entrance of the terminal.",
     "How many hours before departure must help with a wheelchair be asked for?", (36, 40, 48, 60, 72, 96)),
    ("pay-at-the-airport", "Paying at the airport",
     "Choose “Pay at the airport” when you book and we hold the price. Pay at the airline's counter not later than "
     "{n} minutes before departure, in cash or by card.",
     "Up to how many minutes before departure can one pay at the airport?", (60, 75, 90, 100, 120, 150)),
    ("insurance", "Travel insurance",
     "The insurance that you can add to a booking covers illness, missed connections and lost bags, up to €{n} for "
     "each person. Tell the insurer within a week.",
     "Up to how many euros a person does the travel insurance cover?", (800, 1000, 1200, 1500, 1800, 2500)),
    ("infants", "Babies on your lap",
     "Children under two years fly on the lap of an adult and pay {n} percent of the fare. A pushchair and a child "
     "seat are carried free of charge.",
     "How many percent of the fare does a baby pay?", (5, 8, 10, 12, 15, 20)),
)  # fmt: skip
