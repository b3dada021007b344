"""Streams of events for real-time features on Kinesis or MSK, with dead letters, retention and alarms on lag."""

from components.streaming.args import (
    Access,
    BrokerKind,
    DeadLetterArgs,
    KafkaArgs,
    LoadArgs,
    StreamArgs,
    StreamEngine,
    StreamingArgs,
    StreamMode,
    WorkloadArgs,
)
from components.streaming.component import Streaming

__all__ = [
    "Access",
    "BrokerKind",
    "DeadLetterArgs",
    "KafkaArgs",
    "LoadArgs",
    "StreamArgs",
    "StreamEngine",
    "StreamMode",
    "Streaming",
    "StreamingArgs",
    "WorkloadArgs",
]
