"""What moved a score, whether a new model took over, and how far the market has moved from it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("lead_created_at", "inputs", "previous_inputs"):
        op.add_column("scores", sa.Column(name, sa.Text(), nullable=True))
    op.create_index("scores_by_creation", "scores", ["connection", "lead_created_at"], unique=False)
    for name in ("verdict", "told"):
        op.add_column("models", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "drift",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("measured_at", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("score_psi", sa.Float(), nullable=False),
        sa.Column("calibration", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "measured_at", name="drift_pkey"),
    )
