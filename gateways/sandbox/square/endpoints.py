"""Square's endpoints, one line each."""

from __future__ import annotations

from gateways.sandbox.square import account, disputes, evidence, orders, payments, payouts, people, refunds
from gateways.sandbox.square import subscriptions as subs
from gateways.sandbox.square.call import Endpoint
from gateways.sandbox.square.lifecycle import STATES
from gateways.sandbox.square.shapes import boolean, instant, integer, last, list_of, one_of, query_of, text
from gateways.sandbox.square.tokens import APPLICATION_SETTINGS

_TEXT, _LIMIT, _TIME = last(text(1)), last(integer(1, 100)), last(instant)
_ORDER = last(one_of("ASC", "DESC"))
_PAGED = {"cursor": last(text()), "limit": _LIMIT, "sort_order": _ORDER}
_WINDOW = {"begin_time": _TIME, "end_time": _TIME, "location_id": _TEXT}

CURSOR = query_of(cursor=last(text()))
DISPUTES = query_of(cursor=last(text()), states=list_of(one_of(*STATES)), location_id=last(text(1, 40)))
PAYMENTS = query_of(**_PAGED, **_WINDOW, total=last(integer(0, 2**62)), last_4=_TEXT, card_brand=_TEXT)
REFUNDS = query_of(**_PAGED, **_WINDOW, status=_TEXT, source_type=_TEXT)
PAYOUTS = query_of(**_PAGED, **_WINDOW, status=last(one_of("SENT", "FAILED", "PAID")))
PAGED = query_of(**_PAGED)
SUBSCRIPTIONS = query_of(**_PAGED, include_disabled=last(boolean))

_ONE = "/v2/disputes/{id}"

ENDPOINTS = (
    Endpoint("GET /v2/disputes", "DISPUTES_READ", disputes.list_disputes, query=DISPUTES),
    Endpoint(f"GET {_ONE}", "DISPUTES_READ", disputes.get_dispute),
    Endpoint(f"POST {_ONE}/accept", "DISPUTES_WRITE", disputes.accept),
    Endpoint(f"POST {_ONE}/submit-evidence", "DISPUTES_WRITE", disputes.submit_evidence),
    Endpoint(f"GET {_ONE}/evidence", "DISPUTES_READ", evidence.list_evidence, query=CURSOR),
    Endpoint(f"GET {_ONE}/evidence/{{evidence_id}}", "DISPUTES_READ", evidence.get_evidence),
    Endpoint(f"DELETE {_ONE}/evidence/{{evidence_id}}", "DISPUTES_WRITE", evidence.delete_evidence),
    Endpoint(f"POST {_ONE}/evidence-text", "DISPUTES_WRITE", evidence.create_text, body=evidence.TEXT_REQUEST),
    Endpoint(
        f"POST {_ONE}/evidence-files", "DISPUTES_WRITE", evidence.create_file, body=evidence.FILE_REQUEST,
        multipart="request", check=evidence.check_file,
    ),
    Endpoint("GET /v2/payments", "PAYMENTS_READ", payments.list_payments, query=PAYMENTS),
    Endpoint("GET /v2/payments/{id}", "PAYMENTS_READ", payments.get_payment),
    Endpoint("GET /v2/refunds", "PAYMENTS_READ", refunds.list_refunds, query=REFUNDS),
    Endpoint("GET /v2/refunds/{id}", "PAYMENTS_READ", refunds.get_refund),
    Endpoint("GET /v2/orders/{id}", "ORDERS_READ", orders.get_order),
    Endpoint("GET /v2/customers/{id}", "CUSTOMERS_READ", people.get_customer),
    Endpoint("GET /v2/merchants", "MERCHANT_PROFILE_READ", account.list_merchants, query=CURSOR),
    Endpoint("GET /v2/merchants/{id}", "MERCHANT_PROFILE_READ", account.get_merchant),
    Endpoint("GET /v2/locations", "MERCHANT_PROFILE_READ", account.list_locations),
    Endpoint("GET /v2/locations/{id}", "MERCHANT_PROFILE_READ", account.get_location),
    Endpoint("GET /v2/payouts", "PAYOUTS_READ", payouts.list_payouts, query=PAYOUTS),
    Endpoint("GET /v2/payouts/{id}", "PAYOUTS_READ", payouts.get_payout),
    Endpoint("GET /v2/payouts/{id}/payout-entries", "PAYOUTS_READ", payouts.list_entries, query=PAGED),
    Endpoint("POST /oauth2/token/status", None, account.token_status),
    Endpoint("GET /v2/webhooks/subscriptions", APPLICATION_SETTINGS, subs.list_all, query=SUBSCRIPTIONS),
    Endpoint("POST /v2/webhooks/subscriptions", APPLICATION_SETTINGS, subs.create, body=subs.CREATE),
    Endpoint("GET /v2/webhooks/subscriptions/{id}", APPLICATION_SETTINGS, subs.get),
    Endpoint("DELETE /v2/webhooks/subscriptions/{id}", APPLICATION_SETTINGS, subs.delete),
)  # fmt: skip
