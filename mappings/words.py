"""The vocabulary of a mapping file. The loader, the compiler and the README's test read it from here."""

CRMS = ("salesforce", "hubspot")
KINDS = ("number", "category", "boolean")
FAMILIES = ("fit", "engagement")
MILESTONES = ("won", "converted")

TRANSFORMS = {
    "trim": "text without blanks around it",
    "lower": "text in lower case",
    "number": "text as a number; what is none is missing",
    "boolean": "true for true, yes and 1; false for all else that is filled",
    "present": "whether there is a value at all",
    "domain": "the domain of a web or e-mail address",
    "free_mail": "whether an e-mail address is with a free-mail provider",
    "seniority": "the level in a job title: c_level, vp, director, manager, senior, staff",
    "department": "the department in a job title: sales, marketing, it, finance, operations, hr, product, purchasing",
    "country": "a country under its usual English name",
    "log1p": "the logarithm of one more than a number",
    "length": "how many characters a text has",
}
