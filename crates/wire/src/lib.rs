//! Versioned messages of the control protocol; the source of the TypeScript types.
