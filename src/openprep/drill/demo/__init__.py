"""The demo: a night relived on one machine."""
