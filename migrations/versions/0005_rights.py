"""Rights: two more roles, and what a person may do in each department

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROLES = "role IN ('caseworker', 'coordinator', 'registrar', 'manager', 'administrator')"


def upgrade():
    op.drop_constraint(op.f("staff_role_check"), "staff", type_="check")
    op.create_check_constraint(op.f("staff_role_check"), "staff", ROLES)
    op.add_column("membership", sa.Column("level", sa.Text()))
    # Everybody can do what they could: only managers did nothing but read.
    op.execute(
        "UPDATE membership SET level = CASE role WHEN 'manager' THEN 'read' WHEN 'coordinator' THEN 'lead'"
        " ELSE 'handle' END FROM staff WHERE staff.id = membership.staff_id"
    )
    op.alter_column("membership", "level", nullable=False)
    op.create_check_constraint(op.f("membership_level_check"), "membership", "level IN ('read', 'handle', 'lead')")
