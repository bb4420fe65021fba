"""How leads ended, for the later leads of the same person or company."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lead_ends",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("deal", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("outcome_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "lead_id", name="lead_ends_pkey"),
    )
    op.create_index("lead_ends_by_link", "lead_ends", ["connection", "link"])
    op.create_index("lead_ends_by_deal", "lead_ends", ["connection", "deal"])
    op.create_table(
        "lead_end_marks",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("used", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", name="lead_end_marks_pkey"),
    )
