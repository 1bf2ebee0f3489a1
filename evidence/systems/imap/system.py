"""The mailbox as a system: asked about one sale, by the customer's addresses and the sale's numbers."""

from __future__ import annotations

from collections.abc import Mapping

from imap_tools.errors import MailboxFolderSelectError

from disputes.phrases import phrase
from disputes.ports import SourceReport, Wanted
from disputes.systems import (
    Brings,
    Outside,
    Setting,
    System,
    SystemAccount,
    SystemKind,
)
from evidence.mail import MailRefused, Own
from evidence.mail.letter import MAX_MAIL
from evidence.systems.base import BaseSystem
from evidence.systems.correspondence import SPARE_SECONDS, Found, allowed_numbers, report
from evidence.systems.imap.door import (
    ACCESS_TOKEN,
    NONE,
    PASSWORD,
    REFRESH_TOKEN,
    STARTTLS,
    TLS,
    Box,
    patience,
    place,
    signed_in,
    text,
)
from evidence.systems.imap.folders import INBOX, Folder, sent, to_search
from evidence.systems.imap.letters import read, refusal, threaded, titled
from evidence.systems.imap.search import FAILURES, Open, Question
from evidence.systems.imap.words import broken_off

MAX_MAILS = 300
MAX_NUMBER_ONLY = 60
"""Mails that only a number speaks for: a short one stands in many."""
MAX_TOGETHER = 120 * 2**20
_NOBODY_KNOWN = phrase("The shop's own mail addresses are not set, so nobody can tell who wrote; no mail was read.")


