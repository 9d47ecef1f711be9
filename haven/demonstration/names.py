"""Names for invented people: lists made for this purpose, and a generator that draws from them."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A group of names that belong together. `weight` of each hundred families; `speak_at_home`: share who speak the
    language."""

    weight: int
    ethnicity: str
    languages: tuple[str, ...]
    speak_at_home: float
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    surnames: tuple[str, ...]


def _origin(weight: int, ethnicity: str, languages: str, speak: float, girls: str, boys: str, surnames: str) -> Origin:
    return Origin(
        weight, ethnicity, tuple(languages.split()), speak, *(tuple(text.split()) for text in (girls, boys, surnames))
    )


ORIGINS = (
    _origin(58, "White British", "English", 0.0,
            "Olivia Amelia Isla Ava Lily Freya Florence Poppy Evie Willow Elsie Rosie Daisy Phoebe Matilda Harriet Eliza Martha "
            "Imogen Beatrice Edith Robyn Heidi Lottie Nancy Maisie Orla Bethan Carys Tilly Jessica Holly Megan Abigail Erin Niamh "
            "Lucy Hannah Molly Grace Ellie Zara Thea Ivy Ada Penelope Summer Scarlett Anna Clara",
            "Noah George Arthur Harry Oscar Archie Jack Freddie Theo Alfie Charlie Jacob Finley Edward Logan Toby Reuben Rory Elliot "
            "Albert Ralph Stanley Kit Rowan Callum Owen Rhys Dylan Lewis Jude Ezra Caleb Joshua Samuel Daniel Benjamin Tom Luke "
            "Adam Nathan Ryan Connor Kian Aidan Euan Gethin Hugo Jasper Felix Bertie",
            "Ashworth Barlow Bexley Blackburn Bradshaw Briggs Butterworth Cartwright Chadwick Clegg Cooper Crossley Dawson Dewhurst "
            "Eastwood Entwistle Fairbrother Fielding Garside Greenhalgh Grimshaw Hallam Hargreaves Haworth Heap Holroyd Hopwood "
            "Ingham Jagger Kershaw Kirkham Lomax Lumb Marsden Mellor Midgley Naylor Ogden Ormerod Pickles Pilling Priestley "
            "Ramsbottom Redfearn Rushworth Schofield Shackleton Sidebottom Stansfield Sutcliffe Tattersall Thornley Tordoff Unsworth "
            "Varley Wadsworth Walmsley Whitehead Whitworth Wolstenholme Wrigley Yates Morgan Evans Pritchard Campbell McAllister"),
    _origin(4, "White Irish", "English", 0.0,
            "Aoife Caoimhe Saoirse Róisín Clodagh Gráinne Siobhán Aisling Maeve Sinéad", "Cillian Oisín Fionn Tadhg Eoin Seán Darragh Pádraig Conor Diarmuid",
            "O'Brien O'Connor Gallagher Kavanagh Ó'Súilleabháin McGrath Byrne Fitzgerald Doherty Nolan"),
    _origin(10, "Pakistani", "Urdu Panjabi", 0.55,
            "Aisha Fatima Zainab Maryam Hafsa Amina Khadija Safa Iqra Noor Sumaya Eshal Anaya Hania", "Muhammad Ibrahim Yusuf Hamza Bilal Zayn Umar Haris Ismail Rayyan Zakariya Adeel Faisal Danyal",
            "Ahmed Hussain Malik Akhtar Mahmood Iqbal Rahman Bashir Qureshi Chaudhry Mirza Siddiqui Raja Kayani"),
    _origin(5, "Indian", "Panjabi Gujarati Hindi", 0.4,
            "Simran Harleen Jasleen Diya Ananya Kavya Priya Meera Asha Riya", "Arjun Gurpreet Harjit Aarav Rohan Kiran Vihaan Ravi Dev Manraj",
            "Patel Singh Kaur Sharma Desai Nair Bhatt Mistry Gill Dhillon"),
    _origin(4, "Bangladeshi", "Bengali", 0.6, "Nusrat Tahmina Sadia Jannat Ruqayyah Tasnim", "Abdul Tanvir Rafi Nabil Sakib Fahim", "Begum Miah Uddin Khatun Chowdhury Islam"),
    _origin(5, "Black African", "Yoruba Twi Shona", 0.25,
            "Ayomide Temperance Chiamaka Abena Efua Adaeze Folasade Rutendo", "Tobi Kwame Chidi Emeka Kofi Tendai Oluwaseun Babajide",
            "Adeyemi Okafor Mensah Boateng Nwosu Balogun Owusu Moyo Eze Asante"),
    _origin(2, "Somali", "Somali", 0.75, "Hodan Ifrah Sagal Ayaan Filsan", "Abdirahman Liban Guled Warsame Zakaria", "Abdi Farah Warsame Jama Hersi Osman"),
    _origin(3, "Black Caribbean", "English", 0.0, "Shanice Tiana Keisha Renée Amari Jada", "Jahmal Tyrese Marlon Dwayne Kymani Xavier", "Campbell Clarke Grant Bailey Thompson Francis"),
    _origin(5, "White Eastern European", "Polish Romanian Lithuanian", 0.7,
            "Zofia Maja Zuzanna Łucja Ioana Andreea Ugnė Weronika Oliwia", "Jakub Szymon Michał Błażej Ștefan Andrei Matas Kacper Piotr",
            "Kowalska Nowak Wiśniewski Zieliński Wójcik Popescu Ionescu Kazlauskas Lewandowski"),
    _origin(2, "Arab", "Arabic Kurdish", 0.7, "Layla Yasmin Rania Salma Huda", "Omar Karim Tariq Anas Sami", "Al-Khatib Haddad Mansour Al-Masri Barzani"),
    _origin(1, "Chinese", "Cantonese Mandarin", 0.6, "Mei Xinyi Yuen-Ling Jia Hoi-Ching", "Jun Wei Ka-Ho Zihao Chun-Yin", "Chan Wong Li Zhang Cheung"),
    _origin(1, "Vietnamese", "Vietnamese", 0.6, "Linh Thảo Ngọc Mai", "Minh Đức Huy Quang", "Nguyễn Trần Lê Phạm"),
)  # fmt: skip

