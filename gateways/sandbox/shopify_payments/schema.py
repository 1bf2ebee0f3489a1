"""The part of the Admin schema that is played, as a text of our own; names and types are the API's.

Every type, field, argument and enum value of it was compared by script with the introspection of Admin 2026-10 on
2026-11-22 and is in it with the same type. Types are left out as a whole or in part, never changed; of the lists of
currencies and countries only those of the story are here.
"""

from __future__ import annotations

ADMIN = """
schema { query: QueryRoot mutation: Mutation }
scalar DateTime
scalar Decimal
scalar URL
scalar UnsignedInt64

type QueryRoot {
  shop: Shop!
  currentAppInstallation: AppInstallation!
  shopifyPaymentsAccount: ShopifyPaymentsAccount
  dispute(id: ID!): ShopifyPaymentsDispute
  disputeEvidence(id: ID!): ShopifyPaymentsDisputeEvidence
  disputes(first: Int, after: String, query: String, reverse: Boolean): ShopifyPaymentsDisputeConnection!
}
type Mutation {
  disputeEvidenceUpdate(id: ID!, input: ShopifyPaymentsDisputeEvidenceUpdateInput!): DisputeEvidenceUpdatePayload
}
type PageInfo { hasNextPage: Boolean! endCursor: String }

type Shop {
  id: ID!
  name: String!
  myshopifyDomain: String!
  currencyCode: CurrencyCode!
  plan: ShopPlan!
}
type ShopPlan { partnerDevelopment: Boolean! }
type AppInstallation { accessScopes: [AccessScope!]! }
type AccessScope { handle: String! }
type ShopifyPaymentsAccount {
  id: ID!
  activated: Boolean!
  defaultCurrency: CurrencyCode!
  disputes(first: Int, after: String, query: String, reverse: Boolean): ShopifyPaymentsDisputeConnection!
}

type ShopifyPaymentsDisputeConnection { nodes: [ShopifyPaymentsDispute!]! pageInfo: PageInfo! }
type ShopifyPaymentsDispute {
  id: ID!
  legacyResourceId: UnsignedInt64!
  type: DisputeType!
  status: DisputeStatus!
  amount: MoneyV2!
  reasonDetails: ShopifyPaymentsDisputeReasonDetails!
  initiatedAt: DateTime!
  evidenceDueBy: DateTime
  evidenceSentOn: DateTime
  finalizedOn: DateTime
  disputeEvidence: ShopifyPaymentsDisputeEvidence!
  order: Order
}
type ShopifyPaymentsDisputeReasonDetails { reason: ShopifyPaymentsDisputeReason! networkReasonCode: String }
type ShopifyPaymentsDisputeEvidence {
  id: ID!
  dispute: ShopifyPaymentsDispute!
  submitted: Boolean!
  accessActivityLog: String
  cancellationPolicyDisclosure: String
  cancellationRebuttal: String
  customerEmailAddress: String
  customerFirstName: String
  customerLastName: String
  customerPurchaseIp: String
  productDescription: String
  refundPolicyDisclosure: String
  refundRefusalExplanation: String
  uncategorizedText: String
  billingAddress: MailingAddress
  shippingAddress: MailingAddress
  fulfillments: [ShopifyPaymentsDisputeFulfillment!]!
  cancellationPolicyFile: ShopifyPaymentsDisputeFileUpload
  customerCommunicationFile: ShopifyPaymentsDisputeFileUpload
  refundPolicyFile: ShopifyPaymentsDisputeFileUpload
  serviceDocumentationFile: ShopifyPaymentsDisputeFileUpload
  shippingDocumentationFile: ShopifyPaymentsDisputeFileUpload
  uncategorizedFile: ShopifyPaymentsDisputeFileUpload
  disputeFileUploads: [ShopifyPaymentsDisputeFileUpload!]!
}
type ShopifyPaymentsDisputeFulfillment {
  id: ID!
  shippingCarrier: String
  shippingTrackingNumber: String
}
type ShopifyPaymentsDisputeFileUpload {
  id: ID!
  disputeEvidenceType: ShopifyPaymentsDisputeEvidenceFileType
  fileSize: Int!
  fileType: String!
  originalFileName: String
  url: URL!
}

input ShopifyPaymentsDisputeEvidenceUpdateInput {
  accessActivityLog: String
  cancellationPolicyDisclosure: String
  cancellationPolicyFile: ShopifyPaymentsDisputeFileUploadUpdateInput
  cancellationRebuttal: String
  customerCommunicationFile: ShopifyPaymentsDisputeFileUploadUpdateInput
  customerEmailAddress: String
  customerFirstName: String
  customerLastName: String
  refundPolicyDisclosure: String
  refundPolicyFile: ShopifyPaymentsDisputeFileUploadUpdateInput
  refundRefusalExplanation: String
  serviceDocumentationFile: ShopifyPaymentsDisputeFileUploadUpdateInput
  shippingDocumentationFile: ShopifyPaymentsDisputeFileUploadUpdateInput
  submitEvidence: Boolean = false
  uncategorizedFile: ShopifyPaymentsDisputeFileUploadUpdateInput
  uncategorizedText: String
}
input ShopifyPaymentsDisputeFileUploadUpdateInput { id: ID! destroy: Boolean = false }
type DisputeEvidenceUpdatePayload {
  disputeEvidence: ShopifyPaymentsDisputeEvidence
  userErrors: [DisputeEvidenceUpdateUserError!]!
}
type DisputeEvidenceUpdateUserError {
  code: DisputeEvidenceUpdateUserErrorCode
  field: [String!]
  message: String!
}

type Order {
  id: ID!
  legacyResourceId: UnsignedInt64!
  name: String!
  processedAt: DateTime!
  createdAt: DateTime!
  email: String
  clientIp: String
  test: Boolean!
  totalPriceSet: MoneyBag!
  billingAddress: MailingAddress
  shippingAddress: MailingAddress
  transactions(first: Int): [OrderTransaction!]!
  refunds(first: Int): [Refund!]!
}
type MailingAddress {
  name: String
  address1: String
  address2: String
  city: String
  provinceCode: String
  zip: String
  countryCodeV2: CountryCode
}
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type OrderTransaction {
  id: ID!
  kind: OrderTransactionKind!
  status: OrderTransactionStatus!
  gateway: String
  paymentId: String
  processedAt: DateTime
  createdAt: DateTime!
  test: Boolean!
  amountSet: MoneyBag!
  paymentDetails: PaymentDetails
}
union PaymentDetails = CardPaymentDetails
type CardPaymentDetails {
  company: String
  number: String
  name: String
  avsResultCode: String
  cvvResultCode: String
}
type Refund {
  id: ID!
  note: String
  createdAt: DateTime
  transactions(first: Int, after: String): OrderTransactionConnection!
}
type OrderTransactionConnection { nodes: [OrderTransaction!]! pageInfo: PageInfo! }

enum DisputeStatus { ACCEPTED CHARGE_REFUNDED LOST NEEDS_RESPONSE PREVENTED UNDER_REVIEW WON }
enum DisputeType { CHARGEBACK INQUIRY }
enum ShopifyPaymentsDisputeReason {
  BANK_CANNOT_PROCESS CREDIT_NOT_PROCESSED CUSTOMER_INITIATED DEBIT_NOT_AUTHORIZED DUPLICATE FRAUDULENT GENERAL
  INCORRECT_ACCOUNT_DETAILS INSUFFICIENT_FUNDS NONCOMPLIANT PRODUCT_NOT_RECEIVED PRODUCT_UNACCEPTABLE
  SUBSCRIPTION_CANCELLED UNRECOGNIZED
}
enum ShopifyPaymentsDisputeEvidenceFileType {
  CANCELLATION_POLICY_FILE CUSTOMER_COMMUNICATION_FILE REFUND_POLICY_FILE RESPONSE_SUMMARY_FILE
  SERVICE_DOCUMENTATION_FILE SHIPPING_DOCUMENTATION_FILE UNCATEGORIZED_FILE
}
enum DisputeEvidenceUpdateUserErrorCode {
  DISPUTE_EVIDENCE_NOT_FOUND EVIDENCE_ALREADY_ACCEPTED EVIDENCE_PAST_DUE_DATE FILES_SIZE_EXCEEDED_LIMIT
  FILE_NOT_FOUND INVALID TOO_LARGE
}
enum OrderTransactionKind { AUTHORIZATION CAPTURE REFUND SALE VOID }
enum OrderTransactionStatus { AWAITING_RESPONSE ERROR FAILURE PENDING SUCCESS UNKNOWN }
enum CurrencyCode { AUD CAD CHF DKK EUR GBP JPY NOK SEK TRY USD }
enum CountryCode { AT AU BE CA CH DE DK ES FR GB IE IT JP NL NO SE TR US }
"""
