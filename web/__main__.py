"""`python -m web` is the same as `counterproof`."""

from web.cli import main

main()
