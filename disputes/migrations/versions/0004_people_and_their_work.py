"""roles, second factors, invitations, notes, assignment, saved views, policies entered by hand

Revision: 0004, after 0003.
"""

import hashlib
from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import sqlmodel
from alembic import op

import disputes.database

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Instant = disputes.database.UtcDateTime
_OPEN = {'sqlite_where': sa.text('is_open'), 'postgresql_where': sa.text('is_open')}

# Added column by column: building the dispute table anew would lose the triggers of its search index.
_ADDED = {
    'merchant': lambda: [
        sa.Column('language', Text(length=8), server_default='en', nullable=False),
        sa.Column('reminder_hours', sa.JSON(), server_default='[72, 24]', nullable=False),
        sa.Column('retention_days', sa.Integer(), nullable=True),
        sa.Column('welcome', sa.JSON(), server_default='[]', nullable=False),
    ],
    'person': lambda: [
        sa.Column('language', Text(length=8), nullable=True),
        sa.Column('totp_secret', Text(), nullable=True),
        sa.Column('totp_on_at', Instant(timezone=True), nullable=True),
        sa.Column('totp_used', sa.BigInteger(), server_default='0', nullable=False),
        sa.Column('seen_at', Instant(timezone=True), nullable=True),
    ],
    'membership': lambda: [
        sa.Column('rights', sa.JSON(), server_default='[]', nullable=False),
        sa.Column('joined_at', Instant(timezone=True), nullable=True),
    ],
    'web_session': lambda: [
        sa.Column('needs_factor', sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column('browser', Text(length=200), server_default='', nullable=False),
        sa.Column('seen_at', Instant(timezone=True), nullable=True),
    ],
    'dispute': lambda: [
        sa.Column('queue_rank', Text(length=24), server_default='ZZZZ', nullable=False),
        sa.Column('settlement_minor', sa.BigInteger(), nullable=True),
        sa.Column('settlement_currency', Text(length=3), nullable=True),
        sa.Column('assigned_to', Text(length=40), nullable=True),
        sa.Column('reminded_due_at', Instant(timezone=True), nullable=True),
        sa.Column('reminded_hours', sa.Integer(), nullable=True),
        sa.Column('erased_at', Instant(timezone=True), nullable=True),
        sa.Column('card_fingerprint', Text(length=120), nullable=True),
        sa.Column('card_last4', Text(length=4), nullable=True),
    ],
    'connection': lambda: [
        sa.Column('rights_found', sa.JSON(), server_default='[]', nullable=False),
    ],
    'round': lambda: [
        sa.Column('exhibit_order', sa.JSON(), server_default='[]', nullable=False),
    ],
}
_NEIGHBOURS = {
    'ix_dispute_customer': ['merchant_id', 'customer_email', 'id'],
    'ix_dispute_named_card': ['merchant_id', 'customer_name', 'card_last4', 'id'],
    'ix_dispute_card': ['merchant_id', 'card_fingerprint', 'id'],
}
_QUEUES = {
    'ix_dispute_open_queue': (['merchant_id'], _OPEN),
    'ix_dispute_open_gateway': (['merchant_id', 'gateway'], _OPEN),
    'ix_dispute_view': (['merchant_id', 'view'], {}),
}

# What is kept of a sentence that can be said in another language is longer than its text. SQLite minds no length.
_SENTENCES = (
    ('attempt', 'result', 1000), ('dispute', 'capability_reason', 500), ('dispute', 'answered_elsewhere', 300),
    ('round', 'prepare_note', 2000), ('connection', 'state_detail', 500), ('webhook_failure', 'last_reason', 300),
    ('source_connection', 'state_detail', 500), ('evidence_item', 'why', 300),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        for table, column, _ in _SENTENCES:
            op.alter_column(table, column, type_=sa.Text())
    for table, columns in _ADDED.items():
        for column in columns():
            op.add_column(table, column)
    for name, (first, where) in _QUEUES.items():
        op.drop_index(name, 'dispute')
        op.create_index(name, 'dispute', [*first, 'due_sort', 'queue_rank', 'id'], **where)
    op.create_index(
        'ix_dispute_open_assigned', 'dispute', ['merchant_id', 'assigned_to', 'due_sort', 'queue_rank', 'id'], **_OPEN
    )
    _stakes()
    _neighbours()
    _access()
    _work()
    _policies()
    _exports()
    _outcomes()
    _fill_outcomes()


def _stakes() -> None:
    op.create_table('open_stake',
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('live', sa.Boolean(), nullable=False),
        sa.Column('currency', Text(length=3), nullable=False),
        sa.Column('minor', sa.BigInteger(), nullable=False),
        sa.Column('cases', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_open_stake_merchant_id_merchant')),
        sa.PrimaryKeyConstraint('merchant_id', 'live', 'currency', name=op.f('pk_open_stake')),
    )
    op.execute(
        'INSERT INTO open_stake (merchant_id, live, currency, minor, cases) '
        'SELECT merchant_id, live, currency, sum(amount_minor), count(*) FROM dispute WHERE is_open '
        'GROUP BY merchant_id, live, currency'
    )


def _neighbours() -> None:
    """What is known of the cards is in the payments that were gathered."""
    sqlite = op.get_bind().dialect.name == 'sqlite'
    for column in ('card_fingerprint', 'card_last4'):
        told = f"json_extract(fact, '$.{column}')" if sqlite else f"fact ->> '{column}'"
        op.execute(
            f"UPDATE dispute SET {column} = (SELECT max({told}) FROM evidence_item "  # noqa: S608 - our own two names
            "WHERE dispute_id = dispute.id AND fact_type = 'payment') "
            "WHERE id IN (SELECT dispute_id FROM evidence_item WHERE fact_type = 'payment')"
        )
    for name, columns in _NEIGHBOURS.items():
        op.create_index(name, 'dispute', columns)


def _access() -> None:
    op.create_table('recovery_code',
        sa.Column('code_hash', Text(length=64), nullable=False),
        sa.Column('person_id', Text(length=40), nullable=False),
        sa.Column('created_at', Instant(timezone=True), nullable=False),
        sa.Column('used_at', Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_recovery_code_person_id_person')),
        sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_recovery_code')),
    )
    op.create_index(op.f('ix_recovery_code_person_id'), 'recovery_code', ['person_id'])
    op.create_table('passkey',
        sa.Column('id', Text(length=40), nullable=False),
        sa.Column('person_id', Text(length=40), nullable=False),
        sa.Column('credential_id', Text(length=1400), nullable=False),
        sa.Column('public_key', sa.LargeBinary(), nullable=False),
        sa.Column('sign_count', sa.BigInteger(), nullable=False),
        sa.Column('name', Text(length=120), nullable=False),
        sa.Column('created_at', Instant(timezone=True), nullable=False),
        sa.Column('last_used_at', Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_passkey_person_id_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
        sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_id')),
    )
    op.create_index(op.f('ix_passkey_person_id'), 'passkey', ['person_id'])
    op.create_table('invitation',
        sa.Column('token_hash', Text(length=64), nullable=False),
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('email', Text(length=254), nullable=False),
        sa.Column('role', Text(length=20), nullable=False),
        sa.Column('invited_by', Text(length=40), nullable=False),
        sa.Column('created_at', Instant(timezone=True), nullable=False),
        sa.Column('expires_at', Instant(timezone=True), nullable=False),
        sa.Column('ended_at', Instant(timezone=True), nullable=True),
        sa.Column('taken_by', Text(length=40), nullable=True),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_invitation_merchant_id_merchant')),
        sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_invitation')),
    )
    op.create_index(op.f('ix_invitation_merchant_id'), 'invitation', ['merchant_id'])
    op.create_table('password_reset',
        sa.Column('token_hash', Text(length=64), nullable=False),
        sa.Column('person_id', Text(length=40), nullable=False),
        sa.Column('created_at', Instant(timezone=True), nullable=False),
        sa.Column('expires_at', Instant(timezone=True), nullable=False),
        sa.Column('used_at', Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_password_reset_person_id_person')),
        sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_password_reset')),
    )
    op.create_index(op.f('ix_password_reset_person_id'), 'password_reset', ['person_id'])


def _work() -> None:
    op.create_table('erased_mark',
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('mark', Text(length=64), nullable=False),
        sa.Column('erased_at', Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_erased_mark_merchant_id_merchant')),
        sa.PrimaryKeyConstraint('merchant_id', 'mark', name=op.f('pk_erased_mark')),
    )
    op.create_table('case_note',
        sa.Column('id', Text(length=40), nullable=False),
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('dispute_id', Text(length=40), nullable=False),
        sa.Column('author', Text(length=40), nullable=False),
        sa.Column('text', Text(), nullable=False),
        sa.Column('at', Instant(timezone=True), nullable=False),
        sa.Column('deleted_at', Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['dispute_id'], ['dispute.id'], name=op.f('fk_case_note_dispute_id_dispute')),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_case_note_merchant_id_merchant')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_case_note')),
    )
    op.create_index(op.f('ix_case_note_dispute_id'), 'case_note', ['dispute_id'])
    op.create_index(op.f('ix_case_note_merchant_id'), 'case_note', ['merchant_id'])
    op.create_table('case_attention',
        sa.Column('dispute_id', Text(length=40), nullable=False),
        sa.Column('person_id', Text(length=40), nullable=False),
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('first_at', Instant(timezone=True), nullable=False),
        sa.Column('seen_at', Instant(timezone=True), nullable=False),
        sa.Column('seconds', sa.Integer(), nullable=False),
        sa.Column('acts', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['dispute_id'], ['dispute.id'], name=op.f('fk_case_attention_dispute_id_dispute')),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_case_attention_merchant_id_merchant')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_case_attention_person_id_person')),
        sa.PrimaryKeyConstraint('dispute_id', 'person_id', name=op.f('pk_case_attention')),
    )
    op.create_index(op.f('ix_case_attention_merchant_id'), 'case_attention', ['merchant_id'])
    op.create_table('saved_view',
        sa.Column('id', Text(length=40), nullable=False),
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('person_id', Text(length=40), nullable=True),
        sa.Column('name', Text(length=60), nullable=False),
        sa.Column('wanted', sa.JSON(), nullable=False),
        sa.Column('created_at', Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_saved_view_merchant_id_merchant')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_saved_view_person_id_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
        sa.UniqueConstraint('merchant_id', 'person_id', 'name', name=op.f('uq_saved_view_merchant_id_person_id_name')),
    )
    op.create_index(op.f('ix_saved_view_merchant_id'), 'saved_view', ['merchant_id'])
    op.create_index(op.f('ix_saved_view_person_id'), 'saved_view', ['person_id'])


def _policies() -> None:
    op.create_table('policy_version',
        sa.Column('id', Text(length=40), nullable=False),
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('kind', Text(length=30), nullable=False),
        sa.Column('title', Text(length=200), nullable=False),
        sa.Column('text', Text(), nullable=False),
        sa.Column('in_force_from', sa.Date(), nullable=False),
        sa.Column('shown_where', Text(length=300), nullable=True),
        sa.Column('sha256', Text(length=64), nullable=False),
        sa.Column('media_type', Text(length=80), nullable=False),
        sa.Column('added_by', Text(length=40), nullable=False),
        sa.Column('added_at', Instant(timezone=True), nullable=False),
        sa.Column('withdrawn_at', Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_policy_version_merchant_id_merchant')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_version')),
    )
    op.create_index(op.f('ix_policy_version_merchant_id'), 'policy_version', ['merchant_id'])


def _exports() -> None:
    op.create_table('export_job',
        sa.Column('id', Text(length=40), nullable=False),
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('asked_by', Text(length=40), nullable=False),
        sa.Column('asked_at', Instant(timezone=True), nullable=False),
        sa.Column('state', Text(length=20), nullable=False),
        sa.Column('at', Text(length=60), nullable=False),
        sa.Column('done', sa.Integer(), nullable=False),
        sa.Column('total', sa.Integer(), nullable=False),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.Column('sha256', Text(length=64), nullable=False),
        sa.Column('left_out', sa.Integer(), nullable=False),
        sa.Column('ended_at', Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_export_job_merchant_id_merchant')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_export_job')),
    )
    op.create_index(op.f('ix_export_job_merchant_id'), 'export_job', ['merchant_id'])


def _outcomes() -> None:
    op.create_table('round_result',
        sa.Column('id', Text(length=40), nullable=False),
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('dispute_id', Text(length=40), nullable=False),
        sa.Column('live', sa.Boolean(), nullable=False),
        sa.Column('is_last', sa.Boolean(), nullable=False),
        sa.Column('ordinal', sa.Integer(), nullable=False),
        sa.Column('gateway', Text(length=20), nullable=False),
        sa.Column('network', Text(length=40), nullable=False),
        sa.Column('category', Text(length=40), nullable=False),
        sa.Column('kind', Text(length=20), nullable=False),
        sa.Column('product_type', Text(length=20), nullable=False),
        sa.Column('currency', Text(length=3), nullable=False),
        sa.Column('amount_minor', sa.BigInteger(), nullable=False),
        sa.Column('result', Text(length=20), nullable=False),
        sa.Column('answered', Text(length=12), nullable=False),
        sa.Column('margin_hours', sa.Integer(), nullable=True),
        sa.Column('cell', Text(length=220), nullable=False),
        sa.Column('proof', Text(length=16), nullable=True),
        sa.Column('opened_at', Instant(timezone=True), nullable=False),
        sa.Column('decided_at', Instant(timezone=True), nullable=False),
        sa.Column('day', sa.Integer(), nullable=False),
        sa.Column('seconds', sa.Integer(), nullable=False),
        sa.Column('acts', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['dispute_id'], ['dispute.id'], name=op.f('fk_round_result_dispute_id_dispute')),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_round_result_merchant_id_merchant')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_round_result')),
    )
    op.create_index(op.f('ix_round_result_dispute_id'), 'round_result', ['dispute_id'])
    ours = ['merchant_id', 'live']
    op.create_index('ix_round_result_cell', 'round_result', [*ours, 'cell', 'day', 'amount_minor', 'seconds', 'acts'])
    op.create_index('ix_round_result_margin', 'round_result', [*ours, 'margin_hours', 'gateway', 'day'])
    op.create_index('ix_round_result_proof', 'round_result', [*ours, 'proof', 'result', 'gateway', 'day'])
    op.create_index('ix_round_result_decided', 'round_result', [*ours, 'decided_at', 'id'])
    op.create_table('evidence_set',
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('id', Text(length=16), nullable=False),
        sa.Column('items', Text(), nullable=False),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_evidence_set_merchant_id_merchant')),
        sa.PrimaryKeyConstraint('merchant_id', 'id', name=op.f('pk_evidence_set')),
    )
    sums = ['withdrawn', 'returned', 'fees', 'fees_returned', 'other']
    op.create_table('case_money',
        sa.Column('dispute_id', Text(length=40), nullable=False),
        sa.Column('currency', Text(length=3), nullable=False),
        sa.Column('merchant_id', Text(length=40), nullable=False),
        sa.Column('live', sa.Boolean(), nullable=False),
        sa.Column('gateway', Text(length=20), nullable=False),
        sa.Column('day', sa.Integer(), nullable=False),
        *(sa.Column(each, sa.BigInteger(), nullable=False) for each in sums),
        sa.ForeignKeyConstraint(['dispute_id'], ['dispute.id'], name=op.f('fk_case_money_dispute_id_dispute')),
        sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_case_money_merchant_id_merchant')),
        sa.PrimaryKeyConstraint('dispute_id', 'currency', name=op.f('pk_case_money')),
    )
    op.create_index('ix_case_money_currency', 'case_money', [*ours, 'currency', 'day', 'gateway', *sums])


