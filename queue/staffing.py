"""How many doctors more would be needed so that everybody can be promised twenty minutes.

The rest of the day is played with everybody promised, and a doctor is added where that does not
hold, until it does. What is played is the engine of the service, from the waiting room as it is.

That takes a second for a small house and some seconds for a bad day or a large one: too long for a
request, so a job does it every few minutes in a thread, and the page says when that was.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter

from venterom.queue.count import p_count
from venterom.queue.dispatch import Manner
from venterom.queue.promise import Outcome
from venterom.queue.report import Share
from venterom.queue.service import MINUTE
from venterom.queue.simulation.policies import MEAN, Rule, always
from venterom.queue.simulation.rest import HOUR, Span, play_rest
from venterom.queue.simulation.told import PROMISE, Answer, Told
from venterom.queue.snapshot import Doctor, Snapshot
from venterom.queue.states import Phase

TARGET = 0.99  # of the promises are to be kept
CLEARLY_SHORT = 0.9  # a few days are enough to see this, and the rest is seen on all of them
MOST = 8  # doctors more in one hour; who needs more has another problem than the plan
WORK = MEAN / HOUR  # of a doctor's hour, for one patient; the mean, with the note

# Days that are played for one answer: a busy hour of seven patients is then judged by 420. Fewer
# where many come, and tell as much: no more than so many patients are played at once.
DAYS, FEWEST_DAYS = 60, 5
PATIENTS = 6_000
BEHIND = 5 * MINUTE  # slots this long after a deadline still count as before it


def promised(
    seen: Snapshot, spans: Sequence[Span], certainty: float, manner: Manner
) -> tuple[Share, ...]:
    """In each span, how many of those who ask are promised twenty minutes, as things stand: if it
    is as likely as `certainty`."""
    told = _play(seen, spans, Rule(partial(by_count, certainty), manner))
    return _shares(spans, [(each, each.promised) for each in told])


def reached(
    seen: Snapshot, spans: Sequence[Span], manner: Manner, few: bool = False
) -> tuple[Share, ...]:
    """In each span, how many meet a doctor within twenty minutes if all of them are promised it."""
    told = _play(seen, spans, Rule(always, manner), few)
    tried = [each for each in told if each.outcome is not Outcome.WITHDRAWN]
    return _shares(spans, [(each, each.outcome is Outcome.KEPT) for each in tried])


def needed(seen: Snapshot, spans: Sequence[Span], manner: Manner) -> tuple[int, ...]:
    """How many doctors more each span needs; more than MOST where even these are too few."""
    more = [min(_at_least(seen, span), MOST + 1) for span in spans]
    # Where it is hopeless people are turned away, and are in nobody's way in the next hours.
    played = [
        span._replace(an_hour=0.0) if count > MOST else span
        for span, count in zip(spans, more, strict=True)
    ]
    for few, enough in ((True, CLEARLY_SHORT), (False, TARGET)):
        while first := _first_short(
            reached(with_more(seen, spans, more), played, manner, few), more, enough
        ):
            for n in first:
                more[n] += 1
    return tuple(more)


def _at_least(seen: Snapshot, span: Span) -> int:
    """So many are needed for the work of an hour to be done in an hour and a half."""
    there = sum(each.since < span.ends and each.last_start > span.begins for each in seen.doctors)
    return max(math.ceil(span.an_hour * WORK / 1.5) - there, 0)


def _first_short(shares: Sequence[Share], more: Sequence[int], enough: float) -> list[int]:
    """Where a doctor is added next: the line of one hour is the trouble of those that follow, so
    the first of them is helped first."""
    short = {n for n, each in enumerate(shares) if each.value is not None and each.value < enough}
    helped = {n for n in short if more[n] <= MOST}
    return [n for n in sorted(helped) if n - 1 not in helped]


def days(spans: Sequence[Span], few: bool = False) -> int:
    """How many days are played for an answer about these hours."""
    patients = sum(span.an_hour * (span.ends - span.begins) / HOUR for span in spans)
    if few:
        return FEWEST_DAYS
    return DAYS if patients * DAYS <= PATIENTS else max(int(PATIENTS / patients), FEWEST_DAYS)


def with_more(seen: Snapshot, spans: Sequence[Span], more: Sequence[int]) -> Snapshot:
    """The same with so many doctors more in each span, each of whom stays on while needed."""
    added = [
        Doctor(spans[last].ends + PROMISE, Phase.IDLE, spans[first].begins)
        for level in range(max(more, default=0))
        for first, last in stretches([count > level for count in more])
        if more[first] > level
    ]
    doctors = sorted((*seen.doctors, *added), key=lambda each: (each.last_start, each.since))
    return seen._replace(doctors=tuple(doctors))


def stretches(values: Sequence[object]) -> list[tuple[int, int]]:
    """Equal values that follow each other: the index of the first, and that of the last."""
    numbered = ([n for n, _ in those] for _, those in groupby(enumerate(values), key=itemgetter(1)))
    return [(those[0], those[-1]) for those in numbered]


def by_count(certainty: float, seen: Snapshot) -> Answer:
    """What the service says, by the count alone: a little more cautious than with Monte Carlo."""
    deadline = seen.now + PROMISE
    ahead = len(seen.promises) + bisect_left(seen.slots, deadline + BEHIND)
    p = p_count(seen, deadline, ahead)
    return Answer(p >= certainty, p)


def _play(seen: Snapshot, spans: Sequence[Span], policy: Rule, few: bool = False) -> list[Told]:
    played = play_rest(seen, spans, policy, days(spans, few))
    return [told for day in played for told in day.arrivals]


def _shares(spans: Sequence[Span], told: Sequence[tuple[Told, bool]]) -> tuple[Share, ...]:
    begins = [span.begins for span in spans]
    all_of = Counter(bisect_right(begins, each.at) - 1 for each, _ in told)
    those = Counter(bisect_right(begins, each.at) - 1 for each, counts in told if counts)
    return tuple(Share(those[n], all_of[n]) for n in range(len(spans)))
