//! Use cases, one sequencer per meeting without IO, and the ports Log and Hop.