_ENDED = ('won', 'lost', 'accepted', 'expired', 'withdrawn', 'prevented')
_TELLS = ('stripe', 'paypal', 'shopify_payments')
_SIDES = {'withdrawal': ('withdrawn', -1), 'reversal': ('returned', 1), 'fee': ('fees', -1),
          'fee_returned': ('fees_returned', 1)}


def _fill_outcomes() -> None:
    """What came of the cases that are decided already, as `disputes.store_results` notes it from now on.

    Written down here once more: a migration must mean the same after that code has changed.
    """
    connection, told = op.get_bind(), sa.MetaData()
    told.reflect(connection, only=['dispute', 'round', 'attempt', 'ledger_entry', 'merchant', 'round_result',
                                   'evidence_set', 'case_money'])
    tables = {name: _typed(table) for name, table in told.tables.items()}
    dispute, after, sets = tables['dispute'], '', set()
    zones = dict(connection.execute(sa.select(tables['merchant'].c.id, tables['merchant'].c.zone)).all())
    while True:
        found = connection.execute(
            sa.select(dispute).where(
                dispute.c.id > after, dispute.c.gateway_status.in_(_ENDED), dispute.c.kind != 'alert',
                sa.or_(sa.not_(dispute.c.history), dispute.c.round_ordinal > 0),
            ).order_by(dispute.c.id).limit(400)
        ).mappings().all()
        if not found:
            return
        after = found[-1]['id']
        _fill_page(connection, tables, found, zones, sets)


