"""The table of `make proof`: what was tried, how often it happened, and what it broke.

A test gives its row by a mark, and counts through the fixture `proof` what it tried and what came to pass:

    @pytest.mark.shows("races", "two resubmitters, the second at any call of the first")
    def test_...(proof):
        proof.count(tries=len(ways), fired=sum(died))

Without a count, a test that passes is one try that fired: for tests that assert so themselves. Of a property each
example that hypothesis runs to its end is one. A test that fails is a violation. Several tests may add to one row.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

GROUPS = {
    "lost answers": "A call is done and its answer lost, or the function dies",
    "loops": "Attempts that fail again and again",
    "lost events": "Events that never arrive",
    "disordered events": "Events that come again, late or in another order",
    "races": "Several functions at one lineage or alert",
    "checkpoints": "A checkpoint that is missing, half written, or another job's",
    "forged events": "An event that was forged or changed",
    "names": "Names that are too long, collide, or are taken",
    "poisoned messages": "A message that cannot be handled, in a batch",
    "poisoned changes": "A change of a row that cannot be handled",
    "own writes": "Spotter's own writes wake Spotter",
    "throttling": "Calls that are throttled, a few times or for ever",
    "quotas": "A quota that is used up",
    "other endings": "Endings that are not to be resubmitted",
    "Slack": "Slack is slow, down, or refuses",
    "old events": "Events of long ago, and a policy that is switched on late",
    "versions": "Rows of another version of Spotter",
    "clocks": "Clocks that differ",
    "outages": "A service that is down for hours",
    "foreign events": "Messages that are too large, malformed, or another account's",
    "senders": "Attacker: sends messages to the intake queue",
    "tags": "Attacker: tags a job",
    "roles": "Attacker: creates a job under a strong role",
    "images": "Attacker: changes the image or the code between two attempts",
    "writers": "Attacker: writes into the ledger",
    "squatters": "Attacker: owns the name of the next attempt",
    "markup": "Attacker: writes markup, links or formulas into texts",
    "secrets": "Attacker: carries secrets into places where others read",
    "webhooks": "Attacker: points the webhook at another host",
    "deployments": "A deployment, a policy or a switch that changes while work is under way",
    "deadlines": "Deadlines, ordered stops and hand-overs",
    "notebooks": "Notebooks and scripts that send requests",
    "rehearsal": "A rehearsed machine that is taken away",
    "fleets": "Whole fleets at random, everything at once",
    "engines": "The pretend AWS beside another engine",
    "permissions": "Calls beside the synthesised roles",
    "planted bugs": "Bugs that were planted on purpose",
}
"""Each needs at least one row; a new group is added here."""
Name = tuple[str, str]


@dataclass
class ProofRow:
    """What is known of one fault: how often it was tried, how often it happened, what broke."""

    tries: int = 0
    fired: int = 0
    violations: int = 0


@dataclass
class ProofCount:
    """What one test counted, for the row of its mark."""

    tries: int = 0
    fired: int = 0

    def count(self, *, tries: int, fired: int) -> None:
        """So many tries more, of which the fault came to pass in so many."""
        self.tries += tries
        self.fired += fired


@dataclass
class ProofTable:
    """All rows, in the order of the groups."""

    rows: dict[Name, ProofRow] = field(default_factory=dict)

    def add(self, name: Name, tries: int, fired: int, violations: int) -> None:
        row = self.rows.setdefault(name, ProofRow())
        row.tries, row.fired = row.tries + tries, row.fired + fired
        row.violations += violations

    def ordered(self) -> list[tuple[Name, ProofRow]]:
        order = {group: place for place, group in enumerate(GROUPS)}
        return sorted(self.rows.items(), key=lambda one: (order[one[0][0]], one[0][1]))

    def broken(self) -> list[str]:
        """A sentence for each row with a violation, or whose fault never happened."""
        return [
            f"{group}: {what}: {row.violations} violations"
            if row.violations
            else f"{group}: {what}: the fault never happened, so this row shows nothing"
            for (group, what), row in self.ordered()
            if row.violations or not row.fired
        ]

    def missing(self) -> list[str]:
        """The groups that no test showed anything about."""
        shown = {group for group, _ in self.rows}
        return [f"{group}: no test shows anything" for group in GROUPS if group not in shown]

    def markdown(self) -> str:
        lines = ["| fault or threat | tries | happened | violations |", "|---|---:|---:|---:|"]
        last = ""
        for (group, what), row in self.ordered():
            if group != last:
                lines.append(f"| **{GROUPS[group]}** | | | |")
            last = group
            lines.append(f"| {what} | {row.tries:,} | {row.fired:,} | {row.violations:,} |")
        return "\n".join(lines)

    def text(self) -> Iterable[str]:
        """The same for a terminal of 120 columns."""
        last = ""
        yield f"{'fault or threat':84} {'tries':>10} {'happened':>10} {'violations':>10}"
        for (group, what), row in self.ordered():
            if group != last:
                yield GROUPS[group]
            last = group
            for line, figures in zip(
                _wrapped(what),
                [f" {row.tries:>10,} {row.fired:>10,} {row.violations:>10,}", ""],
                strict=False,
            ):
                yield f"  {line:82}{figures}".rstrip()


def _wrapped(text: str) -> list[str]:
    """At most two lines."""
    if len(text) <= 82:
        return [text]
    cut = text.rfind(" ", 0, 82)
    return [text[:cut], text[cut + 1 :]]
