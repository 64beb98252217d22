"""All the faults of ours that are put into real messages: those in values, in words and in finished mails."""

from tactful.testing import faults_in_mail, faults_in_values, faults_in_words
from tactful.testing.mutations import Operator, checked


def every_operator() -> tuple[Operator, ...]:
    """All of ours, those of slots first. Stability: full.

    >>> len(every_operator()) >= 25
    True
    """
    return tuple(checked((*faults_in_values.OPERATORS, *faults_in_words.OPERATORS, *faults_in_mail.OPERATORS)))
