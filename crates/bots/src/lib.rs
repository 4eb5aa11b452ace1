//! Synthetic venues: real WHIP and WHEP clients for demo, bench and tests.