SPECIAL = (
    ("O'Brien-Ñandú", "Siobhán", "F"),
    ("Fotheringay-Smythe", "Persephone-Mae", "F"),
    ("van der Hoeven", "Ruben", "M"),
    ("Putri", "Putri", "F"),
    ("D'Angelo Núñez de la Fuente", "José María", "M"),
    ("Ng", "Bo", "M"),
    ("Łuczak-Björnsdóttir", "Þórunn", "F"),
    ("Al-Farouqi", "Abd al-Rahman", "M"),
)
"""Names that are difficult for systems. The person with a single name has it written twice, because school systems
require two."""

STREETS = [
    "Alder",
    "Bramble",
    "Candlewick",
    "Damson",
    "Elderflower",
    "Fernhill",
    "Gorse",
    "Hawthorn",
    "Ivybank",
    "Juniper",
    "Kestrel",
    "Larkspur",
    "Millrace",
    "Nettle",
    "Orchard",
    "Pinfold",
    "Quarry",
    "Rookery",
    "Saddler",
    "Tanyard",
    "Underbank",
    "Viaduct",
    "Weaver",
    "Yarrow",
]
ENDINGS = ("Road", "Street", "Close", "Lane", "Avenue", "Terrace", "Court")
PLACES = ("Larkfield", "Overbeck", "Nether Larkfield", "Millbridge", "Stonecross")


class Names:
    """Draws names, addresses and numbers. The same seed gives the same people."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._origins = rng.choices(ORIGINS, [origin.weight for origin in ORIGINS], k=4096)
        self._next = 0

    def origin(self) -> Origin:
        self._next += 1
        return self._origins[self._next % 4096] if self._next % 3 else self.rng.choice(self._origins)

    def surname(self, origin: Origin) -> str:
        """A surname; about one family in forty has a double one."""
        name = self.rng.choice(origin.surnames)
        if self.rng.random() < 0.025:
            other = self.rng.choice(origin.surnames)
            return f"{name}-{other}" if other != name else name
        return name

    def forename(self, origin: Origin, sex: str) -> str:
        return self.rng.choice(origin.girls if sex == "F" else origin.boys)

    def address(self) -> tuple[str, str]:
        """An invented address, with the postcode of a district that does not exist."""
        rng = self.rng
        street = f"{rng.randint(1, 180)} {rng.choice(STREETS)} {rng.choice(ENDINGS)}"
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        postcode = f"ZZ{rng.randint(1, 19)} {rng.randint(1, 9)}{rng.choice(letters)}{rng.choice(letters)}"
        return f"{street}, {rng.choice(PLACES)}", postcode

    def mobile(self) -> str:
        """A number of the range reserved for drama, which belongs to nobody."""
        return f"07700 900{self.rng.randint(0, 999):03d}"

    def landline(self) -> str:
        return f"020 7946 0{self.rng.randint(0, 999):03d}"
