"""What a page says after a form was sent; by name, so that no foreign text travels in an address."""

from __future__ import annotations

NOTES = {
    "owner_made": "The desk is yours. Sign in with the address and password you just chose.",
    "signed_out": "You are signed out.",
    "uploaded": "The files are stored. The case is judged anew and the packet built again.",
    "withdrawn": "The item is taken out of the case. It is kept, because an earlier packet may rest on it.",
    "confirmed": "The item now counts as evidence.",
    "words_saved": "Your words are saved. The packet is built again.",
    "letter_saved": "The letter is saved. The packet is built again.",
    "claim_saved": "Saved. The case is judged anew.",
    "waived": "The item is waived: you go without it. It does not count as proof.",
    "unwaived": "The item is wanted again.",
    "read": "The contradictions are marked as read by you.",
    "gathering": "Every source is asked again.",
    "approved": "Approved. The answer is being filed; this page shows what the gateway says.",
    "act_asked": "It was handed to the gateway; this page shows what it says.",
    "marked_filed": "Marked as filed. The case waits for the outcome.",
    "entered": "The case is entered. Its records are gathered and the packet is built.",
    "entered_deadline": "The deadline is moved.",
    "entered_again": "A new round is open. Its records are gathered and the packet is built.",
    "entered_outcome": "What was said is entered.",
    "accept_asked": "Accepting was handed to the gateway; this page shows what it says.",
    "cancelled": "The filing is cancelled. Nothing was sent.",
    "settled": "Noted. The case goes on from what you saw at the gateway.",
    "connected": "The account is connected. Its disputes are being read.",
    "connected_to_read": "The account is connected to be read. Its key may not file: answers are handed over as files "
    "and text, and you mark them as filed.",
    "key_changed": "The new key is stored and works.",
    "key_only_reads": "The new key is stored. It may not file: answers are handed over as files and text, and you mark "
    "them as filed.",
    "webhook_saved": "The webhook is on: what it is checked by is stored.",
    "webhook_off": "The webhook is off.",
    "connection_paused": "This connection is paused: it is not read and nothing is filed through it.",
    "connection_resumed": "This connection is read again.",
    "reading": "The account is being read now.",
    "settings_saved": "The settings are saved.",
    "paused": "Filing is stopped for this shop, for machine and person alike, until you make it possible again.",
    "resumed": "Filing is possible again.",
    "rule_switched": "The rule is switched.",
    "password_changed": "The password is changed and every other session is ended.",
}
