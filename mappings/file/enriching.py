"""The section enrich of a mapping file: where columns beside a lead's own come from; see `enrichment`."""

import re
from collections.abc import Iterable

import orjson

from connector.enrichment.sources import (
    MARK,
    ServiceSource,
    Source,
    TableSource,
    address_problem,
    parse_path,
)
from mappings.enrichment import OFFLINE, PARTS, Enrichment, WriteBack
from mappings.file.enrich_fields import check_fields, read_key
from mappings.file.reader import Reader, shown
from mappings.file.writing_back import read_write_back
from mappings.file.yamlfile import Block, Items, Node, Word
from mappings.parts import Links
from mappings.words import AUTH_KEYS, OFFLINE_KEYS, SERVICE_KEYS, TABLE_KEYS, WHEN_DOWN

NAME = re.compile(r"[a-z][a-z0-9_]*")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
SECRET = re.compile(r"(?:env|file):.+")


def read_enrich(reader: Reader, mapping: Block, crm: str, links: Links) -> Enrichment:
    """Read the section; without it, what the record itself tells is there all the same."""
    parts: dict[str, tuple[str, ...]] = dict(PARTS.get(crm, {}))
    sources: list[Source] = []
    write_back: list[WriteBack] = []
    taken = dict.fromkeys(OFFLINE, "what the record itself tells")
    items = reader.items(mapping, "enrich", "the mapping", needed=False)
    blocks = [item for item in items if isinstance(item, Block)]
    for item in items:
        if not isinstance(item, Block):
            reader.wrong(item.line, f"enrich lists {shown(item)}", "write a block of name, table or url, key, fields")
    check_fields(reader, mapping, links)
    for block in blocks:
        if "reads" in block.values:
            parts |= _parts(reader, block, parts)
    for block in blocks:
        if "reads" not in block.values:
            source = _source(reader, block, parts)
            _claim(reader, block, source, taken)
            sources.append(source)
            write_back += read_write_back(reader, block, source)
    names = [source.name for source in sources]
    for block, name in zip((block for block in blocks if "reads" not in block.values), names, strict=True):
        if names.count(name) > 1:
            reader.wrong(block.line, f"two sources of enrich are named {name}", "give one another name")
    return Enrichment(tuple(parts.items()), tuple(sources), tuple(write_back))


def _parts(reader: Reader, block: Block, known: Iterable[str]) -> dict[str, tuple[str, ...]]:
    where = "enrich"
    if "write_back" in block.values:
        fix = "remove it: what a record itself tells is there already; tables and services write back"
        reader.wrong(block.lines["write_back"], "what the record itself tells is not written back", fix)
    reader.keys(block, (*OFFLINE_KEYS, "write_back"), where)
    reads = reader.block(block, "reads", where)
    reader.keys(reads, known, "reads of enrich")
    return {part: reader.texts(reads, part, "reads of enrich") for part in reads.values}


def _source(reader: Reader, block: Block, parts: dict[str, tuple[str, ...]]) -> Source:
    name = reader.text(block, "name", "a source of enrich")
    where = f"enrich {name}" if name else "a source of enrich"
    if name and not NAME.fullmatch(name):
        reader.wrong(block.lines["name"], f"no source can be named {name}", "write lower-case letters, digits, _")
    if ("table" in block.values) == ("url" in block.values):
        reader.wrong(block.line, f"{where} needs one of table and url", "write where its values come from")
    if "table" in block.values:
        return _table(reader, block, name, where, parts)
    return _service(reader, block, name, where, parts)


def _table(reader: Reader, block: Block, name: str, where: str, parts: dict[str, tuple[str, ...]]) -> TableSource:
    reader.keys(block, TABLE_KEYS, where)
    path = reader.text(block, "table", where)
    if path and not path.endswith((".csv", ".parquet")):
        reader.wrong(block.lines["table"], f"table of {where} is {path}", "name a .csv or a .parquet file")
    key = read_key(reader, block, where, parts)
    fields = _fields(reader, block, where)
    column = reader.text(block, "column", where, needed=False) or key.kind
    return TableSource(name, path, key, column, tuple((field, word.text) for field, word in fields))


