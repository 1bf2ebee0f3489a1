"""What is asked of the Admin API. A question may cost 1,000 points; twenty disputes with all their evidence cost less.

There is nothing here that writes but one mutation, which changes the evidence of a dispute.
"""

from __future__ import annotations

PAGE = 20

_FILE = "{ id originalFileName fileSize fileType disputeEvidenceType }"
_EVIDENCE = f"""
fragment Evidence on ShopifyPaymentsDisputeEvidence {{
  id submitted
  accessActivityLog cancellationPolicyDisclosure cancellationRebuttal refundPolicyDisclosure refundRefusalExplanation
  uncategorizedText customerEmailAddress customerFirstName customerLastName customerPurchaseIp productDescription
  cancellationPolicyFile {_FILE} customerCommunicationFile {_FILE} refundPolicyFile {_FILE}
  serviceDocumentationFile {_FILE} shippingDocumentationFile {_FILE} uncategorizedFile {_FILE}
}}"""
_DISPUTE = f"""
fragment Dispute on ShopifyPaymentsDispute {{
  id legacyResourceId status type initiatedAt evidenceDueBy evidenceSentOn finalizedOn
  amount {{ amount currencyCode }}
  reasonDetails {{ reason networkReasonCode }}
  disputeEvidence {{ ...Evidence }}
  order {{
    id name test
    transactions(first: 5) {{
      id kind status gateway paymentId paymentDetails {{ ... on CardPaymentDetails {{ company }} }}
    }}
  }}
}}{_EVIDENCE}"""

DISPUTES = f"""
query Disputes($first: Int!, $after: String, $query: String) {{
  disputes(first: $first, after: $after, query: $query, reverse: true) {{
    nodes {{ ...Dispute }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}{_DISPUTE}"""
DISPUTE = f"query Dispute($id: ID!) {{ dispute(id: $id) {{ ...Dispute }} }}{_DISPUTE}"

UPLOADS = f"""
query Uploads($id: ID!) {{
  dispute(id: $id) {{ id disputeEvidence {{ ...Evidence disputeFileUploads {_FILE} }} }}
}}{_EVIDENCE}"""

_MONEY = "{ presentmentMoney { amount currencyCode } }"
_ADDRESS = "{ name address1 address2 city provinceCode zip countryCodeV2 }"
ORDER = f"""
query DisputedOrder($id: ID!) {{
  dispute(id: $id) {{
    id
    order {{
      id legacyResourceId name processedAt email clientIp test
      totalPriceSet {_MONEY}
      billingAddress {_ADDRESS}
      shippingAddress {_ADDRESS}
      transactions(first: 25) {{
        id kind status gateway paymentId processedAt createdAt test
        amountSet {_MONEY}
        paymentDetails {{ ... on CardPaymentDetails {{ company number name avsResultCode cvvResultCode }} }}
      }}
      refunds(first: 25) {{
        id note
        transactions(first: 5) {{ nodes {{ id kind status createdAt amountSet {_MONEY} }} }}
      }}
    }}
  }}
}}"""

SHOP = """
query Shop {
  shop { id name myshopifyDomain currencyCode plan { partnerDevelopment } }
  currentAppInstallation { accessScopes { handle } }
}"""
PAYOUT_CURRENCY = "query PayoutCurrency { shopifyPaymentsAccount { activated defaultCurrency } }"

UPDATE = """
mutation UpdateEvidence($id: ID!, $input: ShopifyPaymentsDisputeEvidenceUpdateInput!) {
  disputeEvidenceUpdate(id: $id, input: $input) {
    disputeEvidence { id submitted }
    userErrors { code field message }
  }
}"""
