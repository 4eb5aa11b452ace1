//! The media plane: sockets, str0m, the ring of packets and the forwarding loop.
