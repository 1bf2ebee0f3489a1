"""The part of the Admin schema that is played, as a text of our own; the names and types are the API's.

Checked against the contract by tests/contract/test_shopify.py.
"""

COUNTRIES = """
AD AE AF AG AI AL AM AO AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BR BS BT BW BY BZ CA CC CD CF CG CH
CI CK CL CM CN CO CR CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FO FR GA GB GD GE GF GG GH GI GL GM GN
GP GQ GR GT GW GY HK HN HR HT HU ID IE IL IM IN IQ IS IT JE JM JO JP KE KG KH KI KM KN KR KW KY KZ LA LB LC LI LK LR
LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA NC NE NG NI NL NO NP NR NU NZ OM PA
PE PF PG PH PK PL PT PY QA RE RO RS RU RW SA SB SC SE SG SH SI SK SL SM SN SR ST SV SX SZ TC TD TG TH TJ TL TM TN TO
TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VN VU WS YE YT ZA ZM ZW
"""
CURRENCIES = """
AED ARS AUD BDT BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP GEL HKD HUF IDR ILS INR ISK JOD JPY KES KRW KWD
KZT MAD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD SAR SEK SGD THB TND TRY TWD TZS UAH USD UYU VND XAF XOF
ZAR
"""

_ADMIN = """
schema { query: QueryRoot }
scalar DateTime
scalar Decimal
scalar HTML
scalar JSON
scalar URL
scalar UnsignedInt64

type QueryRoot {
  shop: Shop!
  currentAppInstallation: AppInstallation!
  order(id: ID!): Order
  orders(first: Int, after: String, query: String, sortKey: OrderSortKeys): OrderConnection!
  ordersCount(query: String, limit: Int): Count
}
type PageInfo { hasNextPage: Boolean! endCursor: String }
type Count { count: Int! precision: CountPrecision! }
type AppInstallation { accessScopes: [AccessScope!]! }
type AccessScope { handle: String! }

type Shop {
  id: ID!
  name: String!
  myshopifyDomain: String!
  primaryDomain: Domain!
  ianaTimezone: String!
  shopPolicies: [ShopPolicy!]!
}
type Domain { url: URL! }
type ShopPolicy {
  id: ID!
  type: ShopPolicyType!
  title: String!
  body: HTML!
  url: URL!
  createdAt: DateTime!
  updatedAt: DateTime!
}

type OrderConnection { nodes: [Order!]! pageInfo: PageInfo! }
type Order {
  id: ID!
  legacyResourceId: UnsignedInt64!
  name: String!
  confirmationNumber: String
  createdAt: DateTime!
  processedAt: DateTime!
  updatedAt: DateTime!
  cancelledAt: DateTime
  cancelReason: OrderCancelReason
  test: Boolean!
  edited: Boolean!
  email: String
  phone: String
  clientIp: String
  customerLocale: String
  sourceName: String
  note: String
  statusPageUrl: URL!
  displayFinancialStatus: OrderDisplayFinancialStatus
  displayFulfillmentStatus: OrderDisplayFulfillmentStatus!
  returnStatus: OrderReturnStatus!
  requiresShipping: Boolean!
  taxesIncluded: Boolean!
  customAttributes: [Attribute!]!
  billingAddress: MailingAddress
  shippingAddress: MailingAddress
  customer: Customer
  totalPriceSet: MoneyBag!
  originalTotalPriceSet: MoneyBag!
  subtotalPriceSet: MoneyBag
  totalShippingPriceSet: MoneyBag!
  totalTaxSet: MoneyBag
  totalDiscountsSet: MoneyBag
  totalRefundedSet: MoneyBag!
  paymentGatewayNames: [String!]!
  shippingLine: ShippingLine
  lineItems(first: Int, after: String): LineItemConnection!
  transactions(first: Int): [OrderTransaction!]!
  fulfillments(first: Int): [Fulfillment!]!
  refunds(first: Int): [Refund!]!
  returns(first: Int, after: String): ReturnConnection!
}
type Attribute { key: String! value: String }
type Customer {
  id: ID!
  displayName: String!
  createdAt: DateTime!
  numberOfOrders: UnsignedInt64!
  verifiedEmail: Boolean!
  state: CustomerState!
  defaultEmailAddress: CustomerEmailAddress
  defaultPhoneNumber: CustomerPhoneNumber
}
type CustomerEmailAddress { emailAddress: String! }
type CustomerPhoneNumber { phoneNumber: String! }
type MailingAddress {
  name: String
  company: String
  address1: String
  address2: String
  city: String
  province: String
  provinceCode: String
  zip: String
  country: String
  countryCodeV2: CountryCode
  phone: String
}
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type ShippingLine { title: String! code: String carrierIdentifier: String }

type LineItemConnection { nodes: [LineItem!]! pageInfo: PageInfo! }
type LineItem {
  id: ID!
  name: String!
  title: String!
  variantTitle: String
  sku: String
  quantity: Int!
  currentQuantity: Int!
  vendor: String
  requiresShipping: Boolean!
  isGiftCard: Boolean!
  originalUnitPriceSet: MoneyBag!
  discountedTotalSet: MoneyBag!
  image: Image
  product: Product
}
type Product {
  id: ID!
  title: String!
  description: String!
  productType: String!
  updatedAt: DateTime!
  featuredMedia: Media
}
interface Media { id: ID! preview: MediaPreviewImage }
type MediaImage implements Media { id: ID! preview: MediaPreviewImage }
type MediaPreviewImage { image: Image }
type Image { id: ID altText: String url(transform: ImageTransformInput): URL! }
input ImageTransformInput { maxWidth: Int maxHeight: Int preferredContentType: ImageContentType }
enum ImageContentType { PNG JPG WEBP }

union PaymentDetails = CardPaymentDetails
type CardPaymentDetails {
  company: String
  number: String
  wallet: DigitalWallet
  avsResultCode: String
  cvvResultCode: String
}
type OrderTransactionConnection { nodes: [OrderTransaction!]! }
type OrderTransaction {
  id: ID!
  kind: OrderTransactionKind!
  status: OrderTransactionStatus!
  gateway: String
  formattedGateway: String
  createdAt: DateTime!
  processedAt: DateTime
  paymentId: String
  accountNumber: String
  test: Boolean!
  receiptJson: JSON
  amountSet: MoneyBag!
  paymentDetails: PaymentDetails
}

type Fulfillment {
  id: ID!
  name: String!
  status: FulfillmentStatus!
  displayStatus: FulfillmentDisplayStatus
  createdAt: DateTime!
  inTransitAt: DateTime
  deliveredAt: DateTime
  trackingInfo(first: Int): [FulfillmentTrackingInfo!]!
}
type FulfillmentTrackingInfo { company: String number: String url: URL }

type RefundConnection { nodes: [Refund!]! pageInfo: PageInfo! }
type Refund {
  id: ID!
  createdAt: DateTime
  note: String
  totalRefundedSet: MoneyBag!
  transactions(first: Int, after: String): OrderTransactionConnection!
}

type ReturnConnection { nodes: [Return!]! pageInfo: PageInfo! }
type Return {
  id: ID!
  name: String!
  status: ReturnStatus!
  createdAt: DateTime!
  requestApprovedAt: DateTime
  closedAt: DateTime
  totalQuantity: Int!
  decline: ReturnDecline
  returnLineItems(first: Int, after: String): ReturnLineItemTypeConnection!
  refunds(first: Int, after: String): RefundConnection!
  reverseFulfillmentOrders(first: Int, after: String): ReverseFulfillmentOrderConnection!
}
type ReturnDecline { reason: ReturnDeclineReason! note: String }
type ReturnLineItemTypeConnection { nodes: [ReturnLineItemType!]! pageInfo: PageInfo! }
interface ReturnLineItemType {
  id: ID!
  quantity: Int!
  customerNote: String
  returnReasonDefinition: ReturnReasonDefinition
}
type ReturnLineItem implements ReturnLineItemType {
  id: ID!
  quantity: Int!
  customerNote: String
  returnReasonDefinition: ReturnReasonDefinition
  fulfillmentLineItem: FulfillmentLineItem!
}
type ReturnReasonDefinition { name: String! }
type FulfillmentLineItem { quantity: Int lineItem: LineItem! }
type ReverseFulfillmentOrderConnection { nodes: [ReverseFulfillmentOrder!]! }
type ReverseFulfillmentOrder { reverseDeliveries(first: Int, after: String): ReverseDeliveryConnection! }
type ReverseDeliveryConnection { nodes: [ReverseDelivery!]! }
type ReverseDelivery { deliverable: ReverseDeliveryDeliverable }
union ReverseDeliveryDeliverable = ReverseDeliveryShippingDeliverable
type ReverseDeliveryShippingDeliverable { label: ReverseDeliveryLabelV2 tracking: ReverseDeliveryTrackingV2 }
type ReverseDeliveryLabelV2 { createdAt: DateTime! }
type ReverseDeliveryTrackingV2 { carrierName: String number: String }

enum CountPrecision { AT_LEAST EXACT }
enum CustomerState { DECLINED DISABLED ENABLED INVITED }
enum DigitalWallet { AMAZON_PAY ANDROID_PAY APPLE_PAY FACEBOOK_PAY GOOGLE_PAY SHOPIFY_PAY }
enum FulfillmentDisplayStatus { DELIVERED FULFILLED IN_TRANSIT }
enum FulfillmentStatus { CANCELLED ERROR FAILURE SUCCESS }
enum OrderCancelReason { CUSTOMER DECLINED FRAUD INVENTORY OTHER STAFF }
enum OrderDisplayFinancialStatus { PAID PARTIALLY_REFUNDED REFUNDED VOIDED }
enum OrderDisplayFulfillmentStatus { FULFILLED PARTIALLY_FULFILLED UNFULFILLED }
enum OrderReturnStatus { INSPECTION_COMPLETE IN_PROGRESS NO_RETURN RETURNED RETURN_FAILED RETURN_REQUESTED }
enum OrderSortKeys { CREATED_AT ID ORDER_NUMBER PROCESSED_AT UPDATED_AT }
enum OrderTransactionKind { AUTHORIZATION CAPTURE REFUND SALE VOID }
enum OrderTransactionStatus { AWAITING_RESPONSE ERROR FAILURE PENDING SUCCESS UNKNOWN }
enum ReturnDeclineReason { FINAL_SALE OTHER RETURN_PERIOD_ENDED }
enum ReturnStatus { CANCELED CLOSED DECLINED OPEN REQUESTED }
enum ShopPolicyType {
  CONTACT_INFORMATION LEGAL_NOTICE PRIVACY_POLICY REFUND_POLICY SHIPPING_POLICY SUBSCRIPTION_POLICY TERMS_OF_SALE
  TERMS_OF_SERVICE
}
"""
ADMIN = f"{_ADMIN}\nenum CountryCode {{ {COUNTRIES} }}\nenum CurrencyCode {{ {CURRENCIES} }}\n"
