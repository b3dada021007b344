module mlops.dev/sandbox/engine/promtool

go 1.25.0

require github.com/prometheus/prometheus v0.308.0
