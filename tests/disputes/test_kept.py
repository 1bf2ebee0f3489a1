"""What is kept: rows that another writer changed, the audit chain, secrets, files, the installation, migrations."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from sqlmodel import Session, SQLModel, select

from disputes import store, store_audit, submission
from disputes.audit import broken_at
from disputes.database import Database, WriterOpen, migration_engine, sqlite_url
from disputes.files import FileMissing, FolderStore
from disputes.ids import new_id
from disputes.lifecycle import WorkState
from disputes.mark import Mark, Told
from disputes.migrate import migrate
from disputes.models import AuditEntry, AuditHead, Dispute, Installation, Merchant
from disputes.vault import Vault, VaultLocked
from tests import builders
from web.installation import adopt, check_installation

NOW = builders.NOW


@pytest.fixture
def another_database_url(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[str]:
    """An empty database without tables, of the same kind."""
    if database.is_sqlite:
        yield sqlite_url(tmp_path / "older.db")
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


def one_case(database: Database) -> Dispute:
    with database.writing() as session:
        merchant = builders.merchant(session)
        connection = builders.connection(session, merchant=merchant)
        return builders.seen(session, connection=connection)


class TestStore:
    def test_a_case_that_somebody_else_changed_meanwhile_is_not_written_over(self, database: Database) -> None:
        mine = one_case(database)
        with database.writing() as session:
            store.set_work(session, session.get_one(Dispute, mine.id), WorkState.GATHERING, NOW)
        with pytest.raises(store.Stale):
            self.write(database, mine)
        with database.reading() as session:
            assert session.get_one(Dispute, mine.id).work_state == "gathering"

    def test_another_merchants_case_is_not_found(self, database: Database) -> None:
        mine = one_case(database)
        with database.writing() as session:
            other = builders.merchant(session)
        with database.reading() as session, pytest.raises(store.NotFound):
            store.dispute_of(session, other.id, mine.id)

    def test_what_fails_in_a_transaction_leaves_nothing(self, database: Database) -> None:
        with pytest.raises(RuntimeError):
            self.fail(database)
        with database.reading() as session, pytest.raises(store.NotFound):
            store.merchant_by_slug(session, "half")

    def write(self, database: Database, stale: Dispute) -> None:
        with database.writing() as session:
            store.set_work(session, session.merge(stale, load=False), WorkState.NEEDS_EVIDENCE, NOW)

    def fail(self, database: Database) -> None:
        with database.writing() as session:
            builders.merchant(session, slug="half")
            raise RuntimeError


class TestAuditChain:
    def test_two_writers_at_once_do_not_fork_it(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            store_audit.record(session, merchant.id, at=NOW, actor="set-up", action="made", subject=merchant.id)
        errors: list[BaseException] = []

        def write(actor: str) -> None:
            try:
                for number in range(12):
                    with database.writing() as session:
                        store_audit.record(
                            session, merchant.id, at=NOW, actor=actor, action="prepared", subject=f"dsp_{number}"
                        )
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=write, args=(name,)) for name in ("one", "two", "three")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert errors == []
        with database.reading() as session:
            entries = list(store_audit.export(session, merchant.id))
            assert len(entries) == 37
            assert broken_at(entries, head=store_audit.head_of(session, merchant.id)) is None

    def test_an_entry_that_was_changed_in_the_database_shows(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            for number in range(3):
                store_audit.record(session, merchant.id, at=NOW, actor="desk", action="filed", subject=f"dsp_{number}")
        with database.writing() as session:
            entry = session.exec(select(AuditEntry).where(AuditEntry.seq == 2)).one()
            entry.actor = "nobody"
            session.add(entry)
        with database.reading() as session:
            head = session.get_one(AuditHead, merchant.id).hash
            assert broken_at(store_audit.export(session, merchant.id), head=head) == (
                "entry 2 was changed after it was written"
            )


class TestVault:
    def test_the_key_file_is_its_owners_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "key"
        vault = Vault.at(path, create=True)
        assert path.stat().st_mode & 0o777 == 0o600
        sealed = vault.seal("rk_test_secret")
        assert "rk_test_secret" not in sealed
        assert Vault.at(path, create=False).open(sealed) == "rk_test_secret"

    def test_a_key_file_that_others_may_read_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "key"
        Vault.at(path, create=True)
        path.chmod(0o640)
        with pytest.raises(VaultLocked, match="0600"):
            Vault.at(path, create=False)

    def test_a_missing_or_another_key_file_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(VaultLocked, match="missing"):
            Vault.at(tmp_path / "key", create=False)
        sealed = Vault(Fernet.generate_key()).seal("x")
        with pytest.raises(VaultLocked, match="Connect the account again"):
            Vault(Fernet.generate_key()).open(sealed)

    def test_a_fingerprint_tells_originals_apart_and_depends_on_the_key(self) -> None:
        key = Fernet.generate_key()
        assert Vault(key).fingerprint(b"a") == Vault(key).fingerprint(b"a") != Vault(key).fingerprint(b"b")
        assert Vault(key).fingerprint(b"a") != Vault(Fernet.generate_key()).fingerprint(b"a")


class TestFiles:
    def test_one_merchant_never_gets_anothers_bytes(self, tmp_path: Path) -> None:
        files, mine, theirs = FolderStore(tmp_path), new_id("mer"), new_id("mer")
        name = files.put(mine, b"proof")
        assert files.get(mine, name) == b"proof"
        assert not files.has(theirs, name)
        with pytest.raises(FileMissing):
            files.get(theirs, name)

    def test_bytes_that_were_changed_on_disk_are_not_used(self, tmp_path: Path) -> None:
        files, mine = FolderStore(tmp_path), new_id("mer")
        name = files.put(mine, b"proof")
        (path,) = (one for one in tmp_path.rglob("*") if one.is_file())
        path.write_bytes(b"fraud")
        with pytest.raises(FileMissing, match="changed on disk"):
            files.get(mine, name)

    @pytest.mark.parametrize("merchant", ["../x", "mer_", "mer_zz/..", ""])
    def test_no_name_leads_out_of_the_folder(self, tmp_path: Path, merchant: str) -> None:
        with pytest.raises(FileMissing):
            FolderStore(tmp_path).get(merchant, "0" * 64)

    def test_no_file_is_touched_while_a_writer_is_open(self, tmp_path: Path, database: Database) -> None:
        with database.writing(), pytest.raises(WriterOpen):
            FolderStore(tmp_path).put(new_id("mer"), b"x")


class TestInstallation:
    def test_a_copied_folder_does_not_file_until_a_person_says_so(self, database: Database, tmp_path: Path) -> None:
        data = tmp_path / "here" / "data"
        data.mkdir(parents=True)
        check_installation(database, data, NOW)
        check_installation(database, data, NOW)
        assert self.filing_on(database)
        elsewhere = tmp_path / "there" / "data"
        elsewhere.mkdir(parents=True)
        check_installation(database, elsewhere, NOW)
        assert not self.filing_on(database)
        adopt(database, elsewhere)
        check_installation(database, elsewhere, NOW)
        assert self.filing_on(database)
        check_installation(database, data, NOW)
        assert not self.filing_on(database), "the folder it came from is the copy now"

    def test_a_database_put_back_from_a_backup_of_another_installation_does_not_file(
        self, database: Database, tmp_path: Path
    ) -> None:
        data = tmp_path / "data"
        data.mkdir()
        Mark.beside(data).write(Told("ins_another", 0))
        with database.writing() as session:
            session.add(Installation(installation_id="ins_mine", filing_on=True, created_at=NOW))
        check_installation(database, data, NOW)
        assert not self.filing_on(database)

    def test_a_database_restored_from_an_older_backup_does_not_file(self, database: Database, tmp_path: Path) -> None:
        data = tmp_path / "data"
        data.mkdir()
        check_installation(database, data, NOW)
        for _ in range(3):
            with database.writing() as session:
                writes = submission.count_write(session)
            Mark.beside(data).raise_to(writes)
        check_installation(database, data, NOW)
        assert self.filing_on(database)
        with database.writing() as session:
            session.get_one(Installation, 1).writes = 2
        check_installation(database, data, NOW)
        assert not self.filing_on(database)
        adopt(database, data)
        check_installation(database, data, NOW)
        assert self.filing_on(database), "a person looked and switched it on"

    def test_the_count_beside_the_data_never_falls(self, tmp_path: Path) -> None:
        mark = Mark.beside(tmp_path / "data")
        mark.write(Told("ins_1", 5))
        mark.raise_to(3)
        assert mark.read() == Told("ins_1", 5)

    def test_a_file_of_an_earlier_version_that_knows_no_count_is_read(self, tmp_path: Path) -> None:
        mark = Mark.beside(tmp_path / "data")
        mark.path.write_text("ins_1")
        assert mark.read() == Told("ins_1", 0)

    def filing_on(self, database: Database) -> bool:
        with database.reading() as session:
            return session.get_one(Installation, 1).filing_on


class TestMigrations:
    def test_the_tables_are_those_of_the_models(self, database_url: str) -> None:
        def ours(_object: object, name: str | None, kind: str, reflected: bool, _compared: object) -> bool:
            if kind == "table":
                return not reflected or name in SQLModel.metadata.tables
            return name != "ix_dispute_search_text"

        engine = migration_engine(database_url)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
            assert compare_metadata(context, SQLModel.metadata) == []
        engine.dispose()

    @pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
    def test_a_filled_database_comes_through_an_upgrade_with_every_row(
        self, database: Database, another_database_url: str, revision: str
    ) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            connection = builders.connection(session, merchant=merchant)
            for number in range(7):
                dispute = builders.seen(session, connection=connection, external_id=f"du_{number}")
                builders.prepared(session, dispute=dispute)
        filled = counts(database)
        assert filled["dispute"] == filled["round"] == filled["packet"] == 7
        migrate(another_database_url, revision)
        copied(database, another_database_url)
        migrate(another_database_url)
        upgraded = Database(another_database_url)
        assert counts(upgraded) == filled
        with upgraded.reading() as session:
            assert len(found(session, upgraded, "du_3")) == 1, "the search still finds"
            assert session.exec(select(Merchant)).one().mail_addresses == []
        upgraded.dispose()


def copied(database: Database, url: str) -> None:
    """Every row of a database of today into one of an older version, as far as that has the columns."""
    older = migration_engine(url)
    told = sa.MetaData()
    with database.engine.connect() as source, older.begin() as target:
        told.reflect(target)
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in told.tables:
                continue
            old = told.tables[table.name]
            computed = {column.name for column in old.columns if column.computed is not None}
            names = [each.name for each in old.columns if each.name in table.columns and each.name not in computed]
            rows = source.execute(sa.select(*(table.c[each] for each in names)))
            values = [dict(zip(names, row, strict=True)) for row in rows]
            if values:
                typed = sa.table(table.name, *(sa.column(each, table.c[each].type) for each in names))
                target.execute(typed.insert(), values)
    older.dispose()


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in SQLModel.metadata.tables.items()
        }


def found(session: Session, database: Database, words: str) -> list[str]:
    if database.is_sqlite:
        query = sa.text("SELECT rowid FROM dispute_search WHERE dispute_search MATCH :words")
        return [str(row[0]) for row in session.execute(query, {"words": f'"{words}"'})]
    query = sa.text("SELECT id FROM dispute WHERE search_text ILIKE :words")
    return [str(row[0]) for row in session.execute(query, {"words": f"%{words}%"})]
