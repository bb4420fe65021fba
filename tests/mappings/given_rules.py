"""Mappings with hard rules, for tests of what is read and of what becomes of scores."""

from mappings.file.load import parse
from tests.mappings.conftest import MINIMAL

FEATURES = (
    MINIMAL
    + """\
  - {name: employees, label: Employees, kind: number, family: fit, from: NumberOfEmployees}
  - {name: free_mail, label: Free e-mail address, kind: boolean, family: fit, from: Email, transforms: [free_mail]}
"""
)


def ruled(*rules, apply="first"):
    """Make a mapping with these rules, each a line of YAML without its braces."""
    lines = "".join(f"    - {{{rule}}}\n" for rule in rules)
    return parse(f"{FEATURES}rules:\n  apply: {apply}\n  list:\n{lines}", "acme.yaml")


def rule(name="one", when="{feature: employees, from: 1}", does="grade: D", because="why"):
    return f"name: {name}, when: {when}, {does}, because: {because}"
