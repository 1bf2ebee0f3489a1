"""What a page says after a form was sent; by name, so that no foreign text travels in an address."""

from __future__ import annotations

from templates.language import marked as _
from templates.language import say

NOTES = {
    "owner_made": _("The desk is yours. Sign in with the address and password you just chose."),
    "signed_out": _("You are signed out."),
    "uploaded": _("The files are stored. The case is judged anew and the packet built again."),
    "withdrawn": _("The item is taken out of the case. It is kept, because an earlier packet may rest on it."),
    "confirmed": _("The item now counts as evidence."),
    "restored": _("The item is back on the case. The case is judged anew."),
    "unconfirmed": _("The confirmation is taken back: the item is no evidence until somebody confirms it."),
    "noted": _("The note is saved."),
    "note_deleted": _("The note is deleted."),
    "note_restored": _("The note is back."),
    "assigned": _("It is noted who works on the case."),
    "assigned_already": _("Nothing changed: that person has the case already."),
    "words_saved": _("Your words are saved. The packet is built again."),
    "exhibits_ordered": _("The exhibits are in that order now. The packet is built again."),
    "letter_saved": _("The letter is saved. The packet is built again."),
    "claim_saved": _("Saved. The case is judged anew."),
    "waived": _("The item is waived: you go without it. It does not count as proof."),
    "unwaived": _("The item is wanted again."),
    "read": _("The contradictions are marked as read by you."),
    "gathering": _("Every source is asked again."),
    "approved": _("Approved. The answer is being filed; this page shows what the gateway says."),
    "act_asked": _("It was handed to the gateway; this page shows what it says."),
    "marked_filed": _("Marked as filed. The case waits for the outcome."),
    "entered": _("The case is entered. Its records are gathered and the packet is built."),
    "entered_deadline": _("The deadline is moved."),
    "entered_again": _("A new round is open. Its records are gathered and the packet is built."),
    "entered_outcome": _("What was said is entered."),
    "accept_asked": _("Accepting was handed to the gateway; this page shows what it says."),
    "cancelled": _("The filing is cancelled. Nothing was sent."),
    "settled": _("Noted. The case goes on from what you saw at the gateway."),
    "connected": _("The account is connected. Its disputes are being read."),
    "connected_to_read": _(
        "The account is connected to be read. Its key may not file: answers are handed over as files "
        "and text, and you mark them as filed."
    ),
    "key_changed": _("The new key is stored and works."),
    "key_only_reads": _(
        "The new key is stored. It may not file: answers are handed over as files and text, and you mark them as filed."
    ),
    "webhook_saved": _("The webhook is on: what it is checked by is stored."),
    "webhook_off": _("The webhook is off."),
    "connection_paused": _("This connection is paused: it is not read and nothing is filed through it."),
    "connection_resumed": _("This connection is read again."),
    "reading": _("The account is being read now."),
    "source_connected": _("The source is connected. What it has is being read; cases that lack evidence ask it too."),
    "source_paused": _("This source is paused: it is not read and not asked. What was kept from it still counts."),
    "source_resumed": _("This source is read and asked again."),
    "source_reading": _("The source is being read now."),
    "source_erased": _(
        "What was kept from this source is erased, and it is paused. Evidence that lies on a case stays."
    ),
    "source_disconnected": _(
        "The source is disconnected: its key and what was kept from it are erased. Evidence that lies on a case stays."
    ),
    "asked": _("The question is on its way by mail. What comes in waits for your yes."),
    "ask_cancelled": _("The question is withdrawn: its link does not work any more."),
    "own_saved": _("The shop's own addresses are saved. Mails are told apart by them from now on."),
    "welcome_over": _("The checklist is put away. It can be had again on the set-up page."),
    "view_saved": _("The view is saved; it stands above the list."),
    "view_removed": _("The saved view is taken away. The cases in it are untouched."),
    "assigned_many": _("The chosen cases are assigned."),
    "given_back": _("The chosen cases are assigned to nobody now."),
    "export_asked": _("The export is being built. You can leave this page."),
    "export_under_way": _("An export is being built already."),
    "retention_set": _("From now on closed cases lose the customer's data once they were kept long enough."),
    "retention_off": _("Closed cases keep the customer's data until you erase it."),
    "digest_sent": _("The digest as it stands now is on its way to your own address."),
    "policy_added": _("The version is kept. Cases that lack evidence are looked through again with it."),
    "policy_withdrawn": _("The version is withdrawn: no case is given it from now on."),
    "settings_saved": _("The settings are saved."),
    "paused": _("Filing is stopped for this shop, for machine and person alike, until you make it possible again."),
    "resumed": _("Filing is possible again."),
    "rule_switched": _("The rule is switched."),
    "password_changed": _("The password is changed and every other session is ended."),
    "password_reset": _("The password is changed. Sign in with it."),
    "account_saved": _("Your account is saved."),
    "session_ended": _("That session is ended."),
    "sessions_ended": _("Every other session is ended."),
    "factor_off": _("The second factor is off, and its recovery codes are gone."),
    "passkey_added": _("The passkey is kept. You can sign in with it from now on."),
    "passkey_renamed": _("The passkey has its new name."),
    "passkey_removed": _("The passkey is removed here. Delete it in your device too."),
    "joined": _("You have joined. Sign in to begin."),
    "invited": _("The invitation is on its way by mail."),
    "invitation_withdrawn": _("The invitation is withdrawn: its link does not work any more."),
    "member_changed": _("Saved. It holds from this moment on."),
    "member_removed": _("They are out of the team and see nothing of this shop any more."),
    "left_team": _("You have left the shop."),
}


def note_words(name: str) -> str | None:
    """The note of this name in the language spoken; None where there is none."""
    return say(NOTES[name]) if name in NOTES else None
