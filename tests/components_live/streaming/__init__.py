"""`Streaming` on Kinesis, on brokers and without servers."""
