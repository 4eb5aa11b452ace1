// How a sent press stands, as controls draw it.

/** Nothing sent; sent and unanswered; unanswered for too long; refused. */
export type PressState = 'idle' | 'busy' | 'late' | 'refused';
