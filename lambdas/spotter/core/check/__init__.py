"""Rules about a request for spot training: what SageMaker refuses, and what is unwise.

A request holds CreateTrainingJob's own members, each with a value, absent, or unknown. The rules are
functions of such a request, of the policy and of what AWS shows, and read no clock, file or network. A
rule that needs an unknown value finds nothing; that it could not be checked, and why, is a result like
any other. The command line reads requests from files, scripts and AWS (`spotter_cli.check`), the guard
takes them from botocore just before they are sent (`spotter.request_guard`).
"""
