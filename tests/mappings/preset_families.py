"""The presets with all that is ready in them, and which of their features belong to which family of lead data."""

import re

from mappings.file.load import parse, preset_text

READY = re.compile(r"^( *)#\+ ", flags=re.MULTILINE)

# What an example is made of beside the families: where the lead came from.
START = {"salesforce": ("source", "campaign_touches", "campaign_responses"), "hubspot": ("source",)}
DEMOGRAPHIC = ("seniority", "department", "has_title", "country", "language", "has_phone")
JUNK = ("free_mail", "mail_kind", "spam_signs", "phone_valid", "name_plausible")
FAMILIES = {
    "salesforce": {
        "demographic": DEMOGRAPHIC,
        "company": (
            "industry", "employees", "annual_revenue", "has_website", "founded", "ownership", "has_parent",
            "legal_form",
        ),
        "online": ("visits", "recent_visits", "high_value_visits", "last_visit_days", "last_page"),
        "e-mail": (
            "email_bounced", "opted_out", "emails_sent", "emails_opened", "emails_clicked", "emails_replied",
            "last_answer_days", "talk_seconds", "calls_to_us", "meetings",
        ),
        "social": ("linkedin_touches", "facebook_touches", "twitter_touches", "last_touch_days"),
        "junk": (*JUNK, "click_share"),
    },
    "hubspot": {
        "demographic": DEMOGRAPHIC,
        "company": (
            "industry", "employees", "annual_revenue", "founded", "is_public", "has_parent", "legal_form",
        ),
        "online": (
            "page_views", "visits", "forms", "unique_forms", "high_value_visits", "pages_per_visit", "last_page",
            "last_form", "last_visit_days", "last_form_days",
        ),
        "e-mail": (
            "emails_delivered", "emails_opened", "emails_clicked", "emails_replied", "emails_bounced", "opted_out",
            "last_open_days", "last_click_days", "last_reply_days",
        ),
        "social": ("social_clicks", "linkedin_clicks", "facebook_clicks", "twitter_clicks", "last_social_days"),
        "junk": (*JUNK, "click_delay"),
    },
}  # fmt: skip


def whole_text(crm):
    """Give the preset's text with the lines that are ready in it taken in."""
    return READY.sub(r"\1", preset_text(crm))


def whole_preset(crm):
    return parse(whole_text(crm), f"preset {crm}")
