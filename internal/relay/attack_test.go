package relay

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"gossterm/internal/id"
)

// A liar is a connection to a relay on which anything can be sent.
type liar struct {
	carrier
	nonce [nonceSize]byte
	relay id.Relay
}

// lie connects over a carrier and sends nothing yet.
func lie(t testing.TB, s *Server, over string) *liar {
	t.Helper()
	values := s.Values()
	r := values[len(values)-1] // by its key, not by a name
	c := NewClient(clientOf(r, 1, tagOf(1)))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	l := &liar{relay: r}
	var err error
	if over == "udp" {
		l.carrier, l.nonce, err = c.overQUIC(ctx, s.Addr())
	} else {
		l.carrier, l.nonce, err = c.overWS(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.close(0, "") })
	return l
}

// tell sends a frame as it is.
func (l *liar) tell(t testing.TB, f *frame) {
	t.Helper()
	if err := l.send(f); err != nil {
		t.Logf("send: %v", err)
	}
}

// hears waits for the next frame, or the Bye as an error.
func (l *liar) hears(t testing.TB) (*frame, error) {
	t.Helper()
	type heard struct {
		f   *frame
		err error
	}
	ch := make(chan heard, 1)
	go func() { f, err := l.readers()[0](); ch <- heard{f, err} }()
	h := receive(t, "frame", ch)
	if h.err == nil && h.f.kind() == kindBye {
		return nil, h.f.bye()
	}
	return h.f, h.err
}

// register registers as key n, and fails the test if that is not taken.
func (l *liar) register(t testing.TB, n int) *liar {
	t.Helper()
	l.tell(t, registerFrame(secretOf(n), tagOf(1), "", l.nonce, calledBy(l.relay)))
	if f, err := l.hears(t); err != nil || f.kind() != kindRegistered {
		t.Fatalf("not registered: %v", err)
	}
	return l
}

// byes reports the code of the Bye that err is, or fails.
func byes(t testing.TB, err error) Code {
	t.Helper()
	bye, ok := asBye(err)
	if !ok {
		t.Errorf("got %v, want a bye", err)
		return 0
	}
	return bye.Code
}

func TestWrongToken(t *testing.T) {
	both(t, func(t *testing.T, over string) {
		s := testServer(t, func(c *ServerConfig) { c.Token = "right" })
		for _, token := range []string{"", "wrong", "right1"} {
			cfg := clientOf(valueOf(t, s), 1, tagOf(1))
			cfg.Relay.Token = token
			if got := byes(t, startClient(t, cfg, by(over)).down(t)); got != WrongToken {
				t.Errorf("token %q: %v", token, got)
			}
		}
		startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), by(over)).up(t)
		if n := s.Stats().Registered; n != 1 {
			t.Errorf("%d registered, want 1", n)
		}
	})
}

// Nobody registers under a key that is not its own, and what is signed for one
// connection or relay is of no use for another.
func TestWrongSignature(t *testing.T) {
	both(t, func(t *testing.T, over string) {
		s := testServer(t, nil)
		other := id.Relay{Place: "127.0.0.1", Port: 1, Pinned: true, Pin: id.PinOf(secretOf(5).Peer())}
		for _, c := range []struct {
			desc string
			make func(l *liar) *frame
		}{
			{"of another key", func(l *liar) *frame {
				f := registerFrame(secretOf(1), tagOf(1), "", l.nonce, calledBy(l.relay))
				p := secretOf(2).Peer()
				copy(f.body()[1:], p[:])
				return f
			}},
			{"of another tag", func(l *liar) *frame {
				f := registerFrame(secretOf(1), tagOf(1), "", l.nonce, calledBy(l.relay))
				f.body()[40] ^= 1
				return f
			}},
			{"for another relay", func(l *liar) *frame {
				return registerFrame(secretOf(1), tagOf(1), "", l.nonce, calledBy(other))
			}},
			{"for a name that the relay has not", func(l *liar) *frame {
				return registerFrame(secretOf(1), tagOf(1), "", l.nonce, []byte("relay.example.org"))
			}},
			{"for the name that every client asks for", func(l *liar) *frame {
				return registerFrame(secretOf(1), tagOf(1), "", l.nonce, []byte(serverName))
			}},
			{"of another connection", func(l *liar) *frame {
				return registerFrame(secretOf(1), tagOf(1), "", lie(t, s, over).nonce, calledBy(l.relay))
			}},
			{"of a key of low order", func(l *liar) *frame {
				f := registerFrame(secretOf(1), tagOf(1), "", l.nonce, calledBy(l.relay))
				clear(f.body()[1:33])
				clear(f.body()[len(f.body())-64:])
				return f
			}},
		} {
			l := lie(t, s, over)
			l.tell(t, c.make(l))
			if _, err := l.hears(t); byes(t, err) != NotAdmitted {
				t.Errorf("%s: %v", c.desc, err)
			}
		}
		if n := s.Stats().Registered; n != 0 {
			t.Errorf("%d registered", n)
		}
	})
}

