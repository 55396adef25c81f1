package member

import "testing"

// Whose word it is, and of which life, is checked; nobody is made to leave by
// another.
func TestFarewell(t *testing.T) {
	for _, tt := range []struct {
		desc string
		edit func(b []byte) []byte
		left bool
	}{
		{"its own word", func(b []byte) []byte { return b }, true},
		{"another incarnation", func(b []byte) []byte { b[7]++; return b }, false},
		{"a wrong signature", func(b []byte) []byte { b[20] ^= 1; return b }, false},
		{"a byte less", func(b []byte) []byte { return b[:len(b)-1] }, false},
		{"nothing", func([]byte) []byte { return nil }, false},
	} {
		h := newHost()
		j := welcomed(t, h, config(2))
		p := j.cfg.Secret.Peer()
		if got := h.Farewell(p, tt.edit(j.Farewell())); got != tt.left {
			t.Errorf("%s: %v", tt.desc, got)
		}
		if _, is := h.Members().Row(p); is == tt.left {
			t.Errorf("%s: still a member: %v", tt.desc, is)
		}
	}
}

// A word that was meant for another incarnation of the host says nothing to this.
func TestFarewellToAnotherHost(t *testing.T) {
	h, next := newHost(), newHost(func(c *HostConfig) { c.Incarnation++ })
	j := welcomed(t, h, config(2))
	b := j.Farewell()
	welcomed(t, next, config(2))
	if next.Farewell(j.cfg.Secret.Peer(), b) {
		t.Error("it left")
	}
}

// A request that travelled over others is that of the peer it names.
func TestRequestOverOthers(t *testing.T) {
	h := newHost()
	j := newJoiner(t, config(2))
	sealed, err := j.Request()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Join(h.secret.Peer(), sealed); err == nil {
		t.Error("admitted under another name")
	}
	a, err := h.Join(j.cfg.Secret.Peer(), sealed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.CheckWelcome(a.Welcome); err != nil {
		t.Error(err)
	}
}
