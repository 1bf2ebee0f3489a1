"""Processors without an API: iyzico, PayTR, a bank's letter, a consumer board, a mediator. A person is the gateway."""
