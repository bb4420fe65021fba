"""Write the tables of mappings/README.md that the code knows: `./dev python -m tests.mappings.reference [FILE]`.

They stand between `<!-- NAME: generated -->` and `<!-- end -->`. A test holds the file against them.
"""

import re
import sys
from pathlib import Path

from mappings import words
from mappings.languages import CODES, phrases

README = Path(words.__file__).parent / "README.md"
BLOCK = re.compile(r"(<!-- (\w+): generated -->\n).*?(?=<!-- end -->)", re.DOTALL)


def tables():
    """Make each table by the name that its marker has."""
    return {
        "languages": table(("language", "what it is"), words.LANGUAGES.items()),
        "terms": table(
            ("concept", *CODES[1:]),
            ((concept, *(phrases(code).terms[concept] for code in CODES[1:])) for concept in phrases("en").terms),
        ),
        "scored": table(("scored", "what that is"), words.SCORED.items()),
        "kinds": table(("kind", "what it is"), words.KINDS.items()),
        "families": table(("family", "what it is"), words.FAMILIES.items()),
        "earlier": table(
            ("fact", "what earlier leads tell"), ((name, fact.says) for name, fact in words.EARLIER.items())
        ),
        "measures": table(
            ("measure", "what `count` tells", "goes with"),
            ((name, measure.says, goes_with(measure)) for name, measure in words.MEASURES.items()),
        ),
        "transforms": table(
            ("transform", "takes", "gives"),
            ((written(name, one), takes(one), one.says) for name, one in words.TRANSFORMS.items()),
        ),
    }


def written(name, transform):
    return f"{{{name}: {transform.example}}}" if transform.example else name


def takes(transform):
    return "any value" if transform.takes is words.ANYTHING else transform.takes.value


def goes_with(measure):
    needs = [
        f"`{key}`" for key, is_needed in (("field", measure.needs_field), ("where", measure.needs_where)) if is_needed
    ]
    if not measure.needs_where:
        needs.append("`where` if you like")
    return ", ".join([*needs, *(["`half_life_days` if you like"] if measure.fades else [])])


def table(heads, rows):
    lines = [heads, ["---"] * len(heads), *([f"`{first}`", *rest] for first, *rest in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def renewed(text):
    """Put the tables of today into the text."""
    known = tables()
    return BLOCK.sub(lambda found: found[1] + known[found[2]], text)


def main(arguments):
    path = Path(arguments[0]) if arguments else README
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