func TestNothingCrossesTags(t *testing.T) {
	both(t, func(t *testing.T, over string) {
		s := testServer(t, nil)
		a := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), by(over)).up(t)
		b := startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), by(over)).up(t)
		stranger := startClient(t, clientOf(valueOf(t, s), 3, tagOf(2)), by(over)).up(t)
		for range 20 {
			stranger.Send(a.peer, []byte("spray"))
		}
		if p := receive(t, "absent", stranger.absent); p != a.peer {
			t.Errorf("absent is %v", p)
		}
		pass(t, b, a, "from a friend") // fails if anything else comes first
		// The same key under both tags is two clients.
		twin := startClient(t, clientOf(valueOf(t, s), 3, tagOf(1)), by(over)).up(t)
		pass(t, twin, a, "as a friend")
		if st := stranger.State(); !st.Up {
			t.Errorf("replaced across tags: %v", st.Err)
		}
	})
}

// What breaks the protocol ends its own connection, with a violation.
func TestViolations(t *testing.T) {
	long := newFrame(kindSend).add(make([]byte, 32+MaxPacket+1)...)
	for _, c := range []struct {
		desc  string
		early bool // before it registered
		f     *frame
	}{
		{"a packet before the register", true, newFrame(kindSend).add(make([]byte, 40)...)},
		{"a ping before the register", true, pingFrame(1)},
		{"a register cut", true, newFrame(kindRegister).add(version)},
		{"a register of another version", true, newFrame(kindRegister).add(2).add(make([]byte, 150)...)},
		{"a register with a long token", true, newFrame(kindRegister).add(version).add(make([]byte, 48)...).add(33).add(make([]byte, 33+64)...)},
		{"a second register", false, registerFrame(secretOf(1), tagOf(1), "", [32]byte{}, nil)},
		{"a packet that is too long", false, long},
		{"a packet without one", false, newFrame(kindSend).add(make([]byte, 32)...)},
		{"a packet without a destination", false, newFrame(kindSend).add(1, 2, 3)},
		{"a ping cut", false, newFrame(kindPing).add(1)},
		{"a frame of the relay's", false, newFrame(kindPacket).add(make([]byte, 40)...)},
		{"a kind that is none", false, newFrame(99)},
	} {
		t.Run(c.desc, func(t *testing.T) {
			both(t, func(t *testing.T, over string) {
				s := testServer(t, nil)
				l := lie(t, s, over)
				if !c.early {
					l.register(t, 1)
				}
				if over == "udp" && c.f.small() { // by the stream: a datagram may not take it yet
					l.carrier.(*quicCarrier).stream.Write(c.f.framed())
				} else {
					l.tell(t, c.f)
				}
				if _, err := l.hears(t); byes(t, err) != Violation {
					t.Errorf("got %v", err)
				}
				startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), by(over)).up(t)
			})
		})
	}
}

func TestOversizeIsNotRead(t *testing.T) {
	s := testServer(t, nil)
	over := map[string]func(l *liar){
		"udp": func(l *liar) { l.carrier.(*quicCarrier).stream.Write([]byte{0xff, 0xff, 3}) },
		"tcp": func(l *liar) { l.carrier.(*wsCarrier).conn.Write(context.Background(), 2, make([]byte, maxFrame+1)) },
	}
	for name, send := range over {
		l := lie(t, s, name).register(t, 1)
		send(l)
		if _, err := l.hears(t); err == nil {
			t.Errorf("%s: a long frame is taken", name)
		} else if bye, ok := asBye(err); ok && bye.Code != Violation {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// In datagrams packets come and nothing else: the rest needs its order.
func TestOnlyPacketsInDatagrams(t *testing.T) {
	for _, b := range seedFrames() {
		f, err := frameOf(b)
		if small := len(b) > 0 && (kind(b[0]) == kindSend || kind(b[0]) == kindPacket); small != (err == nil) {
			t.Errorf("%x: %v", b[:min(len(b), 1)], err)
		}
		if err == nil && string(f.bytes()) != string(b) {
			t.Errorf("%x is read as %x", b, f.bytes())
		}
	}
}

// Who has not registered when the relay stops is told as well, and not waited for.
func TestStopTellsTheUnregistered(t *testing.T) {
	both(t, func(t *testing.T, over string) {
		s, err := Listen(ServerConfig{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Secret: secretOf(9999)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- s.Serve(ctx) }()
		l := lie(t, s, over)
		if over == "udp" { // so that the relay knows of the stream
			l.carrier.(*quicCarrier).stream.Write([]byte{0})
		}
		eventually(t, "connection", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(s.pending) == 1
		})
		cancel()
		if _, err := l.hears(t); byes(t, err) != Stopping {
			t.Errorf("got %v", err)
		}
		if err := receive(t, "end of Serve", served); err != nil {
			t.Error(err)
		}
	})
}

// Who connects and says nothing is put out, and holds few places until then.
func TestSilentConnections(t *testing.T) {
	s := startServer(t, nil, func(s *Server) { s.within = 300 * time.Millisecond })
	both(t, func(t *testing.T, over string) {
		l := lie(t, s, over)
		if f, err := l.hears(t); err == nil {
			t.Errorf("got kind %d, want the end", f.kind())
		}
	})
	begun := lie(t, s, "udp") // begins a frame and leaves it at that
	begun.carrier.(*quicCarrier).stream.Write([]byte{0})
	if _, err := begun.hears(t); byes(t, err) != Violation {
		t.Errorf("half a length: %v", err)
	}
	c, err := net.Dial("tcp", s.Addr().String()) // not even TLS
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection that says nothing stays")
	}
}

func TestSilentFloodLeavesRoom(t *testing.T) {
	s := testServer(t, nil)
	a := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), nil).up(t)
	b := startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), nil).up(t)
	open := func() net.Conn {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	for range maxSourceWaiting {
		open()
	}
	c := open()
	c.SetReadDeadline(time.Now().Add(patience))
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("one connection more than allowed is kept: %v", err)
	}
	if st := s.Stats(); st.Unregistered != maxSourceWaiting || st.Refused == 0 {
		t.Errorf("%+v", st)
	}
	pass(t, a, b, token())
}

