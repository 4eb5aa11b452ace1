//! Units, tiers, venues, people and roles; what an actor may do, as one table.