class Imap(BaseSystem):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._settings, self._outside = settings, outside

    def account(self) -> SystemAccount:
        host, _, _ = place(self._settings)
        user = text(self._settings, "user")
        with signed_in(self._settings, self._outside) as box:
            try:
                folders = self._folders(box)
                Open(box, INBOX, self._outside)
            except FAILURES as error:
                raise broken_off(error) from None
            gmail = _gmail(box)
        return SystemAccount(
            f"{user}@{host}".casefold(),
            user,
            rights_too_many=(phrase("A mailbox's password or token can also send and delete. Nothing here does."),),
            warnings=tuple(self._warnings(folders, gmail=gmail)),
        )

    def gather(self, wanted: Wanted) -> SourceReport:
        question = Question.of(wanted, self._outside.clock.now())
        if not question:
            return SourceReport(())
        if not self._own():
            return SourceReport((), (), (_NOBODY_KNOWN,))
        refused: list[str] = []
        with signed_in(self._settings, self._outside) as box:
            try:
                mails = self._fetched(box, question, refused)
            except FAILURES as error:
                raise broken_off(error) from None
        found = [each for folder, data in mails for each in self._read(data, folder, wanted, refused)]
        return report(threaded(found), wanted, self._outside, adapter=KIND.adapter, refused=refused)

    # ---- folder by folder -------------------------------------------------------------------------------------------

    def _fetched(self, box: Box, question: Question, refused: list[str]) -> list[tuple[str, bytes]]:
        """Folder and bytes of every mail that fits, as far as one case goes."""
        budget = _Budget()
        mails: list[tuple[str, bytes]] = []
        for name in self._chosen(box):
            try:
                folder = Open(box, name, self._outside)
            except MailboxFolderSelectError:
                refused.append(phrase("The folder {name} cannot be opened; no mail was read from it.", name=name))
                continue
            for hit in folder.hits(question):
                if hit.size > MAX_MAIL:
                    head = titled(folder.head(hit.uid), name)
                    refused.append(
                        phrase("{head} is larger than {mb} MB and was left out.", head=head, mb=MAX_MAIL // 2**20)
                    )
                    continue
                if not budget.takes(hit.size, number_only=hit.rank == 2, late=self._outside.left() < SPARE_SECONDS):
                    continue
                data = folder.mail(hit.uid)
                if data is None:
                    refused.append(
                        phrase("A mail in {name} could not be fetched (number {uid}).", name=name, uid=hit.uid)
                    )
                else:
                    mails.append((name, data))
            refused += [
                phrase("The mail server cannot look for {term} in {name}.", term=repr(term), name=name)
                for term in folder.unsearchable
            ]
            refused += budget.left_out(name)
        return mails

    def _read(self, data: bytes, folder: str, wanted: Wanted, refused: list[str]) -> list[Found]:
        user = text(self._settings, "user")
        try:
            mail = read(data, self._own(), folder=folder, mailbox=user, allowed=allowed_numbers(wanted))
        except MailRefused as error:
            refused.append(refusal(data, folder, error))
            return []
        return [mail] if mail else []

    def _chosen(self, box: Box) -> list[str]:
        typed = text(self._settings, "sent_folder")
        return to_search(self._folders(box), gmail=_gmail(box), typed_sent=typed, further=self._further())

    def _folders(self, box: Box) -> list[Folder]:
        box.client.sock.settimeout(patience(self._outside))
        return [
            Folder(each.name, each.delim, frozenset(flag.casefold() for flag in each.flags))
            for each in box.folder.list()
        ]

    def _own(self) -> Own:
        """The address the mailbox belongs to is the shop's, whether it was typed or not."""
        user = text(self._settings, "user")
        return Own.of((*self._outside.own_addresses, *([user] if "@" in user else [])))

    def _further(self) -> list[str]:
        return [each.strip() for each in text(self._settings, "folders").split(",") if each.strip()]

    def _warnings(self, folders: list[Folder], *, gmail: bool) -> list[str]:
        typed, user = text(self._settings, "sent_folder"), text(self._settings, "user")
        names = {each.name.casefold() for each in folders}
        found: list[str] = []
        if typed and not sent(folders, typed):
            found.append(
                phrase("There is no folder named {typed}, so the shop's own answers will be missing.", typed=typed)
            )
        elif not sent(folders, typed) and not (gmail and any("\\all" in each.flags for each in folders)):
            found.append(
                phrase("No folder of sent mail was found, so the shop's own answers will be missing. Type its name.")
            )
        found += [
            phrase("There is no folder named {name}.", name=name)
            for name in self._further()
            if name.casefold() not in names
        ]
        own = Own.of(self._outside.own_addresses)
        if "@" in user and not own.has(user):
            found.append(
                phrase(
                    "{user} is taken for an address of the shop's own. Add the shop's others in the settings.",
                    user=user,
                )
            )
        elif not own:
            found.append(_NOBODY_KNOWN)
        return found


class _Budget:
    """How much of a mailbox one case may read; what is over it is counted, folder by folder."""

    def __init__(self) -> None:
        self._mails = self._bytes = self._by_number = self._over = 0

    def takes(self, size: int, *, number_only: bool, late: bool) -> bool:
        over = late or self._mails >= MAX_MAILS or self._bytes + size > MAX_TOGETHER
        if over or (number_only and self._by_number >= MAX_NUMBER_ONLY):
            self._over += 1
            return False
        self._mails += 1
        self._bytes += size
        self._by_number += number_only
        return True

    def left_out(self, folder: str) -> list[str]:
        over, self._over = self._over, 0
        words = phrase(
            "{count} further mails in {folder} fit the search and were not read: they are too many, or the time was "
            "over.",
            count=over,
            folder=folder,
        )
        return [words] if over else []


def _gmail(box: Box) -> bool:
    return "X-GM-EXT-1" in box.client.capabilities


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return Imap(settings, outside)


KIND = SystemKind(
    name="imap",
    title=phrase("Mailbox (IMAP)"),
    version=1,
    brings=(Brings.CORRESPONDENCE,),
    gives=phrase("E-mail with the customer, received and sent, with the pictures and PDFs that came with it."),
    needs=phrase(
        "The mailbox the shop answers customers from: its server, user name, and an app password or an "
        "OAuth 2 "
        "token that may read mail over IMAP. Mail is never marked as read, moved or sent."
    ),
    settings=(
        Setting(
            "host",
            phrase("Mail server"),
            phrase("As in your mail program, for incoming mail."),
            example="imap.gmail.com",
            address=True,
        ),
        Setting("user", phrase("User name"), phrase("Usually the mail address."), example="help@lumen.example"),
        Setting(
            "sign_in",
            phrase("Sign in with"),
            phrase("Microsoft 365 takes no passwords any more; Gmail wants an app password or OAuth 2."),
            choices=(
                (PASSWORD, phrase("Password or app password")),
                (REFRESH_TOKEN, phrase("OAuth 2, renewed by a refresh token")),
                (ACCESS_TOKEN, phrase("OAuth 2, an access token (for an hour)")),
            ),
        ),
        Setting(
            "password",
            phrase("Password"),
            phrase("An app password where the account has two-step sign-in."),
            secret=True,
            required=False,
        ),
        Setting("refresh_token", phrase("Refresh token"), secret=True, required=False),
        Setting("client_id", phrase("Client id"), phrase("Of the app the token was made for."), required=False),
        Setting(
            "client_secret", phrase("Client secret"), phrase("Public clients have none."), secret=True, required=False
        ),
        Setting(
            "token_url",
            phrase("Token address"),
            "Google: https://oauth2.googleapis.com/token. "
            "Microsoft: https://login.microsoftonline.com/common/oauth2/v2.0/token.",
            required=False,
            example="https://oauth2.googleapis.com/token",
            address=True,
        ),
        Setting(
            "access_token",
            phrase("Access token"),
            phrase("Only to try it out: it ends within the hour."),
            secret=True,
            required=False,
        ),
        Setting(
            "security",
            phrase("Connection"),
            choices=(
                (TLS, phrase("TLS (port 993)")),
                (STARTTLS, phrase("STARTTLS (port 143)")),
                (NONE, phrase("None (this machine only)")),
            ),
            required=False,
        ),
        Setting("port", phrase("Port"), phrase("Only if it is an unusual one."), required=False, example="993"),
        Setting(
            "sent_folder", phrase("Folder of sent mail"), phrase("Only if it is not found by itself."), required=False
        ),
        Setting(
            "folders",
            phrase("Further folders"),
            phrase("Separated by commas, if mail is sorted into more."),
            required=False,
        ),
    ),
    open=_open,
)
