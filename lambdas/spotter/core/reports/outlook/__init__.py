"""A job's outlook: one word and a reason, the same in `spotter jobs`, on the dashboard and in the report.

Theory. An outlook is made of what is recorded and of the present instant; nothing is asked of AWS. The rules
stand in one tuple and the first that answers decides; the last always answers, so no state is without an
outlook. What is recorded about checkpoints has three values: the sweep listed the location and found a
checkpoint, it listed the location and found none (zero), or it never listed it (unknown: the policy does not
permit it, or it was not due). A job without a location has none (absent). Unknown is never counted as zero: a job
whose checkpoints are not listed is not at risk for that alone, and its outlook says that they are not listed.

An outlook is no forecast of success: that a job fails by an error of its own cannot be seen beforehand. How
often the outlook warns before a bad end is measured in docs/outlook.md.
"""

from spotter.core.reports.outlook.case import OutlookCase, needs_sightings
from spotter.core.reports.outlook.rules import outlook
from spotter.core.reports.outlook.words import Outlook, OutlookWord

__all__ = ["Outlook", "OutlookCase", "OutlookWord", "needs_sightings", "outlook"]
