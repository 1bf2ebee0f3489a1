"""PayPal: its own disputes and the card cases it carries, through the hardened transport of `paypalrestsdk`."""
