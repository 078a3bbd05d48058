"""Whether a deployed Spotter itself works: evidence is gathered, pure rules check it, causes explain findings."""
