"""The words of work on a lead: values that a field takes because somebody worked on it, or because it ended.

A status, a call's result, a rep's judgement, another system's grade or the last touch are all as they stand today, and
today knows the outcome. A field whose values are mostly such words tells how the story went, not how it began.
"""

import re

import polars as pl

SHARE = 0.5  # of a field's filled rows whose value is such a word

# Outcomes and statuses; results of calls; judgements; grades of other scores; what was done last.
WORDS = (
    r"(closed|lost|won|converted|disqualified|unqualified|qualified|junk|duplicate|contacted|nurturing|reopened)",
    r"(closed|lost|won) .*", r".* (won|lost)", r"in touch with .*", r"not? (interested|eligible|qualified).*",
    r"interested +in .*", r"already (a|an) .*", r"will (revert|call|think|join).*", r"shall take .*", r"still thinking",
    r"want to take .*", r"in confusion.*", r"not doing .*", r".*\(not eligible\)", r"do not call", r"opp hangup",
    r"(ringing|switched off|busy|no answer|no response|not responding|voicemail|unreachable|not reachable|hung up)",
    r"(invalid|wrong) (number|e-?mail).*", r"number not provided", r"(callback|call back|follow.?up)( .*)?",
    r"(working|attempted|open|new|closed) ?- ?.*(contacted|converted).*", r"(open|in progress|open deal|bad timing)",
    r"(proposal|contract|quote|demo)[ _-](sent|given|scheduled|completed)", r"(negotiation|prospecting)(/.*)?",
    r"(hot|warm|cold)( lead)?", r"(high|low|medium) in relevance", r"might be", r"not sure", r"worst",
    r"(potential|other|good|bad|junk|serious) leads?", r"\d\d?\.? ?(high|medium|low)",
    r"(e-?mail|sms|phone|website|chat|call|meeting|form)s? (activity|opened|sent|received|clicked|link clicked)( .*)?",
    r"(e-?mail|sms|phone|chat|call|meeting|form)s? (bounced|submitted|replied|conversation|completed)( .*)?",
    r"(call|meeting|task|demo)s? (scheduled|logged|held|done)( .*)?",
    r"(page visited|form submitted|view in browser).*", r"had a .*conversation", r"olark chat conversation",
    r"e-?mail marked spam",
    r"(modified|unsubscribed|resubscribed.*|approached upfront|visited booth .*|converted to lead)",
)  # fmt: skip
# What forms and imports put where nobody chose anything: neither here nor there.
PLACEHOLDERS = (
    "select",
    "please select",
    "none",
    "-",
    "--",
    "n/a",
    "unknown",
    "not provided",
    "not specified",
    "other",
)
PATTERN = re.compile("|".join(f"(?:{word})" for word in WORDS), re.IGNORECASE)


def words_of_work(column: pl.Series) -> tuple[float, list[str]]:
    """Return the share of filled rows whose value is such a word, and the most frequent of these words."""
    told = column.filter(~column.str.to_lowercase().is_in(PLACEHOLDERS)).drop_nulls()
    counts = told.alias("value").value_counts(sort=True)
    found = [
        (value, count)
        for value, count in counts.iter_rows()
        if PATTERN.fullmatch(" ".join(value.replace("_", " ").split()))
    ]
    total = int(counts["count"].sum() or 0)
    share = sum(count for _, count in found) / total if total else 0.0
    return share, [value for value, _ in found[:3]]