def _typed(table: sa.Table) -> sa.TableClause:
    """Instants and JSON as the models have them, on both databases."""
    def kind(column: sa.Column) -> object:
        if column.name.endswith('_at') or column.name == 'at':
            return Instant(timezone=True)
        return sa.JSON() if column.name == 'assessment' else column.type

    return sa.table(table.name, *(sa.column(each.name, kind(each)) for each in table.columns))


def _fill_page(connection, tables, found, zones, sets) -> None:
    ids = [each['id'] for each in found]

    def of(name, *where):
        table = tables[name]
        rows = connection.execute(sa.select(table).where(table.c.dispute_id.in_(ids), *where)).mappings().all()
        return rows

    rounds, filed = {}, {}
    for each in sorted(of('round'), key=lambda row: row['ordinal']):
        rounds.setdefault(each['dispute_id'], []).append(each)
    attempt = tables['attempt']
    for each in sorted(of('attempt', attempt.c.state == 'filed', attempt.c.lane == 'answer'),
                       key=lambda row: row['ordinal']):
        filed[each['round_id']] = each
    money = {}
    for each in of('ledger_entry'):
        sums = money.setdefault((each['dispute_id'], each['currency']), dict.fromkeys(
            ('withdrawn', 'returned', 'fees', 'fees_returned', 'other'), 0))
        side, sign = _SIDES.get(each['kind'], ('other', 1))
        sums[side] += sign * each['minor']
    results, books = [], []
    for row in found:
        mine = rounds.get(row['id'], [])
        decided_at = (mine[-1]['outcome_at'] if mine else None) or row['changed_at']
        local = decided_at.astimezone(ZoneInfo(zones[row['merchant_id']]))
        day = local.year * 10_000 + local.month * 100 + local.day
        results += _fill_rounds(connection, tables, row, mine, filed, decided_at, day, sets)
        books += [
            {'dispute_id': row['id'], 'currency': currency, 'merchant_id': row['merchant_id'], 'live': row['live'],
             'gateway': row['gateway'], 'day': day, **sums}
            for (dispute_id, currency), sums in money.items() if dispute_id == row['id']
        ]
    for name, rows in (('round_result', results), ('case_money', books)):
        if rows:
            connection.execute(sa.insert(tables[name]), rows)


