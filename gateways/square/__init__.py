"""Square: cards' disputes and inquiries through the `squareup` SDK."""
