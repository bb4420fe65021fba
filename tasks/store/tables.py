"""The tables of the state store: what every module of `tasks.store` reads and writes.

One schema for SQLite and PostgreSQL. Instants are text ("2026-01-02T03:04:05.000Z"), which sorts as time does on both;
JSON is text that the database never looks into. `connection` comes first in every key: one store serves all of them.
A change here needs a migration in `migrations/versions`; a test compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

metadata = MetaData()

# Counts the changes of a connection. `version` is the last number given to a page of changes; changes up to
# `marked_version` have been turned into rows of `stale`, for scores of model `marked_model`.
marks = Table(
    "marks",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("marked_version", BigInteger, nullable=False),
    Column("marked_model", Text),
)

# The CRM's records, as they were mapped: `data` is a JSON object of canonical values by field name, without nulls,
# names sorted; `content_hash` is a hash over it and `version` the number of its last change. A record that is gone
# keeps its id and stamp alone, so that a late page cannot bring it back.
records = Table(
    "records",
    metadata,
    Column("connection", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("key", Text),  # what leads point to: of a company
    Column("link", Text),  # what it points to: a lead to its company's key, activities and deals to leads
    Column("stamp_at", Text, nullable=False),
    Column("content_hash", LargeBinary),
    Column("version", BigInteger, nullable=False),
    Column("gone", Text),  # null, "deleted" or "merged"
    Column("merged_into", Text),
    Column("data", Text),
    Column("gone_at", Text),  # when retention first saw that it is gone
    PrimaryKeyConstraint("connection", "entity", "id", name="records_pkey"),
)
# Both names in one expression: an index that began with the primary key's columns would be taken for look-ups by id as
# long as PostgreSQL has no statistics, which is throughout the first load.
Index("records_by_version", text("(connection || ' ' || entity)"), records.c.version)
for _name in ("key", "link"):
    _where = text(f"{_name} IS NOT NULL")
    _columns = (records.c.connection, records.c.entity, records.c[_name])
    Index(f"records_by_{_name}", *_columns, sqlite_where=_where, postgresql_where=_where)

# What a field held before it changed at `at`; rows are only added, but go with their record. `source` is "history" (the
# CRM's own, the moment is exact) or "snapshot" (two pulls differed: it changed after `since` and no later than `at`).
changes = Table(
    "changes",
    metadata,
    Column("connection", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("old", Text),
    PrimaryKeyConstraint("connection", "entity", "id", "field", "at", "source", name="changes_pkey"),
)

# Where the next read of the CRM's own history of an entity starts, and of which fields it was read.
histories = Table(
    "histories",
    metadata,
    Column("connection", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("position", Text, nullable=False),
    Column("fields", Text, nullable=False),
    PrimaryKeyConstraint("connection", "entity", name="histories_pkey"),
)

# Where the next pull of an entity starts. `state` is "loading" until the first load was seen to its end; `fields` are
# the names that the stored records were read with; `swept_at` is when deletions were last swept.
cursors = Table(
    "cursors",
    metadata,
    Column("connection", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("position", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("swept_at", Text, nullable=False),
    PrimaryKeyConstraint("connection", "entity", name="cursors_pkey"),
)

# Records that a load of everything has shown so far; what is stored and not here when it ends may be gone upstream.
seen = Table(
    "seen",
    metadata,
    Column("connection", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("id", Text, nullable=False),
    PrimaryKeyConstraint("connection", "entity", "id", name="seen_pkey"),
)

# Leads whose score may be out of date: a queue that scoring empties. `version` is the change that put the lead here.
stale = Table(
    "stale",
    metadata,
    Column("connection", Text, nullable=False),
    Column("lead_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("connection", "lead_id", name="stale_pkey"),
)

# The newest score of each lead and what became of it. `outputs` is a JSON object by CRM field; `outputs_hash` is over
# all of them but the moment of scoring, `written_hash` is that of the values the CRM holds. `waiting` is 1 while the
# next push has to send the row. `inputs` is a JSON object of the feature values that the score was made from.
# `previous_*` is what the CRM held before this score, and what that was made from, for "+12 since 3 Nov". `as_of` is
# the number of the last change that the score knew; an older one never replaces it. `claimed_by` is the lease of the
# push that is sending the row; a lease that has ended claims nothing.
scores = Table(
    "scores",
    metadata,
    Column("connection", Text, nullable=False),
    Column("lead_id", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("inputs_hash", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("waiting", SmallInteger, nullable=False),
    Column("score", Integer),
    Column("grade", Text),
    Column("likelihood", Float),
    Column("outputs", Text),
    Column("outputs_hash", Text),
    Column("scored_at", Text, nullable=False),
    Column("lead_created_at", Text),
    Column("inputs", Text),
    Column("previous_score", Integer),
    Column("previous_at", Text),
    Column("previous_inputs", Text),
    Column("written_hash", Text),
    Column("written_at", Text),
    Column("attempts", Integer, nullable=False),
    Column("as_of", BigInteger, nullable=False, server_default="0"),
    Column("claimed_by", Text),
    PrimaryKeyConstraint("connection", "lead_id", name="scores_pkey"),
)
_waiting = text("waiting = 1")
Index("scores_by_creation", scores.c.connection, scores.c.lead_created_at)
Index("scores_waiting", scores.c.connection, scores.c.lead_id, sqlite_where=_waiting, postgresql_where=_waiting)

# What the CRM refused, in its own words. A row goes when the lead's score is written or the lead is gone. `next_at` is
# when it is tried again; null: not before a person says so, or the lead gets another score.
refusals = Table(
    "refusals",
    metadata,
    Column("connection", Text, nullable=False),
    Column("lead_id", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("passing", SmallInteger, nullable=False),
    Column("first_at", Text, nullable=False),
    Column("last_at", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Column("next_at", Text),
    PrimaryKeyConstraint("connection", "lead_id", name="refusals_pkey"),
)

# `verdict` is how the model fared against the one before it, `told` that in a sentence.
models = Table(
    "models",
    metadata,
    Column("connection", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("card", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("is_current", SmallInteger, nullable=False),
    Column("verdict", Text),
    Column("told", Text),
    PrimaryKeyConstraint("connection", "version", name="models_pkey"),
)

# How far the newest leads are from those that the model was learned from: PSI by feature, of the scores, and
# likelihoods against what happened, as `model.drift` words them.
drift = Table(
    "drift",
    metadata,
    Column("connection", Text, nullable=False),
    Column("measured_at", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("leads", Integer, nullable=False),
    Column("features", Text, nullable=False),
    Column("score_psi", Float, nullable=False),
    Column("calibration", Text),
    Column("verdict", Text, nullable=False),
    PrimaryKeyConstraint("connection", "measured_at", name="drift_pkey"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("connection", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("heartbeat_at", Text, nullable=False),
    Column("finished_at", Text),
    Column("counts", Text, nullable=False),
    Column("error", Text),
    Column("lease", Text),
)
Index("runs_by_connection", runs.c.connection, runs.c.id)

schedule = Table(
    "schedule",
    metadata,
    Column("name", Text, primary_key=True),
    Column("every_s", Integer, nullable=False),
    Column("last_slot", BigInteger, nullable=False),  # seconds since 1970 at which the last claimed slot began
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

# Something to do, once: `id` is its idempotency key. `state` is waiting, working, done, parked (a person has to look at
# it) or cancelled. It is worked on while `lease` lives; of those with one `exclusive` one at a time. `attempts` counts
# the tries that did not end by themselves or with a failure of ours; `arguments` hold ids of records and no other data.
units = Table(
    "units",
    metadata,
    Column("id", Text, primary_key=True),
    Column("connection", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("exclusive", Text),
    Column("backfill", Text),
    Column("priority", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Text, nullable=False),
    Column("lease", Text),
    Column("counts", Text, nullable=False),
    Column("error", Text),
    Column("created_at", Text, nullable=False),
    Column("started_at", Text),
    Column("finished_at", Text),
)
_open = text("state IN ('waiting', 'working')")
Index("units_open", units.c.queue, units.c.priority, units.c.id, sqlite_where=_open, postgresql_where=_open)
Index("units_by_backfill", units.c.backfill, units.c.state)

# Who works on something, until when unless it is renewed. `host` and `holds` say where and what it is about.
leases = Table(
    "leases",
    metadata,
    Column("token", Text, primary_key=True),
    Column("holds", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("until", Text, nullable=False),
)

# A connection that is not to be asked before `until`: `kind` is "misconfigured" (`fix` says what a person has to do) or
# "quota". The first unit after that tries it; the row goes when one comes through.
pauses = Table(
    "pauses",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("fix", Text, nullable=False),
    Column("times", Integer, nullable=False),
)

# Work over many leads. `selection`, `plan` are JSON objects; `stage` names what its units do now, `state` is running,
# paused, cancelled, stuck (a unit is parked) or done. A lower `priority` goes first.
backfills = Table(
    "backfills",
    metadata,
    Column("id", Text, primary_key=True),
    Column("connection", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("selection", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("finished_at", Text),
    Column("told", Text),
)
Index("backfills_by_connection", backfills.c.connection, backfills.c.state)

# What the CRM last said of the calls of its day, by anybody, and when.
quotas = Table(
    "quotas",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("used", BigInteger),
    Column("granted", BigInteger),
    Column("resets_at", Text),
    Column("told_at", Text, nullable=False),
)

# How many calls we have made ourselves, by the hour in which they began and by what they were for (a queue's name).
calls = Table(
    "calls",
    metadata,
    Column("connection", Text, nullable=False),
    Column("hour", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    PrimaryKeyConstraint("connection", "hour", "purpose", name="calls_pkey"),
)

# What somebody should know, as long as it holds: `name` is its idempotency key, `told_at` when it was last sent out.
alerts = Table(
    "alerts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("connection", Text),
    Column("kind", Text, nullable=False),
    Column("told", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("told_at", Text),
    Column("tries", Integer, nullable=False),
)

# Processes that serve: when each was last heard of, and when it last ended a piece of work.
processes = Table(
    "processes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("queues", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
    Column("worked_at", Text),
)

# What the CRM calls its fields, as its users read it.
labels = Table(
    "labels",
    metadata,
    Column("connection", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("label", Text, nullable=False),
    PrimaryKeyConstraint("connection", "entity", "field", name="labels_pkey"),
)

# Mappings that were applied to a connection, oldest first: `number` counts them, the highest one is in force. `text` is
# the file as it was; `why` and `applied_by` are on record for each.
dictionaries = Table(
    "dictionaries",
    metadata,
    Column("connection", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("applied_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("applied_at", Text, nullable=False),
    PrimaryKeyConstraint("connection", "number", name="dictionaries_pkey"),
)

# What a person has set by hand for a lead, until when, and why: it goes before model and rules.
overrides = Table(
    "overrides",
    metadata,
    Column("connection", Text, nullable=False),
    Column("lead_id", Text, nullable=False),
    Column("grade", Text),
    Column("route", Text),
    Column("because", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("until", Text),
    PrimaryKeyConstraint("connection", "lead_id", name="overrides_pkey"),
)

# Hand-overs that follow from a route: a web hook for a newly hot lead, a task, an owner. Each is done once for an
# `occasion`.
handovers = Table(
    "handovers",
    metadata,
    Column("connection", Text, nullable=False),
    Column("lead_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("occasion", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before", Text, nullable=False),
    Column("told", Text),
    Column("made_at", Text, nullable=False),
    PrimaryKeyConstraint("connection", "lead_id", "kind", "occasion", name="handovers_pkey"),
)
Index("handovers_by_state", handovers.c.state, handovers.c.not_before)

# What an enrichment service said of a key, by a keyed hash of the key: `data` is JSON, null where it knows nothing.
answers = Table(
    "answers",
    metadata,
    Column("source", Text, nullable=False),
    Column("key_hash", Text, nullable=False),
    Column("data", Text),
    Column("asked_at", Text, nullable=False),
    PrimaryKeyConstraint("source", "key_hash", name="answers_pkey"),
)

# What a source of enrichment has cost, by the day: calls that were paid for, and money in the source's own unit.
spendings = Table(
    "spendings",
    metadata,
    Column("source", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("cost", Float, nullable=False),
    PrimaryKeyConstraint("source", "day", name="spendings_pkey"),
)

# What a service told of a record, and which key it was asked for: `data` is JSON by field, null as long as it has told
# nothing; `made_at` is when it did. It is asked (again) from `due_at` on.
enrichments = Table(
    "enrichments",
    metadata,
    Column("connection", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("key_hash", Text, nullable=False),
    Column("data", Text),
    Column("made_at", Text),
    Column("due_at", Text, nullable=False),
    PrimaryKeyConstraint("connection", "entity", "id", "source", name="enrichments_pkey"),
)
Index("enrichments_due", enrichments.c.source, enrichments.c.connection, enrichments.c.due_at)

# Enriched values for fields of the CRM's own, where the mapping writes them back: `value` is the newest that was to be
# written, and `state` is pending, sending (on its way: a crash may have written it), written or refused (see `code` and
# `message`, the CRM's own words; `next_at` as of `refusals`), known or theirs (nothing waits). `written` is what the
# CRM took from us last, `sent` the digests of all that it may have taken, in order of time: by these two alone ours is
# told from what people wrote. `stamp_at` is the record's stamp right before the last of them was sent.
write_backs = Table(
    "write_backs",
    metadata,
    Column("connection", Text, nullable=False),
    Column("lead_id", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("planned_at", Text, nullable=False),
    Column("written", Text),
    Column("written_at", Text),
    Column("code", Text),
    Column("message", Text),
    Column("times", Integer, nullable=False),
    Column("next_at", Text),
    Column("sent", Text),
    Column("stamp_at", Text),
    PrimaryKeyConstraint("connection", "lead_id", "field", name="write_backs_pkey"),
)
Index("write_backs_by_state", write_backs.c.connection, write_backs.c.state, write_backs.c.lead_id)

# What an activity points to beside its `link`, where it hangs on several leads: none of them twice.
links = Table(
    "links",
    metadata,
    Column("connection", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("link", Text, nullable=False),
    PrimaryKeyConstraint("connection", "entity", "id", "link", name="links_pkey"),
)
Index("links_by_link", links.c.connection, links.c.entity, links.c.link)

# Records that are the same person or company: those of one `cluster`, within a CRM and across; `because` says by what.
duplicates = Table(
    "duplicates",
    metadata,
    Column("connection", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("cluster", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("found_at", Text, nullable=False),
    PrimaryKeyConstraint("connection", "entity", "id", name="duplicates_pkey"),
)
Index("duplicates_by_cluster", duplicates.c.cluster)

# What a record has in common with others: a hash (`block`) of it by its kind, and what records of one block are held
# against each other by (`told`). Records of one block are looked up across connections.
likenesses = Table(
    "likenesses",
    metadata,
    Column("connection", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("block", Text, nullable=False),
    Column("told", Text, nullable=False),
    PrimaryKeyConstraint("connection", "entity", "id", "kind", "block", name="likenesses_pkey"),
)
Index("likenesses_by_block", likenesses.c.entity, likenesses.c.block)

# Up to which change the likenesses of a connection's records were made, and by which rules. `settled` is 0 while there
# are likenesses that the clusters do not know of yet.
likeness_marks = Table(
    "likeness_marks",
    metadata,
    Column("entity", Text, nullable=False),
    Column("connection", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("rules", Text, nullable=False),
    Column("settled", SmallInteger, nullable=False),
    PrimaryKeyConstraint("entity", "connection", name="likeness_marks_pkey"),
)

# What became of each lead, for the later leads of the same person or company, in whatever connection: when it was
# created, which company it points to (`link`), the deal that it names, and its outcome with the moment of it. `used` of
# the marks is 1 where a mapping makes features of earlier leads; `rules` says by what outcomes were told.
lead_ends = Table(
    "lead_ends",
    metadata,
    Column("connection", Text, nullable=False),
    Column("lead_id", Text, nullable=False),
    Column("link", Text),
    Column("deal", Text),
    Column("created_at", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("outcome_at", Text),
    PrimaryKeyConstraint("connection", "lead_id", name="lead_ends_pkey"),
)
Index("lead_ends_by_link", lead_ends.c.connection, lead_ends.c.link)
Index("lead_ends_by_deal", lead_ends.c.connection, lead_ends.c.deal)

lead_end_marks = Table(
    "lead_end_marks",
    metadata,
    Column("connection", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("rules", Text, nullable=False),
    Column("used", SmallInteger, nullable=False),
    PrimaryKeyConstraint("connection", name="lead_end_marks_pkey"),
)

# What a company gets from its open leads (`key`: what these point to), and what became of it: as of `scores`, with what
# the CRM said of a refusal beside it, as of `refusals`. `best_lead` is the lead that is named in `outputs`. `leads` is
# how many are open, `before_*` what stood on that day, for "+12 since 3 Nov".
company_scores = Table(
    "company_scores",
    metadata,
    Column("connection", Text, nullable=False),
    Column("company_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("best_lead", Text),
    Column("score", Integer),
    Column("leads", Integer, nullable=False),
    Column("likelihood", Float),
    Column("outputs", Text),
    Column("outputs_hash", Text),
    Column("scored_at", Text, nullable=False),
    Column("before_score", Integer),
    Column("before_leads", Integer, nullable=False),
    Column("before_day", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("waiting", SmallInteger, nullable=False),
    Column("written_hash", Text),
    Column("written_at", Text),
    Column("code", Text),
    Column("message", Text),
    Column("passing", SmallInteger, nullable=False),
    Column("times", Integer, nullable=False),
    Column("next_at", Text),
    PrimaryKeyConstraint("connection", "company_id", name="company_scores_pkey"),
)
Index("company_scores_by_key", company_scores.c.connection, company_scores.c.key)
Index("company_scores_by_best_lead", company_scores.c.connection, company_scores.c.best_lead)
Index(
    "company_scores_waiting",
    company_scores.c.connection,
    company_scores.c.company_id,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)

# Keys of companies whose values may be out of date: a queue that the roll-up empties.
company_stale = Table(
    "company_stale",
    metadata,
    Column("connection", Text, nullable=False),
    Column("key", Text, nullable=False),
    PrimaryKeyConstraint("connection", "key", name="company_stale_pkey"),
)

# Up to which change of companies, by what rules, and as of which day a connection's companies were last queued.
company_marks = Table(
    "company_marks",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("rules", Text, nullable=False),
    Column("day", Text, nullable=False),
)

# Proofs that a person was erased: of whom, by a keyed hash alone; what went from which table: JSON counts.
erasures = Table(
    "erasures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("connection", Text, nullable=False),
    Column("subject_hash", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("counts", Text, nullable=False),
    Column("erased_at", Text, nullable=False),
)

# Records of erased persons that never come back, by a keyed hash of entity and id. `gone` is 1 when the CRM has said
# that it has erased the record as well.
withheld = Table(
    "withheld",
    metadata,
    Column("connection", Text, nullable=False),
    Column("subject_hash", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("gone", SmallInteger, nullable=False),
    PrimaryKeyConstraint("connection", "subject_hash", name="withheld_pkey"),
)

# Keys of this installation's hashes, made when they are first needed; and what is sealed, under a hash, until an
# erasure is proved (`tasks.store.unproved`).
hash_keys = Table(
    "hash_keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