def _fill_rounds(connection, tables, row, mine, filed, decided_at, day, sets):
    judged = (mine[-1]['assessment'] or {}) if mine else {}

    def ours(each):
        if each['answered_at'] is None:
            return 'no'
        attempt = filed.get(each['id'])
        if attempt is not None and attempt['act'] == 'accept':
            return 'accepted'
        return 'rule' if attempt is not None and attempt['approved_by'] == 'rule' else 'person'

    answered_by_us = sum(1 for each in mine if ours(each) in ('rule', 'person'))
    if row['gateway'] in _TELLS:
        elsewhere = row['submission_count'] > answered_by_us
    else:
        elsewhere = row['answered_elsewhere'] is not None
    product = row['product_type'] or str(judged.get('product_type') or '')
    for at, each in enumerate(mine or [None]):
        last = at >= len(mine) - 1
        answered = ours(each) if each is not None else 'no'
        if last and answered == 'no' and elsewhere:
            answered = 'elsewhere'
        result = row['gateway_status'] if last else each['outcome'] or 'went_on'
        due = each['due_at'] if each is not None else None
        if last and answered == 'no' and each is not None and judged.get('verdict') != 'cannot_be_contested' and (
            result == 'expired' or (result == 'lost' and due is not None and due <= decided_at)
        ):
            answered = 'missed'
        margin = None
        if due is not None and answered in ('rule', 'person'):
            margin = (due - each['answered_at']) // timedelta(hours=1)
        cell = (row['gateway'], row['network'] or '', row['category'], each['kind'] if each is not None else row['kind'],
                product, row['currency'], result, answered, 'last' if last else 'earlier')
        yield {
            'id': each['id'] if each is not None else row['id'], 'merchant_id': row['merchant_id'],
            'dispute_id': row['id'], 'live': row['live'], 'is_last': last,
            'ordinal': each['ordinal'] if each is not None else 0, 'gateway': row['gateway'], 'network': cell[1],
            'category': row['category'], 'kind': cell[3], 'product_type': product, 'currency': row['currency'],
            'amount_minor': row['amount_minor'], 'result': result, 'answered': answered, 'margin_hours': margin,
            'cell': '|'.join(part.replace('|', '/') for part in cell),
            'proof': _fill_proof(connection, tables, row, judged, answered, result, sets) if last else None,
            'opened_at': row['opened_at'], 'decided_at': decided_at, 'day': day, 'seconds': 0, 'acts': 0,
        }


