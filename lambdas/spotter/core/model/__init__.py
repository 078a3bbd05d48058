"""The values that all other rooms use: jobs, their identity, timelines and endings, instants, instances, links."""
