"""How `truegrade --help` shows the commands: in panels by what somebody wants, in the order in which one meets them."""

from typing import cast

import typer
from typer.core import TyperGroup

PANELS = {
    "Begin": ("init", "connect", "provision", "doctor", "demo", "simulator"),
    "Every day": ("sync", "pull", "train", "score", "push", "backfill"),
    "Look": ("status", "explain", "refusals", "duplicates", "handovers"),
    "Dictionary": ("map", "preview", "enrich", "override"),
    "Model": ("models", "use", "report", "evaluate"),
    "People's rights": ("export-person", "forget"),
    "Operate": ("up", "worker", "beat", "migrate", "health", "alerts", "metrics", "reconcile"),
}
PANEL_OF = {command: panel for panel, commands in PANELS.items() for command in commands}
PLACE = {command: place for place, command in enumerate(PANEL_OF)}


class InPanels(TyperGroup):
    """The commands in the order of the panels, which Typer draws as it meets them; one that none names comes last."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # base names a private class
        return sorted(super().list_commands(ctx), key=lambda name: PLACE.get(name, len(PLACE)))


def arrange(app: typer.Typer) -> None:
    """Put each registered command and group of commands into its panel."""
    for command in app.registered_commands:
        name = command.name or cast("str", getattr(command.callback, "__name__", ""))
        command.rich_help_panel = PANEL_OF.get(name)
    for group in app.registered_groups:
        group.rich_help_panel = PANEL_OF.get(group.name or "")
