"""The figures README promises, each beside something real measured in the same run."""
