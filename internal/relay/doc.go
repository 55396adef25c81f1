// Package relay forwards packets between peers that cannot reach each other directly
// (PROTOCOL.md §9): the server that does it, and the client that peers use.
//
//	peer a ── Client ══ QUIC or WebSocket ══ Server ══ QUIC or WebSocket ══ Client ── peer b
//	          Send(b, packet)                by tag, then by key                Packet(a, packet)
//
// A relay sees keys, sizes and times. What it forwards are QUIC packets between the peers,
// encrypted end to end; whatever is lost or dropped on the way they send again. So no
// queue here waits for anybody: where one is full, the oldest packet gives way.
package relay
