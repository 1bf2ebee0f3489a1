"""connected systems, the orders kept from them, and which adapter read an item

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import disputes.database

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Instant = disputes.database.UtcDateTime


def upgrade() -> None:
    op.create_table('source_connection',
        sa.Column('id', Text(length=40), nullable=False),
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('system', Text(length=40), nullable=False),
        sa.Column('account_id', Text(length=200), nullable=False),
        sa.Column('account_name', Text(length=200), nullable=False),
        sa.Column('settings', sa.JSON(), nullable=False),
        sa.Column('secret', Text(), nullable=False),
        sa.Column('webhook_secret', Text(), nullable=True),
        sa.Column('rights_too_many', sa.JSON(), nullable=False),
        sa.Column('warnings', sa.JSON(), nullable=False),
        sa.Column('state', Text(length=20), nullable=False),
        sa.Column('state_detail', Text(length=500), nullable=False),
        sa.Column('last_read_at', Instant(timezone=True), nullable=True),
        sa.Column('last_asked_at', Instant(timezone=True), nullable=True),
        sa.Column('last_event_at', Instant(timezone=True), nullable=True),
        sa.Column('cursor', Text(length=2000), nullable=True),
        sa.Column('first_import_done', sa.Boolean(), nullable=False),
        sa.Column('seen', sa.Integer(), nullable=False),
        sa.Column('total', sa.Integer(), nullable=True),
        sa.Column('next_poll_at', Instant(timezone=True), nullable=True),
        sa.Column('pull_owner', Text(length=80), nullable=True),
        sa.Column('pull_until', Instant(timezone=True), nullable=True),
        sa.Column('paused', sa.Boolean(), nullable=False),
        sa.Column('created_at', Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_source_connection_merchant_id_merchant')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_source_connection')),
        sa.UniqueConstraint('merchant_id', 'system', 'account_id', name=op.f('uq_source_connection_merchant_id_system_account_id')),
    )
    op.create_index(op.f('ix_source_connection_merchant_id'), 'source_connection', ['merchant_id'], unique=False)
    op.create_index(op.f('ix_source_connection_next_poll_at'), 'source_connection', ['next_poll_at'], unique=False)
    op.create_table('source_record',
        sa.Column('id', Text(length=40), nullable=False),
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('source_id', Text(length=40), nullable=False),
        sa.Column('kind', Text(length=20), nullable=False),
        sa.Column('external_id', Text(length=200), nullable=False),
        sa.Column('facts', sa.JSON(), nullable=False),
        sa.Column('name', Text(length=300), nullable=False),
        sa.Column('request', Text(length=1000), nullable=False),
        sa.Column('media_type', Text(length=80), nullable=False),
        sa.Column('sha256', Text(length=64), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('adapter', Text(length=40), nullable=False),
        sa.Column('at', Instant(timezone=True), nullable=True),
        sa.Column('taken_at', Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_source_record_merchant_id_merchant')),
        sa.ForeignKeyConstraint(['source_id'], ['source_connection.id'], name=op.f('fk_source_record_source_id_source_connection')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_source_record')),
        sa.UniqueConstraint('source_id', 'kind', 'external_id', name=op.f('uq_source_record_source_id_kind_external_id')),
    )
    op.create_index('ix_source_record_file', 'source_record', ['merchant_id', 'sha256'], unique=False)
    op.create_table('source_key',
        sa.Column('record_id', Text(length=40), nullable=False),
        sa.Column('source_id', Text(length=40), nullable=False),
        sa.Column('kind', Text(length=20), nullable=False),
        sa.Column('value', Text(length=200), nullable=False),
        sa.ForeignKeyConstraint(['record_id'], ['source_record.id'], name=op.f('fk_source_key_record_id_source_record')),
        sa.PrimaryKeyConstraint('record_id', 'kind', 'value', name=op.f('pk_source_key')),
    )
    op.create_index('ix_source_key_lookup', 'source_key', ['source_id', 'kind', 'value'], unique=False)
    op.create_table('evidence_request',
        sa.Column('id', Text(length=40), nullable=False),
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('dispute_id', Text(length=40), nullable=False),
        sa.Column('item', Text(length=60), nullable=False),
        sa.Column('recipient', Text(length=254), nullable=False),
        sa.Column('recipient_name', Text(length=120), nullable=False),
        sa.Column('role', Text(length=20), nullable=False),
        sa.Column('language', Text(length=5), nullable=False),
        sa.Column('words', Text(length=1000), nullable=False),
        sa.Column('token', Text(), nullable=False),
        sa.Column('token_hash', Text(length=64), nullable=False),
        sa.Column('state', Text(length=20), nullable=False),
        sa.Column('due_at', Instant(timezone=True), nullable=False),
        sa.Column('next_act_at', Instant(timezone=True), nullable=True),
        sa.Column('reminders', sa.Integer(), nullable=False),
        sa.Column('asked_by', Text(length=40), nullable=False),
        sa.Column('asked_at', Instant(timezone=True), nullable=False),
        sa.Column('opened_at', Instant(timezone=True), nullable=True),
        sa.Column('ended_at', Instant(timezone=True), nullable=True),
        sa.Column('answer', Text(length=1000), nullable=False),
        sa.ForeignKeyConstraint(['dispute_id'], ['dispute.id'], name=op.f('fk_evidence_request_dispute_id_dispute')),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_evidence_request_merchant_id_merchant')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_request')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_evidence_request_token_hash')),
    )
    op.create_index(op.f('ix_evidence_request_merchant_id'), 'evidence_request', ['merchant_id'], unique=False)
    op.create_index(op.f('ix_evidence_request_dispute_id'), 'evidence_request', ['dispute_id'], unique=False)
    op.create_index('ix_evidence_request_due', 'evidence_request', ['next_act_at'], unique=False,
        sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'"))
    with op.batch_alter_table('evidence_item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('adapter', Text(length=40), server_default='', nullable=False))
    with op.batch_alter_table('merchant', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mail_addresses', sa.JSON(), server_default='[]', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('merchant', schema=None) as batch_op:
        batch_op.drop_column('mail_addresses')
    with op.batch_alter_table('evidence_item', schema=None) as batch_op:
        batch_op.drop_column('adapter')
    op.drop_table('evidence_request')
    op.drop_index('ix_source_key_lookup', table_name='source_key')
    op.drop_table('source_key')
    op.drop_index('ix_source_record_file', table_name='source_record')
    op.drop_table('source_record')
    op.drop_index(op.f('ix_source_connection_next_poll_at'), table_name='source_connection')
    op.drop_index(op.f('ix_source_connection_merchant_id'), table_name='source_connection')
    op.drop_table('source_connection')