def _service(reader: Reader, block: Block, name: str, where: str, parts: dict[str, tuple[str, ...]]) -> ServiceSource:
    reader.keys(block, SERVICE_KEYS, where)
    url = reader.text(block, "url", where)
    key = read_key(reader, block, where, parts, named_in=url)
    url = url.replace(f"{{{key.kind}}}", MARK)
    if url and (fix := address_problem(url)):
        reader.wrong(block.lines["url"], f"the address of {where} cannot be used", fix)
    body = _body(reader, block, where, key.kind)
    if url and MARK not in url and MARK not in (body or ""):
        reader.wrong(block.lines["url"], f"{where} never says which key it asks for", f"put {MARK} into url or body")
    auth = reader.block(block, "auth", where, needed=False)
    header, scheme, secret = _auth(reader, auth, where) if "auth" in block.values else ("", "", "")
    down = reader.one_of(block, "when_down", WHEN_DOWN, where) if "when_down" in block.values else "skip"
    paths = tuple((field, _path(reader, word, where)) for field, word in _fields(reader, block, where))
    numbers = {
        key: reader.amount(block, key, where)
        for key in ("per_second", "cost", "most_cost_a_day", "timeout_s")
        if key in block.values
    }
    days = {key: reader.days(block, key, where) for key in ("keep_days", "most_a_run") if key in block.values}
    if "cost" in numbers and "most_cost_a_day" not in numbers:
        reader.wrong(block.lines["cost"], f"{where} costs money without a limit", "add most_cost_a_day")
    how = {"body": body, "header": header, "scheme": scheme, "secret": secret, "waits": down == "wait"}
    return ServiceSource(name, url, key, paths, **how, **numbers, **days)  # type: ignore[arg-type]  # each key has its kind above


def _fields(reader: Reader, block: Block, where: str) -> list[tuple[str, Word]]:
    fields = reader.block(block, "fields", where)
    found = []
    for name, node in fields.values.items():
        if not NAME.fullmatch(name):
            fix = "write lower-case letters, digits, _"
            reader.wrong(fields.lines[name], f"no enriched field can be named {name}", fix)
        if isinstance(node, Word) and node.text:
            found.append((name, node))
        else:
            fix = "name a column of the table, or a path in the reply"
            reader.wrong(fields.lines[name], f"{name} of {where} is {shown(node)}", fix)
    if "fields" in block.values and not fields.values:
        reader.wrong(block.lines["fields"], f"{where} gives no fields", "list at least one")
    return found


def _path(reader: Reader, word: Word, where: str) -> tuple[str | int, ...]:
    path = parse_path(word.text)
    if path is None:
        reader.wrong(word.line, f"{where} has the path {word.text}", "write it as company.sites[0].country")
    return path or ()


def _auth(reader: Reader, auth: Block, where: str) -> tuple[str, str, str]:
    where = f"auth of {where}"
    reader.keys(auth, AUTH_KEYS, where)
    header, secret = reader.text(auth, "header", where), reader.text(auth, "secret", where)
    if header and not HEADER.fullmatch(header):
        reader.wrong(auth.lines["header"], f"header of {where} is no header's name", "write one such as Authorization")
    if secret and not SECRET.fullmatch(secret):
        fix = "say where it is, as env:NAME or file:PATH, and keep the secret itself out of this file"
        reader.wrong(auth.lines["secret"], f"secret of {where} must name the secret", fix)
    return header, reader.text(auth, "scheme", where, needed=False), secret


def _body(reader: Reader, block: Block, where: str, kind: str) -> str | None:
    """Read what is posted, as JSON text; None: nothing is, the service is asked with GET."""
    if "body" not in block.values:
        return None
    body = reader.block(block, "body", where)
    return orjson.dumps(_plain(body)).decode().replace(f"{{{kind}}}", MARK)


def _plain(node: Node) -> object:
    match node:
        case Block():
            return {name: _plain(value) for name, value in node.values.items()}
        case Items():
            return [_plain(item) for item in node.items]
        case Word():
            return node.value if isinstance(node.value, str | int | float | bool | None) else node.text


def _claim(reader: Reader, block: Block, source: Source, taken: dict[str, str]) -> None:
    """Note fields that something else gives already: which one would count could not be told from the file."""
    lines = reader.block(block, "fields", source.name, needed=False).lines
    for name, _ in source.fields:
        if name in taken:
            reader.wrong(
                lines.get(name, block.line), f"{name} is given by {taken[name]} already", "give it another name"
            )
        taken[name] = f"enrich {source.name}"
