"""Since when it is known that a record is gone: its stamp may be of long before."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("records", sa.Column("gone_at", sa.Text(), nullable=True))
