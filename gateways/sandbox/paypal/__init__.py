"""PayPal's Customer Disputes API v1, and what stands around it, for a merchant called Lale Living."""
