"""A trial of Spotter in an AWS account: what nobody could verify without one, and how it is found out."""
