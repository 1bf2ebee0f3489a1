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
    "accept_asked": "Accepting was handed to the gateway; this page shows what it says.",
    "cancelled": "The filing is cancelled. Nothing was sent.",
    "settled": "Noted. The case goes on from what you saw at the gateway.",
    "connected": "The account is connected. Its disputes are being read.",
    "key_changed": "The new key is stored and works.",
    "webhook_saved": "The webhook secret is stored.",
    "connection_paused": "This connection is paused: it is not read and nothing is filed through it.",
    "connection_resumed": "This connection is read again.",
    "reading": "The account is being read now.",
    "settings_saved": "The settings are saved.",
    "paused": "Filing is stopped for this shop, for machine and person alike, until you make it possible again.",
    "resumed": "Filing is possible again.",
    "rule_switched": "The rule is switched.",
    "password_changed": "The password is changed and every other session is ended.",
}
