"""The state at a restart: what the attempt that saved it and the one that read it agree about, part by part."""
