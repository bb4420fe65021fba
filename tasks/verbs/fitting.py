"""Whether a model fits a mapping: it must look at features that the mapping makes, and tell what the mapping asks."""

from connector.errors import Misconfigured
from mappings.file.load import Mapping
from model.model import Model

TRAIN = "Run `truegrade train`, restore the mapping, or put back a model that fits: see `truegrade models`."


def misfit(model: Model, mapping: Mapping, connection: str) -> str | None:
    """Say in a sentence why the model cannot score by this mapping; None when it can."""
    mapped = {(feature.name, feature.kind) for feature in mapping.features}
    gone = [feature.name for feature in model.features if (feature.name, feature.kind) not in mapped]
    if gone:
        return (
            f"The model of {connection} was learned with other features than its mapping has now: "
            f"{', '.join(gone)} {'is' if len(gone) == 1 else 'are'} gone, or of another kind."
        )
    asked = (mapping.outcome.milestone, mapping.outcome.horizon_days)
    learned = (model.card["milestone"], model.card["horizon_days"])
    if asked != learned:
        return (
            f"The model of {connection} tells who is {learned[0]} within {learned[1]} days, its mapping now asks "
            f"who is {asked[0]} within {asked[1]} days."
        )
    return None


def require_fit(model: Model, mapping: Mapping, connection: str) -> Model:
    """Go on only with a model that fits. Raises Misconfigured saying why it does not."""
    if found := misfit(model, mapping, connection):
        raise Misconfigured(found, fix=TRAIN)
    return model
