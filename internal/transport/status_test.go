package transport

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"gossterm/internal/id"
)

func TestRelaysSayHowTheyAre(t *testing.T) {
	up := newStation(t).value()
	other := up
	other.Pin[0] ^= 1 // who answers there is somebody else
	a := newEnd(t, quicWorld(t), Config{Relays: []id.Relay{up, other}})
	var got []RelayStatus
	late := time.After(patience)
	for { // the clients tell of each change
		a.net.(*quicNet).relays.mu.Lock()
		news := a.net.(*quicNet).relays.news
		a.net.(*quicNet).relays.mu.Unlock()
		if got = a.Relays(); got[0].Up && got[1].Err != nil {
			break
		}
		select {
		case <-news:
		case <-late:
			t.Fatalf("relays: %+v", got)
		}
	}
	if host, _, err := net.SplitHostPort(got[0].Place); err != nil || host != up.Place || !strings.HasPrefix(up.String(), got[0].Place+"/") {
		t.Errorf("%s is at %s", up.String(), got[0].Place)
	}
	if got[0].Carrier == "" || got[0].Err != nil {
		t.Errorf("what is up: %+v", got[0])
	}
	if got[1].Up || got[1].Carrier != "" {
		t.Errorf("what is another: %+v", got[1])
	}
	m, err := NewMem(1).Listen(Config{Secret: newSecret(), Relays: []id.Relay{up}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close(Ended)
	if got := m.Relays(); got != nil {
		t.Errorf("a network in memory has relays: %v", got)
	}
}

func TestNoTokenInWhatARelaySays(t *testing.T) {
	said := errors.New("not Blue-7, no: Blue-7")
	for _, c := range []struct {
		err   error
		token string
		want  string
	}{
		{said, "Blue-7", "not (token), no: (token)"},
		{said, "Red", said.Error()},
		{said, "", said.Error()},
	} {
		if got := without(c.err, c.token); got.Error() != c.want {
			t.Errorf("without %q: %q, want %q", c.token, got, c.want)
		}
	}
	if err := without(nil, "x"); err != nil {
		t.Errorf("of no error: %v", err)
	}
}
