//! HTTP and WebSocket: control protocol, WHIP and WHEP signalling, the web pages.
