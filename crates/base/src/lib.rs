//! Ids, clocks' types, limits and bounded collections that every layer names.
