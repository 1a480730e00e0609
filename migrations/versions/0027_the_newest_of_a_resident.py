"""The newest cases of a resident are found without reading all of them

Revision ID: 0027
Revises: 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INDEXES = {
    "case_email_idx": ("email", "email, id", "email IS NOT NULL"),
    "case_phone_idx": ("phone", "phone, id", "phone IS NOT NULL"),
    "case_address_idx": ("lower(street), postcode", "lower(street), postcode, lower(name), id", "street IS NOT NULL"),
}


def upgrade():
    for name, (_old, new, where) in INDEXES.items():
        op.execute(f"DROP INDEX {name}")
        op.execute(f'CREATE INDEX {name} ON "case" ({new}) WHERE {where}')


def downgrade():
    for name, (old, _new, where) in INDEXES.items():
        op.execute(f"DROP INDEX {name}")
        op.execute(f'CREATE INDEX {name} ON "case" ({old}) WHERE {where}')
