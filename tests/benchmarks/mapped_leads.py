"""Made-up leads, companies and activities for the mapping's benchmark, in a file for each chunk of leads.

Beside them the customer's own table of companies, of one size whatever the number of leads.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

CHUNK = 10_000
LEVELS = ("", "Senior ", "Junior ", "Head of ", "VP of ", "Director of ", "Chief ", "Assistant ", "Leiter ")
WORKS = (
    "Sales", "Marketing", "IT", "Finance", "HR", "Operations", "Engineering", "Product", "Purchasing", "Legal",
    "Service", "Data", "Einkauf", "Vertrieb", "Compras", "Gardening", "Research", "Quality", "Supply Chain",
    "Software Development",
)  # fmt: skip
ROLES = ("", " Manager", " Officer", " Engineer", " Analyst", " Coordinator", " Specialist", "in", " II", " (interim)")
COUNTRIES = ("USA", "United States", "Deutschland", "DE", "france", "España", "UK", "Atlantis", " nl ", "Brasil", "IN")
INDUSTRIES = ("Retail", "Banking", "Software ", "Manufacturing", "Health", "Energy", "Education", "")
SIZES = ("11-50", "51-200", "10,000+", "1k", "self-employed", "500", "under 20", "2.500")
MONEY = ("$5M", "EUR 2,5 Mio.", "1.2bn", "$1M - $5M", "3 crore", "750000", "unknown")
FIRST_NAMES = ("Ann", "José", "Wei", "Olu", "Fatima", "John Paul", "Zoë", "Marek", "asdf", "Xavier", "Priya", "J.")
LAST_NAMES = (
    "Smith", "Müller", "García López", "Nguyen", "O'Brien", "Kowalczyk", "Okafor", "de Vries", "Test", "qwrtzpk",
    "Andersson", "Rossi",
)  # fmt: skip
FIRM_WORDS = ("Acme", "Nordic", "Müller", "Blue Sky", "Delta", "Hanse", "Grupo Sol", "The Paper")
FORMS = ("GmbH", "Inc.", "Ltd", "S.A.", "AG & Co. KG", "B.V.", "", "(Holding) plc", "Pvt. Ltd.", "SAS")
# Each number has five digits of its own; the last two kinds are no numbers, or hang on the lead's country.
PHONES = (
    "+1 415 25{}", "(212) 73{}", "+49 30 90{}", "+49 151 234{}", "+44 20 794{}", "+33 6 12 3{}", "+34 91 12{}",
    "+31 6 123{}", "+91 98200 {}", "+55 11 9876{}", "0{}", "+1 555 010 {}",
)  # fmt: skip
TABLE, TABLE_ROWS = "firms.csv", 20_000
START = datetime(2024, 1, 1, tzinfo=UTC)


def write(folder, leads, seed):
    """Write the frames, chunk by chunk, so that no number of leads needs more memory than another."""
    firms(np.random.default_rng(seed)).write_csv(folder / TABLE)
    for chunk in range(-(-leads // CHUNK)):
        some = made(chunk, min(CHUNK, leads - chunk * CHUNK), np.random.default_rng([seed, chunk]))
        for name, frame in some.items():
            frame.write_parquet(folder / f"{name}-{chunk:05}.parquet")


def made(chunk, rows, random):
    """Make one chunk: its leads, the companies that they link to, and their activities."""
    first = chunk * CHUNK
    ids = [f"00Q{first + row:012}" for row in range(rows)]
    domains = [domain(first // 5 + place) for place in range(max(rows // 5, 1))]
    own = random.integers(0, len(domains), rows)
    created = [START + timedelta(minutes=int(minutes)) for minutes in random.integers(0, 1_000_000, rows)]
    titles = titled(random, rows)
    gmail = random.random(rows) < 0.2
    users = [f"user{first + row}" for row in range(rows)]
    leads = {
        "id": ids,
        "link": [None if free else domains[place] for free, place in zip(gmail, own, strict=True)],
        "Title": sparse(random, titles, 0.85),
        "Industry": sparse(random, random.choice(INDUSTRIES, rows), 0.6),
        "NumberOfEmployees": sparse(random, random.integers(1, 5_000, rows).astype(str), 0.5),
        "AnnualRevenue": sparse(random, (random.integers(1, 500, rows) * 10_000).astype(str), 0.4),
        "Country": sparse(random, random.choice(COUNTRIES, rows), 0.8),
        "LeadSource": sparse(random, random.choice(("Web", "Event", "Partner ", "Phone"), rows), 0.9),
        "Email": [
            f"{user}@{'gmail.com' if free else domains[place]}"
            for user, free, place in zip(users, gmail, own, strict=True)
        ],
        "FirstName": sparse(random, random.choice(FIRST_NAMES, rows), 0.9),
        "LastName": random.choice(LAST_NAMES, rows),
        "Company": sparse(random, [firm(first // 5 + place) for place in own], 0.95),
        "Phone": sparse(random, phones(random, rows), 0.7),
        "Website": sparse(random, [f"https://www.{domains[place]}" for place in own], 0.5),
        "EmailBouncedDate": sparse(random, [text(one) for one in created], 0.05),
        "CreatedDate": [text(one) for one in created],
        "CurrencyIsoCode": random.choice(("USD", "EUR", "GBP"), rows),
        "Size__c": sparse(random, random.choice(SIZES, rows), 0.6),
        "Revenue__c": sparse(random, random.choice(MONEY, rows), 0.6),
        "Interests__c": sparse(random, random.choice(("News", "News;Webinars", "Demo", "Demo;News;Trial"), rows), 0.5),
    }
    companies = {
        "id": [f"001{first // 5 + place:012}" for place in range(len(domains))],
        "key": domains,
        "Industry": random.choice(INDUSTRIES, len(domains)),
        "NumberOfEmployees": random.integers(1, 50_000, len(domains)).astype(str),
        "AnnualRevenue": (random.integers(1, 5_000, len(domains)) * 100_000).astype(str),
        "BillingCountry": random.choice(COUNTRIES, len(domains)),
        "CreatedDate": [text(START - timedelta(days=int(days))) for days in random.integers(-300, 900, len(domains))],
    }
    whose = random.integers(0, rows, rows)
    days = random.exponential(10, rows)
    activities = {
        "id": [f"00v{first + row:012}" for row in range(rows)],
        "link": [ids[row] for row in whose],
        "HasResponded": random.choice(("true", "false"), rows),
        "Status": random.choice(("Sent", "Responded", "Attended"), rows),
        "Minutes__c": random.integers(1, 90, rows).astype(str),
        "CreatedDate": [text(created[row] + timedelta(days=after)) for row, after in zip(whose, days, strict=True)],
    }
    return {"leads": framed(leads), "companies": framed(companies), "activities": framed(activities)}


def domain(place):
    return f"{('firm', 'my-company', 'acme-tools')[place % 3]}{place}.{('com', 'de', 'co.uk', 'io')[place % 4]}"


def firm(place):
    return f"{FIRM_WORDS[place % len(FIRM_WORDS)]} {place} {FORMS[place % len(FORMS)]}".strip()


def firms(random):
    """Make the customer's table: what it knows of some of the companies of a million leads."""
    known = random.choice(200_000, TABLE_ROWS, replace=False)
    domains = [f"www.{domain(place)}" for place in known]
    return pl.DataFrame({"Domain": domains, "Sector": random.choice(INDUSTRIES, TABLE_ROWS), "Staff": known % 9_000})


def phones(random, rows):
    own = random.integers(0, 100_000, rows)
    return [kind.format(f"{number:05}") for kind, number in zip(random.choice(PHONES, rows), own, strict=True)]


def titled(random, rows):
    parts = (random.choice(LEVELS, rows), random.choice(WORKS, rows), random.choice(ROLES, rows))
    return [f"{level}{work}{role}" for level, work, role in zip(*parts, strict=True)]


def sparse(random, values, share):
    return [
        value if is_there else None for value, is_there in zip(values, random.random(len(values)) < share, strict=True)
    ]


def text(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def framed(columns):
    return pl.DataFrame(
        {name: pl.Series(name, values, dtype=pl.String, strict=False) for name, values in columns.items()}
    )
