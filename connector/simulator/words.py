"""The words that made-up people and companies are called by. All combinations are fictitious."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    "Aaron Abigail Adam Adriana Ahmed Aiko Alan Alejandro Alexander Alice Alina Amanda Amelia Amit Ana Andrea Andrew "
    "Angela Anna Anthony Antonio Anya Arjun Arthur Asha Astrid Aylin Barbara Beatriz Benjamin Bernd Birgit Brandon "
    "Brian Bruno Camille Carla Carlos Carmen Caroline Catherine Charles Charlotte Chen Chiara Chloe Christian "
    "Christine Claire Claudia Colin Cristina Daniel Daniela David Deborah Deepak Denise Diana Diego Dimitri Dorothea "
    "Edward Elena Elif Elizabeth Emil Emily Emma Eric Erika Esther Eva Fabio Farah Fatima Felix Fernanda Finn Fiona "
    "Florian Frances Francesca Francois Frank Gabriel Gabriela George Giulia Grace Greg Greta Hannah Hans Haruto Heidi "
    "Helen Henrik Hiroshi Hugo Ian Ibrahim Igor Imran Ines Ingrid Irene Isabel Ivan Jack Jacob James Jana Jane Jasmin "
    "Jason Jean Jennifer Jessica Jin Joanna Johan John Jonas Jorge Joseph Joshua Juan Judith Julia Julien Karen Karin "
    "Karl Kate Katrin Kavita Keith Kenji Kevin Kim Klaus Kristin Lars Laura Lauren Lea Leila Leo Leonardo Lily Linda "
    "Lisa Liu Louis Lucas Lucia Luis Lukas Magdalena Manuel Marc Marco Margaret Maria Marie Marina Mark Markus Marta "
    "Martin Mary Mateo Matthew Maya Megan Mehmet Mei Melissa Michael Michelle Miguel Mila Mohammed Monica Nadia Naomi "
    "Natalie Nathan Neha Nicholas Nicole Nikhil Nina Noah Nora Olga Oliver Olivia Omar Oscar Pablo Patricia Patrick "
    "Paul Paula Pedro Peter Philip Pierre Pooja Priya Rachel Rafael Rahul Raj Ralf Raquel Rebecca Renata Richard Rita "
    "Robert Roberto Rohan Rosa Ruth Ryan Sabine Salma Samuel Sandra Sanjay Sara Sarah Scott Sebastian Sergio Shreya "
    "Silvia Simon Sofia Sonja Stefan Stella Stephanie Steven Sunita Susan Sven Takashi Tanja Tara Teresa Theresa "
    "Thomas Tim Tobias Tom Ursula Valentina Vanessa Vera Victor Victoria Vikram Vincent Walter Wei Wendy William Xin "
    "Yasmin Yuki Yusuf Zara Zoe Jürgen Björn André José Zoë Renée Søren Łukasz"
)

LAST_NAMES = _words(
    "Abbott Adams Agarwal Ahmed Alvarez Andersen Anderson Bailey Baker Barnes Bauer Becker Bell Bennett Berg Bernard "
    "Bianchi Black Bouchard Boyd Braun Brooks Brown Bryant Burke Byrne Campbell Carter Castro Chan Chapman Chen Choi "
    "Clark Clarke Cohen Cole Collins Conti Cook Cooper Costa Cruz Dahl Das Davies Davis Delgado Desai Diaz Dixon "
    "Doyle Dubois Duncan Dunn Edwards Ellis Eriksen Evans Farrell Fernandez Ferrari Fischer Fisher Fleming Flores "
    "Foster Fox Francis Fraser Frost Fuchs Fuentes Gallagher Garcia Gibson Gill Gomez Gonzalez Gordon Graham Grant "
    "Gray Green Greco Griffin Gupta Haas Hall Hamilton Hansen Harper Harris Hart Hartmann Hayes Henderson Hernandez "
    "Herrera Hicks Hill Hoffmann Holm Holmes Howard Huang Huber Hughes Hunt Hunter Iyer Jackson Jain James Jansen "
    "Jensen Jimenez Johansson Johnson Johnston Jones Joshi Kaiser Kaplan Kapoor Keller Kelly Kennedy Khan Kim King "
    "Klein Knight Koch Kowalski Kramer Krause Kumar Lambert Lang Larsen Laurent Lawson Lee Lehmann Leroy Lewis Li Lim "
    "Lin Lindberg Liu Long Lopez Ludwig Lynch Maier Malik Marino Marsh Marshall Martin Martinez Mason Mayer McCarthy "
    "McDonald Mehta Mendoza Meyer Miller Mills Mitchell Moore Morales Moreau Moreno Morgan Morris Moser Muller Murphy "
    "Murray Nair Nakamura Nelson Neumann Newman Nguyen Nielsen Nilsson Novak Olsen Ortiz Owens Palmer Park Parker "
    "Patel Pearson Perez Perry Petersen Peterson Petrov Pham Phillips Pinto Porter Powell Price Quinn Ramirez Ramos "
    "Rao Reed Reid Reyes Reynolds Ricci Richards Richter Rivera Roberts Robinson Rodriguez Rogers Romano Rose Ross "
    "Rossi Roth Rousseau Roy Ruiz Russell Ryan Saito Sanchez Santos Sato Schmidt Schneider Scholz Schulz Schwarz Scott "
    "Sharma Shaw Silva Simmons Simon Singh Smith Sokolov Sousa Spencer Stein Stevens Stewart Stone Sullivan Suzuki "
    "Tanaka Taylor Thomas Thompson Torres Tran Tucker Turner Vargas Vasquez Vogel Wagner Walker Wallace Walsh Wang "
    "Ward Watson Weber Weiss Wells West White Williams Wilson Winkler Wong Wood Wright Wu Yamamoto Yang Young Zhang "
    "Zimmermann Müller Gößmann O'Brien O'Connor Nuñez Sørensen D'Angelo Åberg"
)

COMPANY_FIRST = _words(
    "Acorn Alder Amber Anchor Apex Arbor Arrow Ash Aspen Atlas Aurora Avalon Badger Bayside Beacon Bear Birch Blue "
    "Bold Boulder Bramble Bridge Bright Bristol Brook Cactus Canyon Cape Cardinal Cascade Castle Cedar Chestnut Cinder "
    "Clear Cliff Clover Cobalt Comet Copper Coral Coyote Crane Crescent Crest Crimson Crystal Cypress Dawn Deer Delta "
    "Dover Eagle East Echo Elder Elm Ember Emerald Falcon Fern Fir Flint Forest Fox Frost Garnet Glacier Glen Gold "
    "Granite Green Grove Gull Harbor Hart Harvest Haven Hawk Hazel Heath Heron High Holly Horizon Indigo Iris Iron "
    "Island Ivory Ivy Jade Jasper Juniper Key Kestrel Lake Lark Laurel Linden Lion Lotus Lunar Lynx Magnolia Maple "
    "Marble Marsh Meadow Meridian Mill Mint Moon Moss Noble North Oak Ocean Olive Onyx Opal Orchard Osprey Otter Owl "
    "Palm Pearl Pebble Pine Pioneer Polar Poplar Prairie Quartz Quill Rain Raven Red Reef Ridge River Robin Rock Rose "
    "Rowan Ruby Saffron Sage Salt Sand Scarlet Sea Sequoia Shore Silver Sky Slate Snow Solar South Sparrow Spring "
    "Spruce Star Stone Storm Summit Sun Swan Sycamore Tall Thistle Thorn Thunder Tide Timber Topaz Trail True Tulip "
    "Valley Velvet Vine Violet Walnut Water West White Wild Willow Wind Winter Wolf Wren Yarrow Zephyr Zenith"
)

COMPANY_SECOND = _words(
    "acre bank bay beam berry bloom bluff bolt bourne branch break brook burn bury cliff cliffe combe core corner cote "
    "cove craft crest croft cross crown dale dell den down edge end fall fast fell field fin flow ford forge fort gale "
    "gate gear glade glen grain grange green grid grove guard gulf ham hand hart haven head heart hedge height helm "
    "hill hold holm holt house hurst key kirk lake land lane leaf ledge ley light line link lock lodge loop mark mead "
    "mere mill mind mont moor more mount mouth nest ness net oak park pass path peak pine place plain point pool port "
    "post quay reach ridge ring rise rock root row run sail sand shaft shaw shield shire shore side slope spark spire "
    "spring stead stem step stone stream strand summit thorpe tide ton tower town track trail tree turn vale vault "
    "view ville wall ward water way well wharf wick wing wold wood worth yard"
)

# The last word of a company's name follows its industry (Salesforce's standard picklist Lead.Industry).
INDUSTRIES = {
    "Agriculture": ("Farms", "Seeds", "Growers"),
    "Apparel": ("Apparel", "Clothing", "Textiles"),
    "Banking": ("Bank", "Savings", "Bancorp"),
    "Biotechnology": ("Biotech", "Genomics", "Bio"),
    "Chemicals": ("Chemicals", "Coatings", "Polymers"),
    "Communications": ("Communications", "Relations", "Messaging"),
    "Construction": ("Construction", "Builders", "Contractors"),
    "Consulting": ("Consulting", "Advisors", "Advisory"),
    "Education": ("Academy", "Institute", "College"),
    "Electronics": ("Electronics", "Semiconductor", "Circuits"),
    "Energy": ("Energy", "Petroleum", "Renewables"),
    "Engineering": ("Engineering", "Engineers", "Structures"),
    "Entertainment": ("Entertainment", "Studios", "Pictures"),
    "Environmental": ("Environmental", "Recycling", "Remediation"),
    "Finance": ("Capital", "Finance", "Investments"),
    "Food & Beverage": ("Foods", "Beverages", "Brewing"),
    "Government": ("County", "Council", "Authority"),
    "Healthcare": ("Health", "Clinics", "Medical"),
    "Hospitality": ("Hotels", "Resorts", "Hospitality"),
    "Insurance": ("Insurance", "Assurance", "Mutual"),
    "Machinery": ("Machinery", "Machine Works", "Tools"),
    "Manufacturing": ("Manufacturing", "Industries", "Fabrication"),
    "Media": ("Media", "Publishing", "Broadcasting"),
    "Not For Profit": ("Foundation", "Trust", "Alliance"),
    "Recreation": ("Outdoors", "Sports", "Leisure"),
    "Retail": ("Stores", "Retail", "Markets"),
    "Shipping": ("Shipping", "Freight", "Maritime"),
    "Technology": ("Software", "Systems", "Labs"),
    "Telecommunications": ("Telecom", "Wireless", "Networks"),
    "Transportation": ("Transport", "Transit", "Logistics"),
    "Utilities": ("Power", "Utilities", "Electric"),
    "Other": ("Group", "Holdings", "Partners"),
}

# country: (ISO code, top-level domain, telephone prefix, spelling variants, (state, city) pairs)
COUNTRIES: dict[str, tuple[str, str, str, tuple[str, ...], tuple[tuple[str, str], ...]]] = {
    "United States": (
        "US",
        "com",
        "+1",
        ("USA", "US", "U.S.", "United States of America"),
        (
            ("CA", "San Francisco"),
            ("CA", "Los Angeles"),
            ("NY", "New York"),
            ("TX", "Austin"),
            ("TX", "Dallas"),
            ("IL", "Chicago"),
            ("MA", "Boston"),
            ("WA", "Seattle"),
            ("CO", "Denver"),
            ("GA", "Atlanta"),
            ("FL", "Miami"),
            ("OH", "Columbus"),
        ),
    ),
    "United Kingdom": (
        "GB",
        "co.uk",
        "+44",
        ("UK", "GB", "Great Britain", "England"),
        (("England", "London"), ("England", "Manchester"), ("Scotland", "Edinburgh"), ("England", "Bristol")),
    ),
    "Germany": (
        "DE",
        "de",
        "+49",
        ("DE", "Deutschland", "germany"),
        (("Berlin", "Berlin"), ("Bavaria", "München"), ("Hamburg", "Hamburg"), ("Hesse", "Frankfurt")),
    ),
    "Canada": (
        "CA",
        "ca",
        "+1",
        ("CA", "CAN", "canada"),
        (("ON", "Toronto"), ("BC", "Vancouver"), ("QC", "Montréal")),
    ),
    "France": (
        "FR",
        "fr",
        "+33",
        ("FR", "france"),
        (("Île-de-France", "Paris"), ("Auvergne-Rhône-Alpes", "Lyon"), ("Occitanie", "Toulouse")),
    ),
    "Australia": ("AU", "com.au", "+61", ("AU", "AUS"), (("NSW", "Sydney"), ("VIC", "Melbourne"), ("QLD", "Brisbane"))),
    "Netherlands": (
        "NL",
        "nl",
        "+31",
        ("NL", "The Netherlands", "Holland"),
        (("North Holland", "Amsterdam"), ("South Holland", "Rotterdam"), ("Utrecht", "Utrecht")),
    ),
    "Spain": ("ES", "es", "+34", ("ES", "España"), (("Madrid", "Madrid"), ("Catalonia", "Barcelona"))),
    "Sweden": ("SE", "se", "+46", ("SE", "Sverige"), (("Stockholm", "Stockholm"), ("Västra Götaland", "Göteborg"))),
    "India": (
        "IN",
        "in",
        "+91",
        ("IN", "INDIA"),
        (("Karnataka", "Bengaluru"), ("Maharashtra", "Mumbai"), ("Delhi", "New Delhi"), ("Telangana", "Hyderabad")),
    ),
    "Brazil": ("BR", "com.br", "+55", ("BR", "Brasil"), (("SP", "São Paulo"), ("RJ", "Rio de Janeiro"))),
    "Nigeria": ("NG", "ng", "+234", ("NG",), (("Lagos", "Lagos"), ("FCT", "Abuja"))),
}

FREE_EMAIL = _words(
    "gmail.com yahoo.com hotmail.com outlook.com icloud.com aol.com gmx.de web.de live.com protonmail.com mail.com "
    "yandex.com"
)

# What people without a company that we know write into the field "company".
NO_COMPANY = ("Self-employed", "Freelance", "n/a", "-", "Private", "Student", "none", "Self", "Consultant", "unknown")

# seniority: (title patterns; {d} is the department's word; the first of them are the commonest)
TITLES = {
    "executive": (
        "Chief {d} Officer",
        "CEO",
        "CTO",
        "CFO",
        "Chief Executive Officer",
        "Managing Director",
        "President",
        "Founder & CEO",
        "Co-Founder",
        "Owner",
    ),
    "vp": (
        "VP {d}",
        "VP of {d}",
        "Vice President {d}",
        "Vice President, {d}",
        "SVP {d}",
        "V.P. {d}",
        "Senior Vice President of {d}",
    ),
    "director": ("Director of {d}", "{d} Director", "Head of {d}", "Director, {d}", "Senior Director {d}", "Dir. {d}"),
    "manager": ("{d} Manager", "Senior {d} Manager", "Manager, {d}", "Manager {d}", "{d} Mgr", "{d} Team Lead"),
    "specialist": (
        "{d} Specialist",
        "{d} Analyst",
        "Senior {d} Analyst",
        "{d} Consultant",
        "{d} Engineer",
        "{d} Associate",
    ),
    "junior": ("{d} Assistant", "{d} Coordinator", "Junior {d} Analyst", "{d} Intern", "Student", "Office Assistant"),
}

DEPARTMENTS = {
    "sales": ("Sales", "Business Development", "Revenue Operations"),
    "marketing": ("Marketing", "Demand Generation", "Brand"),
    "it": ("IT", "Information Technology", "Software", "Data"),
    "finance": ("Finance", "Accounting", "Treasury"),
    "hr": ("HR", "Human Resources", "People"),
    "operations": ("Operations", "Supply Chain", "Procurement"),
}
