"""What each customer gets, or nothing: arms, eligibility, the exact kernel, limits, and the reasons for it all."""
