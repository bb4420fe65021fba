"""The section grades of a mapping file: what makes an A, a B and a C."""

from mappings import words
from mappings.file.reader import Reader
from mappings.file.yamlfile import Block
from model.grades import DEFAULT, Grades

WHERE = "grades"


def read_grades(reader: Reader, mapping: Block) -> Grades:
    """Read how grades are drawn; without the section, by share of the reference population."""
    if "grades" not in mapping.values:
        return DEFAULT
    block = reader.block(mapping, "grades", "the mapping")
    reader.keys(block, words.GRADES_KEYS, WHERE)
    by = reader.one_of(block, "by", words.GRADES_BY, WHERE)
    a, b, c = (reader.amount(block, grade, WHERE) for grade in ("A", "B", "C"))
    match by:
        case "share":
            _check_shares(reader, block, a + b + c)
            return Grades("share", a, b, c)
        case "likelihood":
            _check_likelihoods(reader, block, (a, b, c))
            return Grades("likelihood", a, b, c)
        case "capacity":
            return Grades("capacity", a, b, c)
        case _:
            return DEFAULT


def _check_shares(reader: Reader, block: Block, total: float) -> None:
    if total > 100:
        fix = "write per cent that leave the rest for D, such as A: 10, B: 20, C: 30"
        reader.wrong(block.line, f"the shares of A, B and C are {total:g} % together", fix)


def _check_likelihoods(reader: Reader, block: Block, parts: tuple[float, float, float]) -> None:
    fix = "write falling numbers between 0 and 1, such as A: 0.3, B: 0.15, C: 0.05"
    if any(part >= 1 for part in parts):
        reader.wrong(block.line, "a likelihood of grades is 1 or more, which no lead has", fix)
    elif not parts[0] > parts[1] > parts[2]:
        reader.wrong(block.line, "the likelihoods of grades do not fall from A to C", fix)
