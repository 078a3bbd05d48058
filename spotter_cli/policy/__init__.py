"""`spotter policy`: what each key means, and what a policy allows."""
