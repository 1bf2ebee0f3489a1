"""The questions asked of the Admin API, and how much of each list is asked for at once.

A question costs points: an object one, a list as many times its contents as it was asked for. More than 1,000 points in
one question are refused outright, so lists begin small, and what does not fit is fetched by itself. What the key may
not read is left out of the question, because one forbidden field spoils a whole answer. Never asked for, because staff
write there for each other: the notes of orders and refunds. Nor the status page's address, which is a key by itself.
"""

from __future__ import annotations

from collections.abc import Collection

API_VERSION = "2026-10"
"""Checked 2026-11-22 against the schemas of 2026-01 to 2026-10; Shopify keeps a version for a year."""

ORDERS_AT_ONCE = 5
LINES = 6
LINES_MORE = 60
FURTHER = {
    "transactions": (5, 100, "", 0, 0),
    "refunds": (3, 20, "transactions", 3, 20),
    "fulfillments": (3, 40, "trackingInfo", 3, 20),
}
"""Lists without pages: how many are asked for first, and how many when those were not enough; then the same for the
list within each of them."""

SCOPE = """
query Scope {
  shop { id name myshopifyDomain ianaTimezone }
  currentAppInstallation { accessScopes { handle } }
}
"""

POLICIES = """
query Policies { shop { shopPolicies { id type title body url createdAt updatedAt } } }
"""

COUNT = """
query HowMany($query: String!) { ordersCount(query: $query, limit: null) { count precision } }
"""

_MONEY = "presentmentMoney { amount currencyCode }"
_ADDRESS = "name company address1 address2 city province provinceCode zip country countryCodeV2 phone"

_LISTS = {
    "transactions": f"""transactions(first: %d) {{
      id kind status gateway formattedGateway createdAt processedAt paymentId accountNumber test receiptJson
      amountSet {{ {_MONEY} }}
      paymentDetails {{ ... on CardPaymentDetails {{ company number wallet avsResultCode cvvResultCode }} }}
    }}""",
    "refunds": f"""refunds(first: %d) {{
      id createdAt totalRefundedSet {{ {_MONEY} }}
      transactions(first: %d) {{ nodes {{ id status gateway processedAt }} }}
    }}""",
    "fulfillments": """fulfillments(first: %d) {
      id name status createdAt inTransitAt trackingInfo(first: %d) { company number url }
    }""",
}

_LINE = f"""
  id name title variantTitle sku quantity currentQuantity vendor requiresShipping isGiftCard
  originalUnitPriceSet {{ {_MONEY} }} discountedTotalSet {{ {_MONEY} }}"""

_SALE = f"""
  id legacyResourceId name confirmationNumber createdAt processedAt updatedAt cancelledAt cancelReason test edited
  email phone clientIp customerLocale sourceName returnStatus requiresShipping taxesIncluded paymentGatewayNames
  displayFinancialStatus displayFulfillmentStatus
  totalPriceSet {{ shopMoney {{ amount currencyCode }} {_MONEY} }}
  originalTotalPriceSet {{ {_MONEY} }} subtotalPriceSet {{ {_MONEY} }} totalShippingPriceSet {{ {_MONEY} }}
  totalTaxSet {{ {_MONEY} }} totalDiscountsSet {{ {_MONEY} }} totalRefundedSet {{ {_MONEY} }}
  billingAddress {{ {_ADDRESS} }} shippingAddress {{ {_ADDRESS} }}
  shippingLine {{ title code carrierIdentifier }}
  customAttributes {{ key value }}"""

_CUSTOMER = """
  customer {
    id displayName createdAt numberOfOrders verifiedEmail state
    defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber }
  }"""

_PICTURE = "url(transform: {maxWidth: 1600, maxHeight: 1600, preferredContentType: JPG})"
_PRODUCT = f"""
  image {{ {_PICTURE} }}
  product {{
    id title description productType updatedAt featuredMedia {{ preview {{ image {{ {_PICTURE} }} }} }}
  }}"""
"""The picture of the variant, and the product's first one. Shopify gives out WebP where it is not asked for another."""


def orders(scopes: Collection[str]) -> str:
    """One page of orders, oldest change first. $first, $after, $query."""
    return f"""
query Orders($first: Int!, $after: String, $query: String!) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{ {_sale(scopes)} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}"""


def order(scopes: Collection[str]) -> str:
    """One order again, by $id."""
    return f"query Order($id: ID!) {{ order(id: $id) {{ {_sale(scopes)} }} }}"


def more_lines(scopes: Collection[str]) -> str:
    """The line items of the order $id $after a cursor."""
    return f"""
query MoreLines($id: ID!, $after: String) {{
  order(id: $id) {{ {_lines(scopes, f"first: {LINES_MORE}, after: $after")} }}
}}"""


def whole_list(name: str) -> str:
    """All of a list without pages (`FURTHER`) of the order $id."""
    _, outer, _, _, inner = FURTHER[name]
    return f"query Whole($id: ID!) {{ order(id: $id) {{ {_list(name, outer, inner)} }} }}"


RETURNS = f"""
query Returns($id: ID!, $after: String) {{
  order(id: $id) {{
    returns(first: 1, after: $after) {{
      nodes {{
        id name status createdAt requestApprovedAt closedAt totalQuantity
        decline {{ reason note }}
        returnLineItems(first: 50) {{
          nodes {{
            quantity customerNote returnReasonDefinition {{ name }}
            ... on ReturnLineItem {{ fulfillmentLineItem {{ lineItem {{ id name }} }} }}
          }}
          pageInfo {{ hasNextPage endCursor }}
        }}
        refunds(first: 10) {{
          nodes {{ id createdAt totalRefundedSet {{ {_MONEY} }} }}
          pageInfo {{ hasNextPage endCursor }}
        }}
        reverseFulfillmentOrders(first: 5) {{
          nodes {{
            reverseDeliveries(first: 5) {{
              nodes {{
                deliverable {{
                  ... on ReverseDeliveryShippingDeliverable {{
                    label {{ createdAt }} tracking {{ carrierName number }}
                  }}
                }}
              }}
            }}
          }}
        }}
      }}
      pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}"""


def _sale(scopes: Collection[str]) -> str:
    parts = [_SALE, _lines(scopes, f"first: {LINES}")]
    parts += [_list(name, outer, inner) for name, (outer, _, _, inner, _) in FURTHER.items()]
    if "read_customers" in scopes:
        parts.append(_CUSTOMER)
    return "\n".join(parts)


def _lines(scopes: Collection[str], asked: str) -> str:
    product = _PRODUCT if "read_products" in scopes else ""
    return f"lineItems({asked}) {{ nodes {{ {_LINE}{product} }} pageInfo {{ hasNextPage endCursor }} }}"


def _list(name: str, outer: int, inner: int) -> str:
    return _LISTS[name] % ((outer, inner) if inner else (outer,))
