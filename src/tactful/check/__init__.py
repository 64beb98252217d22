"""The room that sees every message before it may leave: rules, the gate, the verdict, proofs and the audience guard."""
