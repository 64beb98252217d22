"""The only place where the rooms meet: stages as values, plan, run, approve, send, explain, replay, forget."""
