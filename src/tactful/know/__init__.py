"""Who people are to us: consent first, then facts, familiarity, knowledge and stage."""