func TestFullIsSaid(t *testing.T) {
	for _, c := range []struct {
		desc   string
		change func(*ServerConfig)
		text   string
	}{
		{"clients in all", func(c *ServerConfig) { c.MaxClients = 2 }, "no place"},
		{"of one address", func(c *ServerConfig) { c.MaxPerSource = 2 }, "one address"},
		{"in one session", func(c *ServerConfig) { c.MaxPerTag = 2 }, "this session"},
	} {
		t.Run(c.desc, func(t *testing.T) {
			both(t, func(t *testing.T, over string) {
				s := testServer(t, c.change)
				a := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), by(over)).up(t)
				startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), by(over)).up(t)
				third := startClient(t, clientOf(valueOf(t, s), 3, tagOf(1)), by(over))
				err := third.down(t)
				if byes(t, err) != Full || !strings.Contains(err.Error(), c.text) {
					t.Errorf("got %v", err)
				}
				a.stop() // makes room
				eventually(t, "room", func() bool { return s.Stats().Clients == 1 })
				third.Wake()
				third.up(t)
			})
		})
	}
}

// Who sends more than its rate loses that, and nobody else loses anything.
func TestFloodIsLimited(t *testing.T) {
	both(t, func(t *testing.T, over string) {
		s := testServer(t, func(c *ServerConfig) { c.Rate = 1_000_000 })
		flood := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), by(over)).up(t)
		a := startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), by(over)).up(t)
		b := startClient(t, clientOf(valueOf(t, s), 3, tagOf(1)), by(over)).up(t)
		p := make([]byte, 1200)
		eventually(t, "limit", func() bool {
			for range 100 {
				flood.Send(secretOf(4).Peer(), p)
			}
			return s.Stats().Limited > 100
		})
		pass(t, a, b, token())
		if st := s.Stats(); st.Bytes > 1_000_000 {
			t.Errorf("a rate of 1 Mbit/s let %d bytes through", st.Bytes)
		}
	})
}

func TestAbsentIsRare(t *testing.T) {
	s := testServer(t, nil)
	a := startClient(t, clientOf(valueOf(t, s), 1, tagOf(1)), by("tcp")).up(t)
	eventually(t, "packets for nobody", func() bool {
		a.Send(secretOf(7).Peer(), []byte("x"))
		return s.Stats().Absent >= 200
	})
	if n := len(a.absent); n > 3*absentRate {
		t.Errorf("%d absent", n)
	}
}

// A client that does not read costs the relay a queue, and the others nothing.
func TestSlowReader(t *testing.T) {
	both(t, func(t *testing.T, over string) {
		s := testServer(t, nil)
		lie(t, s, over).register(t, 1) // reads nothing more
		a := startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), by(over)).up(t)
		b := startClient(t, clientOf(valueOf(t, s), 3, tagOf(1)), by(over)).up(t)
		p := make([]byte, MaxPacket) // over QUIC too long for a datagram: it waits for the reader
		eventually(t, "full queue", func() bool {
			for range 100 {
				a.Send(secretOf(1).Peer(), p)
			}
			return s.Stats().Dropped > 100
		})
		for range 20 {
			pass(t, a, b, token())
		}
	})
}

// eventually waits until cond holds, trying all the time.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	limit := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("no %s", what)
		}
	}
}
