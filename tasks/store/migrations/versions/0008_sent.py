"""What a CRM may have taken from us, by digests: whatever becomes of a run or a lead, our own values stay known."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("write_backs", sa.Column("sent", sa.Text(), nullable=True))
    op.add_column("write_backs", sa.Column("stamp_at", sa.Text(), nullable=True))
