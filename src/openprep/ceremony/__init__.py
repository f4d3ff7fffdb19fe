"""The trust root: who may sign and who is enrolled, proposed and signed by k of n."""
