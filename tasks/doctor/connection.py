"""The steps of one connection, in the order in which they are set up: each stands on the ones before it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial

from connector.crm import CRM, Budget, Entity, PieceState, Right
from connector.errors import ConnectorError, Misconfigured, OutOfQuota, Retryable
from mappings.file.load import Mapping, MappingInvalid
from tasks.connections import Connection, SignIn
from tasks.doctor.steps import HERE, PLACES, SETTINGS, State, Step, as_admin, cannot_tell, not_yet, of, ok
from tasks.provisioning import installed
from tasks.ready import Check, called, inputs, outputs, together
from tasks.screens import counted
from tasks.settings import SettingsInvalid
from tasks.store import models
from tasks.wiring import Wiring

ATTEMPTS = 2  # somebody waits
REFERENCES = ("client_id", "client_secret", "refresh_token", "token", "private_key")
ASKED = ("address", "sign-in", "rights", "read", "write our fields", "history", "quota")  # of the CRM, in this order


def steps(wiring: Wiring, name: str) -> list[Step]:
    """Look at everything of one connection. Raises SettingsInvalid when there is none of that name."""
    connection = wiring.connection(name)
    secrets = _secrets(wiring, connection, connection.sign_in)
    try:
        mapping = wiring.mapping(name)
    except (MappingInvalid, SettingsInvalid) as error:
        return [secrets, not_yet("mapping", str(error), "the mapping's file, or `truegrade map check`")]
    found = [secrets, ok("mapping", f"{mapping.name}: {len(mapping.features)} features")]
    if secrets.state is State.NOT_YET:
        found += [cannot_tell(step, "secrets come first") for step in ASKED]
    else:
        found += _asked(wiring, connection, mapping)
    return [*found, *_of_admin(wiring, connection, mapping), _model(wiring, connection)]


def _secrets(wiring: Wiring, connection: Connection, sign_in: SignIn) -> Step:
    """Look at whether each secret is where connections.yaml says; none of them is shown."""
    wanted = [key for key in REFERENCES if hasattr(sign_in, key)]
    missing = []
    for key in wanted:
        try:
            wiring.secrets.value(getattr(sign_in, key), where=key)
        except SettingsInvalid as error:
            missing.append(str(error))
    where = f"{PLACES[connection.crm]['secrets']}; here: {SETTINGS}"
    return not_yet("secrets", " ".join(missing), where) if missing else ok("secrets", f"{', '.join(wanted)}: there")


def _asked(wiring: Wiring, connection: Connection, mapping: Mapping) -> list[Step]:
    """Look at what the CRM says to the integration user."""
    places = PLACES[connection.crm]
    try:
        with wiring.crm(connection.name, attempts=ATTEMPTS) as crm:
            budget = crm.budget()
            reads, writes = mapping.entities, tuple(mapping.own_fields)
            found = [ok("address", "answers"), ok("sign-in", "signed in")]
            found += _rights(crm.rights(reads, writes, as_admin=False))
            found += _fields(crm, mapping, places)
            return [*found, _quota(budget, places["quota"])]
    except (ConnectorError, SettingsInvalid) as error:
        return _hindered(error, places)


def _hindered(error: Exception, places: dict[str, str]) -> list[Step]:
    """Tell what kept us from asking; what stands on that cannot be told."""
    match error:
        case OutOfQuota():
            step = not_yet("quota", f"{error} It comes back by itself.", places["quota"])
        case Misconfigured():
            step = not_yet("sign-in", str(error), places["sign-in"])
        case SettingsInvalid():
            step = not_yet("address", str(error), SETTINGS)
        case _:
            step = not_yet("address", str(error), places["address"])
    before = {"quota": ("address", "sign-in"), "sign-in": ("address",)}.get(step.name, ())
    told = {step.name: step} | {name: ok(name, "answers" if name == "address" else "signed in") for name in before}
    return [told.get(name) or cannot_tell(name, f"{step.name} comes first") for name in ASKED]


def _rights(rights: Iterable[Right]) -> Iterator[Step]:
    for right in rights:
        name = f"right: {right.name}"
        if right.held:
            yield ok(name, right.why)
        elif right.held is None or right.optional:
            known = "not held" if right.held is not None else "the CRM does not tell"
            yield cannot_tell(name, f"{known}; it is for {right.why}", right.where)
        else:
            yield not_yet(name, f"not held; it is for {right.why}", right.where)


def _fields(crm: CRM, mapping: Mapping, places: dict[str, str]) -> Iterator[Step]:
    """Look at what is read, what is written, and what history is kept; what one refuses hinders no other."""
    for entity in mapping.entities:
        yield from _checked(f"read {called(mapping, entity)}", partial(inputs, crm, mapping, entity), places["read"])
    yield from _checked("write our fields", partial(outputs, crm, mapping), places["write"])
    yield _history(crm, mapping, places["history"])


def _checked(name: str, look: Callable[[], Sequence[Check]], where: str) -> list[Step]:
    try:
        return [of(check, where) for check in together(look())]
    except Misconfigured as error:
        return [not_yet(name, str(error), where)]


def _history(crm: CRM, mapping: Mapping, where: str) -> Step:
    """Look at whether the CRM keeps what fields held before, from which examples of the past are made."""
    with suppress(Misconfigured, Retryable):
        if next(crm.history(Entity.LEAD, mapping.remembered_fields(Entity.LEAD), None), None) is not None:
            return ok("history", "kept of the fields that are tracked")
    return cannot_tell("history", "none is kept, or none is shown to this user; scoring works without it", where)


def _quota(budget: Budget, where: str) -> Step:
    if budget.used is None or budget.limit is None:
        return cannot_tell("quota", "the CRM does not tell", where)
    told = f"{budget.used:,} of {budget.limit:,} calls of the day are used"
    if budget.used >= budget.limit:
        return not_yet("quota", f"{told}; they come back by themselves", where)
    return ok("quota", told)


def _of_admin(wiring: Wiring, connection: Connection, mapping: Mapping) -> list[Step]:
    """Look at what `truegrade provision` needs, and what it has made so far."""
    places = PLACES[connection.crm]
    if connection.admin_sign_in is None:
        return [cannot_tell("views and panel", "no admin_sign_in, which only `truegrade provision` needs", SETTINGS)]
    secrets = _secrets(wiring, connection, connection.admin_sign_in)
    if secrets.state is State.NOT_YET:
        return as_admin([secrets])
    try:
        with wiring.crm(connection.name, as_admin=True, attempts=ATTEMPTS) as crm:
            rights = [*_rights(crm.rights(mapping.entities, tuple(mapping.own_fields), as_admin=True))]
    except (ConnectorError, SettingsInvalid) as error:
        return as_admin([secrets, not_yet("sign-in", str(error), places["sign-in"])])
    signed_in = as_admin([secrets, ok("sign-in", "signed in"), *rights])
    return [*signed_in, *_integration_user(connection), _views(wiring, connection)]


def _integration_user(connection: Connection) -> Iterator[Step]:
    """Look at whether `truegrade provision` knows to whom it gives access; HubSpot's tokens are nobody's."""
    if connection.crm == "salesforce" and not connection.integration_user:
        told = "no integration_username: `truegrade provision` gives nobody the permission set Truegrade Integration"
        yield cannot_tell("integration user", told, SETTINGS)


def _views(wiring: Wiring, connection: Connection) -> Step:
    """Look at what `truegrade provision` would still make, by its dry run."""
    where = PLACES[connection.crm]["views and panel"]
    try:
        pieces = installed(wiring, connection.name, dry_run=True).pieces
    except ConnectorError as error:
        return not_yet("views and panel", str(error), where)
    missing = [piece.name for piece in pieces if piece.state in {PieceState.CREATED, PieceState.REPLACED}]
    refused = [f"{piece.name}: {piece.told}" for piece in pieces if piece.state is PieceState.REFUSED]
    if not missing and refused:  # such as a panel that shows another connection's fields: nothing to be done here
        return cannot_tell("views and panel", "; ".join(refused), where)
    if not missing:
        return ok("views and panel", f"{counted(len(pieces), 'piece')}, all there")
    told = f"missing or old: {', '.join(missing)}; run `truegrade provision {connection.name}`"
    return not_yet("views and panel", told, where)


def _model(wiring: Wiring, connection: Connection) -> Step:
    found = models.current(wiring.store, connection.name)
    if found is None:
        told = f"none yet: `truegrade sync {connection.name}` learns one; while history is short, points score"
        return not_yet("model", told, HERE)
    return ok("model", f"{found.version} scores")
