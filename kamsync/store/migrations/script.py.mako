"""${message}.

Creates or changes tables only; it is idempotent where a crash could leave it half done.
"""

import sqlalchemy as sa
from alembic import op

import kamsync.store.types

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
