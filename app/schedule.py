"""What the clock does and how often; one row a job."""

from __future__ import annotations

from dataclasses import dataclass

# The clock that holds this key in Redis is the only one that fires; the health check looks at it too.
CLOCK_KEY = "clock:leader"
CLOCK_SECONDS = 15


@dataclass(frozen=True)
class Entry:
    """A job by its path, the queue that runs it, and the seconds between two runs."""

    job: str
    queue: str
    every: int
    timeout: int = 300


SCHEDULE: tuple[Entry, ...] = (
    Entry("app.workflow.jobs.sweep_outbox_job", "notices", every=5),
    Entry("app.workflow.jobs.resume_jobs_job", "notices", every=10),
    Entry("app.notices.jobs.pass_silence_job", "notices", every=60),
    Entry("app.notices.jobs.ask_for_reports_job", "bulk", every=60),
    Entry("app.deadlines.jobs.pass_time_job", "bulk", every=60),
    Entry("app.deadlines.jobs.tell_reviewers_job", "bulk", every=3600),
    Entry("app.employers.renewal.jobs.open_renewals_job", "bulk", every=3600),
    Entry("app.roster.jobs.pull_rosters_job", "bulk", every=60),
    Entry("app.household.jobs.pull_changes_job", "bulk", every=60),
    Entry("app.leaving.dispatch.jobs.put_on_the_list_job", "bulk", every=3600),
    Entry("app.payments.jobs.exchange_batches_job", "bulk", every=300),
    Entry("app.trail.jobs.close_blocks_job", "bulk", every=60),
    Entry("app.trail.jobs.seal_heads_job", "bulk", every=900),
    Entry("app.signals.jobs.follow_job", "bulk", every=15),
    Entry("app.signals.jobs.look_again_job", "bulk", every=300),
    Entry("app.reconciliation.jobs.compare_job", "bulk", every=300),
    Entry("app.statistics.employment.jobs.fold_changes_job", "bulk", every=60),
    Entry("app.retention.jobs.obey_rules_job", "bulk", every=3600),
)
