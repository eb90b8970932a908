"""Which page of the intake is next."""

import pytest

from venterom.web.intake import Progress, Step, may_show, next_step

STEPS = [
    (Progress(), Step.POLICY),  # nothing is known yet
    (Progress(policy_checked=True), Step.WHO),
    (Progress(policy_checked=True, patient_known=True), Step.REASON),
    (Progress(policy_checked=True, patient_known=True, reason_given=True), Step.CONSENT),
    (Progress(True, True, True, True), Step.OFFER),  # all is known: an offer can be made
    (Progress(patient_known=True, reason_given=True), Step.POLICY),  # the policy was taken back
]


@pytest.mark.parametrize(("done", "step"), STEPS)
def test_the_next_page_is_the_first_that_still_asks(done: Progress, step: Step) -> None:
    assert next_step(done) is step


@pytest.mark.parametrize(("done", "step"), STEPS)
def test_pages_up_to_the_next_may_be_shown_and_none_after(done: Progress, step: Step) -> None:
    order = list(Step)
    assert [may_show(each, done) for each in order] == [
        order.index(each) <= order.index(step) for each in order
    ]
