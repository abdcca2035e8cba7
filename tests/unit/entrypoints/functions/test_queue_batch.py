"""What functions that SQS invokes have in common; their other behaviour is tested with each of them."""

from entrypoints.functions.queue_batch import retry_delay_s


def test_retries_become_rarer() -> None:
    assert [retry_delay_s(number) for number in range(1, 6)] == [60, 240, 960, 3600, 3600]
