"""What companies get from their leads: values, which are out of date, and up to where that is known."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "company_scores",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("best_lead", sa.Text(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("likelihood", sa.Float(), nullable=True),
        sa.Column("outputs", sa.Text(), nullable=True),
        sa.Column("outputs_hash", sa.Text(), nullable=True),
        sa.Column("scored_at", sa.Text(), nullable=False),
        sa.Column("before_score", sa.Integer(), nullable=True),
        sa.Column("before_leads", sa.Integer(), nullable=False),
        sa.Column("before_day", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("waiting", sa.SmallInteger(), nullable=False),
        sa.Column("written_hash", sa.Text(), nullable=True),
        sa.Column("written_at", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("passing", sa.SmallInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "company_id", name="company_scores_pkey"),
    )
    op.create_index("company_scores_by_key", "company_scores", ["connection", "key"])
    op.create_index("company_scores_by_best_lead", "company_scores", ["connection", "best_lead"])
    waiting = sa.text("waiting = 1")
    op.create_index(
        "company_scores_waiting",
        "company_scores",
        ["connection", "company_id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "company_stale",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "key", name="company_stale_pkey"),
    )
    op.create_table(
        "company_marks",
        sa.Column("connection", sa.Text(), primary_key=True, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
    )