def _fill_proof(connection, tables, row, judged, answered, result, sets):
    if answered not in ('rule', 'person') or result not in ('won', 'lost'):
        return None
    text = ' '.join(sorted(
        ('+' if line['state'] == 'present' else '-') + line['item'] for line in judged.get('checklist', ())))
    if not text:
        return None
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    if (row['merchant_id'], name) not in sets:
        sets.add((row['merchant_id'], name))
        told = {'merchant_id': row['merchant_id'], 'id': name, 'items': text}
        connection.execute(sa.insert(tables['evidence_set']), [told])
    return name


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        for table, column, length in _SENTENCES:
            op.alter_column(table, column, type_=Text(length=length), postgresql_using=f'left({column}, {length})')
    for table in ('case_money', 'evidence_set', 'round_result', 'export_job', 'policy_version', 'saved_view', 'case_attention', 'case_note', 'erased_mark', 'password_reset', 'invitation', 'passkey', 'recovery_code'):
        op.drop_table(table)
    for name in ('insert', 'delete', 'update'):
        op.execute(
            f'DROP TRIGGER IF EXISTS open_stake_{name}'
            + (' ON dispute' if op.get_bind().dialect.name == 'postgresql' else '')
        )
    op.drop_table('open_stake')
    op.drop_index('ix_dispute_open_assigned', 'dispute')
    for name in _NEIGHBOURS:
        op.drop_index(name, 'dispute')
    for name, (first, where) in _QUEUES.items():
        op.drop_index(name, 'dispute')
        op.create_index(name, 'dispute', [*first, 'due_sort', 'id'], **where)
    for table, columns in _ADDED.items():
        for column in columns():
            op.drop_column(table, column.name)
