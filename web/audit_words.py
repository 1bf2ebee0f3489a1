"""The audit in sentences: who did what. Every action in use stands here, each in the group it is filtered by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from disputes.knowledge import evidence_items
from disputes.models import AuditEntry
from disputes.titles import gateway_title
from templates.language import marked as _
from templates.language import say, say_many
from web import words
from web.role_words import ROLES

GROUPS = {
    "filing": _("Approving and filing"),
    "evidence": _("Evidence and letter"),
    "case": _("Notes and assignment"),
    "desk": _("What the desk did by itself"),
    "set_up": _("Settings and connections"),
    "people": _("People and signing in"),
    "data": _("Export and erasing"),
}

_TOLD: dict[str, tuple[str, str]] = {
    "approved": ("filing", _("%(who)s approved the answer")),
    "cancelled": ("filing", _("%(who)s cancelled the filing")),
    "attempt_filed": ("filing", _("%(who)s filed it, and read it back from the gateway")),
    "attempt_rejected": ("filing", _("%(who)s could not file it: the gateway refused")),
    "attempt_unclear": ("filing", _("%(who)s got no clear answer: it may have been filed or not")),
    "unclear_settled": ("filing", _("%(who)s looked at the gateway and said what lies there")),
    "filed_by_hand": ("filing", _("%(who)s marked it as filed by hand")),
    "entered": ("filing", _("%(who)s entered a case or its outcome by hand")),
    "uploaded": ("evidence", _("%(who)s added evidence")),
    "withdrawn": ("evidence", _("%(who)s took evidence out")),
    "restored": ("evidence", _("%(who)s put evidence back")),
    "confirmed": ("evidence", _("%(who)s confirmed that evidence belongs to the case")),
    "unconfirmed": ("evidence", _("%(who)s took a confirmation back")),
    "words_given": ("evidence", _("%(who)s wrote a caption or translation")),
    "letter_edited": ("evidence", _("%(who)s edited the letter")),
    "exhibits_ordered": ("evidence", _("%(who)s put the exhibits in order")),
    "claim_said": ("evidence", _("%(who)s said what was claimed or sold")),
    "waived": ("evidence", _("%(who)s waived an item of the checklist")),
    "unwaived": ("evidence", _("%(who)s wants an item of the checklist again")),
    "contradictions_read": ("evidence", _("%(who)s read the contradictions and let them stand")),
    "evidence_asked": ("evidence", _("%(who)s asked somebody outside for a document")),
    "evidence_ask_cancelled": ("evidence", _("%(who)s withdrew a question to somebody outside")),
    "evidence_ask_expired": ("evidence", _("%(who)s ended a question that got no answer in time")),
    "evidence_received": ("evidence", _("%(who)s sent what they were asked for")),
    "evidence_declined": ("evidence", _("%(who)s said that they have no such document")),
    "noted": ("case", _("%(who)s wrote a note")),
    "note_deleted": ("case", _("%(who)s deleted a note")),
    "note_restored": ("case", _("%(who)s brought a note back")),
    "assigned": ("case", _("%(who)s assigned the case")),
    "prepared": ("desk", _("%(who)s judged the case and built its packet")),
    "page_read": ("desk", _("%(who)s told of new or changed disputes")),
    "merchant_made": ("set_up", _("%(who)s set up the shop")),
    "settings_saved": ("set_up", _("%(who)s saved settings")),
    "filing_stopped": ("set_up", _("%(who)s stopped all filing")),
    "filing_resumed": ("set_up", _("%(who)s made filing possible again")),
    "rule_switched": ("set_up", _("%(who)s switched a rule")),
    "calendar_made": ("set_up", _("%(who)s made a secret calendar address")),
    "calendar_off": ("set_up", _("%(who)s switched the calendar address off")),
    "own_addresses_set": ("set_up", _("%(who)s set the shop's own mail addresses")),
    "connected": ("set_up", _("%(who)s connected an account")),
    "key_changed": ("set_up", _("%(who)s changed an account's key")),
    "paused": ("set_up", _("%(who)s paused an account")),
    "resumed": ("set_up", _("%(who)s resumed an account")),
    "webhook_secret_set": ("set_up", _("%(who)s switched a webhook on")),
    "webhook_off": ("set_up", _("%(who)s switched a webhook off")),
    "source_connected": ("set_up", _("%(who)s connected a source")),
    "source_key_changed": ("set_up", _("%(who)s changed a source's key")),
    "source_token_made": ("set_up", _("%(who)s made a token for a source")),
    "source_paused": ("set_up", _("%(who)s paused a source")),
    "source_resumed": ("set_up", _("%(who)s resumed a source")),
    "source_disconnected": ("set_up", _("%(who)s disconnected a source and erased what was kept of it")),
    "policy_added": ("set_up", _("%(who)s entered a version of a policy")),
    "policy_withdrawn": ("set_up", _("%(who)s withdrew a version of a policy")),
    "retention_set": ("set_up", _("%(who)s set how long customers' data is kept")),
    "invited": ("people", _("%(who)s invited somebody")),
    "invitation_withdrawn": ("people", _("%(who)s withdrew an invitation")),
    "joined": ("people", _("%(who)s joined")),
    "member_changed": ("people", _("%(who)s changed somebody's role")),
    "member_removed": ("people", _("%(who)s took somebody out of the team")),
    "password_changed": ("people", _("%(who)s changed a password")),
    "password_reset_asked": ("people", _("%(who)s asked for a link to a new password")),
    "second_factor_on": ("people", _("%(who)s switched a second factor on")),
    "second_factor_off": ("people", _("%(who)s switched a second factor off")),
    "recovery_codes_made": ("people", _("%(who)s made new recovery codes")),
    "recovery_code_used": ("people", _("%(who)s signed in with a recovery code")),
    "passkey_added": ("people", _("%(who)s added a passkey")),
    "passkey_removed": ("people", _("%(who)s removed a passkey")),
    "source_erased": ("data", _("%(who)s erased what was kept of a source")),
    "customer_erased": ("data", _("%(who)s erased a customer's data")),
    "case_erased": ("data", _("%(who)s erased the customer's data of a closed case")),
    "export_asked": ("data", _("%(who)s asked for an export of everything")),
    "export_downloaded": ("data", _("%(who)s downloaded an export of everything")),
    "audit_exported": ("data", _("%(who)s exported this record")),
}

_MACHINES = {
    "rule": _("Your rule"),
    "desk": _("The desk"),
    "sync": _("The gateway"),
    "set-up": _("The set-up"),
    "guardrails": _("The guardrails"),
}


def known() -> frozenset[str]:
    return frozenset(_TOLD)


def of_group(group: str) -> frozenset[str]:
    return frozenset(action for action, (its, _sentence) in _TOLD.items() if its == group)


def machines() -> dict[str, str]:
    return {name: say(told) for name, told in _MACHINES.items()}


def who(actor: str, names: Mapping[str, str]) -> str:
    if actor in _MACHINES:
        return say(_MACHINES[actor])
    return names.get(actor) or say("somebody who left")


def sentence(action: str, by: str) -> str:
    """An action of a later version is told by its own word."""
    if action in _TOLD:
        return say(_TOLD[action][1]) % {"who": by}
    return say("%(who)s: %(action)s") % {"who": by, "action": words.plain(action)}


@dataclass(frozen=True, slots=True)
class Details:
    """What an entry tells beside its sentence. Only what is known of it is said."""

    entry: AuditEntry
    names: Mapping[str, str]

    def said(self) -> list[str]:
        found = [self._about(), self._act(), self._to(), self._rule(), self._item(), self._role(), *self._counts()]
        return [each for each in found if each]

    def _text(self, name: str) -> str:
        value = self.entry.details.get(name)
        return value if isinstance(value, str) else ""

    def _about(self) -> str:
        """The account, source, policy or person it is about, where it is not the one who did it."""
        told = (self.names.get(each, "") for each in (self.entry.subject, self._text("policy"), self._text("request")))
        return next((name for name in told if name), "") if self.entry.subject != self.entry.actor else ""

    def _act(self) -> str:
        act = self._text("act")
        if self.entry.action == "unclear_settled":
            return say("It was filed") if self.entry.details.get("filed") else say("It was not filed")
        return words.act(act).name if act and act != "submit" else ""

    def _to(self) -> str:
        if self.entry.action != "assigned":
            return ""
        to = self._text("to")
        return say("to %(name)s") % {"name": self.names.get(to) or say("somebody who left")} if to else say("to nobody")

    def _rule(self) -> str:
        mode, gateway = self._text("mode"), self._text("gateway")
        if self.entry.action != "rule_switched" or mode not in words.RULE:
            return ""
        return f"{gateway_title(gateway)}: {say(words.RULE[mode])}"

    def _item(self) -> str:
        item = evidence_items().get(self._text("item"))
        return say(item.label) if item else ""

    def _role(self) -> str:
        titles = {role.value: title for role, (title, _does) in ROLES.items()}
        role = titles.get(self._text("role"))
        return say(role) if role else ""

    def _counts(self) -> list[str]:
        told = []
        for name, one, many in _COUNTED:
            number = self.entry.details.get(name)
            if isinstance(number, int) and number and not isinstance(number, bool):
                told.append(say_many(one, many, number) % {"n": number})
        verdict = self._text("verdict")
        if verdict in words.VERDICT:
            told.append(say(words.VERDICT[verdict]))
        hashed = self._text("response")
        return [*told, say("answer %(hash)s") % {"hash": hashed[:10]}] if hashed else told


_COUNTED = (
    ("new", _("%(n)s new"), _("%(n)s new")),
    ("opened", _("%(n)s asks again"), _("%(n)s ask again")),
    ("ended", _("%(n)s decided"), _("%(n)s decided")),
    ("moved", _("%(n)s with another deadline"), _("%(n)s with another deadline")),
    ("elsewhere", _("%(n)s answered elsewhere"), _("%(n)s answered elsewhere")),
    ("cases", _("%(n)s case"), _("%(n)s cases")),
    ("records", _("%(n)s kept record"), _("%(n)s kept records")),
    ("files", _("%(n)s file"), _("%(n)s files")),
    ("days", _("%(n)s day"), _("%(n)s days")),
)
