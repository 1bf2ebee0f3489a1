"""Evidence: sources, cleaning, matching, playbooks, assessment, letter and packet."""
