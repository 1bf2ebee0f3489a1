"""The systems a merchant connects, one file or folder each: shops, carriers, mailboxes, help desks."""
