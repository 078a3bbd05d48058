"""What everything else speaks of: jobs, their identity, timelines and endings, instants, instances, links."""
