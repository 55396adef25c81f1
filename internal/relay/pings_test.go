package relay

import (
	"context"
	"testing"
	"time"
)

// Pings of WebSocket itself, which no rate counts, are not answered, and a flood of
// them ends the connection.
func TestWebSocketPings(t *testing.T) {
	s := testServer(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r := s.Values()[0]
	c, _, err := dialWS(ctx, r, clientTLS(r, httpALPN, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close(0, "")
	ended := c.conn.CloseRead(ctx)
	for range 2 * maxPings {
		soon, stop := context.WithTimeout(ctx, time.Millisecond)
		if c.conn.Ping(soon) == nil {
			t.Error("a ping is answered")
		}
		stop()
	}
	select {
	case <-ended.Done():
		if ctx.Err() != nil {
			t.Error("a flood of pings goes on")
		}
	case <-ctx.Done():
		t.Error("a flood of pings goes on")
	}
}
