"""The words that names and texts of the invented company are made of. Any likeness is chance."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES: Final = _words(
    """
    Ada Ahmed Aiko Alba Amir Anna Ben Bianca Carla Chen Clara Daan David Dina Elif Elena Emil Emma Farah
    Felix Fatima Gita Greta Hana Hugo Irma Ivan Jana Jonas Julia Kaito Karim Lara Leo Lina Luca Maja
    Marco Maria Mei Milan Mina Nadia Nils Nora Omar Oscar Paula Priya Rafael Rosa Samir Sara Sofia Theo
    Tomas Vera Yara Yusuf Zoe
    """
)
LAST_NAMES: Final = _words(
    """
    Abe Almeida Andersen Bauer Becker Bell Bianchi Brandt Carter Castro Chowdhury Costa Dahl Diaz Dubois
    Eriksen Fischer Fontana Garcia Gomez Haddad Hansen Hoffmann Ito Ivanov Jansen Jensen Kaya Keller
    Khan Kim Klein Kovacs Kumar Larsen Lehmann Lopez Marin Mendes Meyer Moreau Mori Nagy Nguyen Novak
    Okafor Olsen Patel Pereira Petit Popescu Ramos Reyes Ricci Romano Rossi Roy Sato Schmid Shah Silva
    Singh Smit Sousa Suzuki Tan Torres Vargas Visser Wagner Weber Wong Yamada Yilmaz Zhang
    """
)
COMPANY_FIRST: Final = _words(
    """
    Amber Apple Arctic Ash Autumn Azure Birch Blue Bold Brass Bright Bronze Cedar Clear Clever Cobalt
    Copper Coral Crimson Crystal Dawn Deep Eager Ebony Elm Emerald Fair Fern Flint Frost Gentle Gilded
    Glass Golden Granite Green Hazel Hidden Honest Indigo Iron Ivory Jade Jolly Keen Lark Laurel Lemon
    Linen Lucky Lunar Maple Marble Merry Mint Misty Mossy Noble Oak Ocean Olive Onyx Opal Pearl Pine
    Plum Polar Prime Quiet Rapid Red Royal Ruby Rustic Sable Silver Solar Stone Swift Velvet
    """
)
COMPANY_SECOND: Final = _words(
    """
    Anchor Anvil Arbor Arrow Basin Bay Beacon Bison Bloom Bridge Brook Canvas Canyon Castle Cliff Cloud
    Cove Crane Creek Crest Delta Dune Eagle Falcon Field Finch Fjord Forge Fox Gable Garden Gate Glade
    Grove Harbor Haven Heron Hill Hollow Island Kestrel Kite Lagoon Lake Lantern Ledge Lion Loom Meadow
    Mesa Mill Moor Orchard Otter Owl Peak Pebble Pier Plain Pond Prairie Quarry Raven Reef Ridge River
    Robin Sail Shore Sparrow Spring Summit Swan Temple Tower Trail Valley Vista Wharf Willow
    """
)
COMPANY_KINDS: Final = (
    "Foods",
    "Games",
    "Group",
    "Health",
    "Labs",
    "Logistics",
    "Media",
    "Retail",
    "Software",
    "Travel",
)
JOB_TITLES: Final = (
    "Chief Technology Officer", "Network Engineer", "Head of Security", "Site Reliability Engineer", "Finance Manager",
    "Platform Engineer", "Web Developer", "Procurement Officer", "IT Director", "Support Lead",
)  # fmt: skip
TICKET_SUBJECTS: Final = {
    "Billing": ("Question about an invoice", "Charged twice", "Change of billing address", "Refund has not arrived"),
    "Performance": ("Slow first byte in one region", "Cache misses went up", "Timeouts since this morning"),
    "Security": ("Login from an unknown place", "Rule blocks our own office", "Attack on our checkout page"),
    "Configuration": ("Cannot verify a zone", "Certificate will not renew", "Redirect loop after the change"),
    "Account": ("Add a colleague to the account", "Lost second factor", "Close our account"),
}
TICKET_OPENINGS: Final = ("Hello,", "Hi team,", "Good morning,", "Dear support,", "Hey,")
TICKET_MIDDLES: Final = (
    "we have seen this since yesterday evening and it is getting worse",
    "the guide says otherwise, so I wonder what we did wrong",
    "our customers complain and we need an answer today",
    "nothing was changed on our side, as far as I know",
    "please look at it when you find the time, it is not urgent",
    "this is the third time this month",
)
LOSS_REASONS: Final = (
    "Too expensive",
    "Missing feature",
    "Went to a competitor",
    "Business closed",
    "No longer needed",
)
DEPARTMENTS: Final = ("Engineering", "Sales", "Support", "Finance", "People", "Marketing", "Security")
