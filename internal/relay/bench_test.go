package relay

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"gossterm/internal/cert"
	"gossterm/internal/id"
)

// A relayedConn is a packet conn whose addresses are peers behind a relay: what the
// peers' QUIC runs over.
type relayedConn struct {
	*testClient
	in   chan got
	once sync.Once
	over chan struct{}
}

// A peerAddr is a peer as a net.Addr.
type peerAddr id.Peer

func (peerAddr) Network() string  { return "relay" }
func (a peerAddr) String() string { return id.Peer(a).String() }

// relayed starts a client and returns it as a packet conn.
func relayed(t testing.TB, cfg ClientConfig, over string) *relayedConn {
	c := &relayedConn{in: make(chan got, 4096), over: make(chan struct{})}
	cfg.Packet = func(from id.Peer, p []byte) {
		select {
		case c.in <- got{from, string(p)}:
		default:
		}
	}
	c.testClient = startClient(t, cfg, by(over)).up(t)
	return c
}

func (c *relayedConn) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case g := <-c.in:
		return copy(b, g.packet), peerAddr(g.from), nil
	case <-c.over:
		return 0, nil, net.ErrClosed
	}
}

func (c *relayedConn) WriteTo(b []byte, a net.Addr) (int, error) {
	c.Send(id.Peer(a.(peerAddr)), b)
	return len(b), nil
}

func (c *relayedConn) Close() error {
	c.once.Do(func() { close(c.over) })
	return nil
}

func (c *relayedConn) LocalAddr() net.Addr              { return peerAddr(c.peer) }
func (c *relayedConn) SetDeadline(time.Time) error      { return nil }
func (c *relayedConn) SetWriteDeadline(time.Time) error { return nil }

// SetReadDeadline ends a Read that waits, which is all that quic-go uses it for.
func (c *relayedConn) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		c.Close()
	}
	return nil
}

func (c *relayedConn) SetReadBuffer(int) error  { return nil }
func (c *relayedConn) SetWriteBuffer(int) error { return nil }

// inner is the config of the QUIC between the peers, as transport has it.
var inner = &quic.Config{
	InitialPacketSize: 1200, DisablePathMTUDiscovery: true, MaxIdleTimeout: time.Minute,
	InitialStreamReceiveWindow: 512 << 10, MaxStreamReceiveWindow: 4 << 20, MaxConnectionReceiveWindow: 4 << 20,
}

// BenchmarkSession sends a stream from one peer to another, over QUIC through a relay in
// another process.
func BenchmarkSession(b *testing.B) {
	for _, over := range []string{"udp", "tcp"} {
		b.Run(over, func(b *testing.B) {
			relay := startChild(b)
			r := noRelay
			r.Port, r.Pin = relay.at.Port(), valuePin
			from := relayed(b, clientOf(r, 1, tagOf(1)), over)
			to := relayed(b, clientOf(r, 2, tagOf(1)), over)
			out, in := stream(b, from, to)
			const chunk = 64 << 10
			b.SetBytes(chunk)
			cpu := relay.read(b).CPU
			b.ResetTimer()
			go func() {
				p := make([]byte, chunk)
				for range b.N {
					if _, err := out.Write(p); err != nil {
						return
					}
				}
			}()
			if _, err := io.CopyN(io.Discard, in, int64(b.N)*chunk); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			bits := float64(b.N) * chunk * 8
			b.ReportMetric(bits/1e6/b.Elapsed().Seconds(), "Mbit/s")
			b.ReportMetric(float64((relay.read(b).CPU-cpu).Nanoseconds())/(bits/8/1200), "relay-ns/packet")
		})
	}
}

// stream connects two peers by QUIC and returns both ends of a stream.
func stream(b *testing.B, from, to *relayedConn) (io.Writer, io.Reader) {
	b.Helper()
	own, err := cert.Of(secretOf(2))
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	server, client := &quic.Transport{Conn: to}, &quic.Transport{Conn: from}
	ln, err := server.Listen(&tls.Config{Certificates: []tls.Certificate{own}, NextProtos: []string{"bench"}}, inner)
	if err != nil {
		b.Fatal(err)
	}
	out, err := client.Dial(ctx, peerAddr(to.peer), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"bench"}}, inner)
	if err != nil {
		b.Fatal(err)
	}
	in, err := ln.Accept(ctx)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		out.CloseWithError(0, "")
		in.CloseWithError(0, "")
		ln.Close()
		client.Close()
		server.Close()
		from.Close()
		to.Close()
	})
	w, err := out.OpenUniStream()
	if err != nil {
		b.Fatal(err)
	}
	w.Write([]byte{0})
	rd, err := in.AcceptUniStream(ctx)
	if err != nil {
		b.Fatal(err)
	}
	io.ReadFull(rd, make([]byte, 1))
	return w, rd
}

// typing is how often each session sends a packet, and keySize how long it is: a
// keystroke in a QUIC packet.
const (
	typing   = 50 * time.Millisecond
	keySize  = 100
	typeTime = 3 * time.Second // of each measurement
	// drainTime is how long the last echoes may take; what takes longer counts as lost.
	drainTime = 500 * time.Millisecond
)

// An echo sends a packet to a peer that sends it back.
type echo struct {
	send func(p []byte)
	back chan []byte
}

// BenchmarkTyping measures the time to the echo of a key, of sessions that type at once:
// between two sockets, and through a relay in another process.
func BenchmarkTyping(b *testing.B) {
	for _, over := range []string{"direct", "udp", "tcp"} {
		for _, sessions := range []int{50, 200, 400, 800} {
			if over == "direct" && sessions > 50 {
				continue
			}
			b.Run(fmt.Sprintf("%s/%d", over, sessions), func(b *testing.B) {
				var pairs []echo
				var alone *child
				if over == "direct" {
					for range sessions {
						pairs = append(pairs, directEcho(b))
					}
				} else {
					alone = startChild(b)
					pairs = relayedEchoes(b, alone, over, sessions)
				}
				var cpu time.Duration
				if alone != nil {
					cpu = alone.read(b).CPU
				}
				b.ResetTimer()
				took, sent := typeAll(pairs)
				b.StopTimer()
				if len(took) == 0 {
					b.Fatal("nothing came back")
				}
				b.ReportMetric(0, "ns/op")
				at := func(q float64) float64 { return took[int(q*float64(len(took)-1))].Seconds() * 1000 }
				b.ReportMetric(at(0.5), "p50-ms")
				b.ReportMetric(at(0.99), "p99-ms")
				b.ReportMetric(100*float64(sent-len(took))/float64(sent), "lost-%")
				if alone != nil {
					b.ReportMetric(100*(alone.read(b).CPU-cpu).Seconds()/b.Elapsed().Seconds(), "relay-cpu-%")
				}
			})
		}
	}
}

// directEcho is an echo between two sockets.
func directEcho(b *testing.B) echo {
	listen := func() *net.UDPConn {
		c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.Close() })
		return c
	}
	near, far := listen(), listen()
	e := echo{back: make(chan []byte, 64)}
	e.send = func(p []byte) { near.WriteTo(p, far.LocalAddr()) }
	go func() {
		p := make([]byte, 2000)
		for {
			n, a, err := far.ReadFrom(p)
			if err != nil {
				return
			}
			far.WriteTo(p[:n], a)
		}
	}()
	go func() {
		for {
			p := make([]byte, 2000)
			n, err := near.Read(p)
			if err != nil {
				return
			}
			e.back <- p[:n]
		}
	}()
	return e
}

// relayedEchoes are echoes through a relay, each a session of its own.
func relayedEchoes(b *testing.B, relay *child, over string, n int) []echo {
	r := noRelay
	r.Port, r.Pin = relay.at.Port(), valuePin
	out := make([]echo, n)
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 4 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				tag := TagOf(id.Topic{byte(i), byte(i >> 8)})
				near, far := clientOf(r, 2*i, tag), clientOf(r, 2*i+1, tag)
				e := &out[i]
				e.back = make(chan []byte, 64)
				near.Packet = func(_ id.Peer, p []byte) {
					select {
					case e.back <- slices.Clone(p):
					default:
					}
				}
				var answer atomic.Pointer[testClient]
				far.Packet = func(from id.Peer, p []byte) { answer.Load().Send(from, p) }
				nc := startClient(b, near, by(over)).up(b)
				fc := startClient(b, far, by(over)).up(b)
				answer.Store(fc)
				e.send = func(p []byte) { nc.Send(fc.peer, p) }
			}
		})
	}
	wg.Wait()
	return out
}

// typeAll types in all sessions for a while and returns how long the echoes took, sorted, and
// how many keys were typed.
func typeAll(pairs []echo) (took []time.Duration, sent int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := time.Now()
	for i, e := range pairs {
		wg.Go(func() {
			var mine []time.Duration
			n := 0
			first := time.NewTimer(typing * time.Duration(i) / time.Duration(len(pairs))) // spread
			defer first.Stop()
			<-first.C
			tick := time.NewTicker(typing)
			defer tick.Stop()
			last, end := time.After(typeTime), time.After(typeTime+drainTime)
			for open := true; open; {
				select {
				case <-last:
					tick.Stop()
				case <-tick.C:
					p := make([]byte, keySize)
					binary.BigEndian.PutUint64(p, uint64(time.Since(start)))
					e.send(p)
					n++
				case p := <-e.back:
					mine = append(mine, time.Since(start)-time.Duration(binary.BigEndian.Uint64(p)))
				case <-end:
					open = false
				}
			}
			mu.Lock()
			defer mu.Unlock()
			took, sent = append(took, mine...), sent+n
		})
	}
	wg.Wait()
	slices.SortFunc(took, cmp.Compare[time.Duration])
	return took, sent
}

// benchRate is what the relay alone lets a client send: so much that it does not matter,
// or what a relay allows by itself.
func benchRate() int64 {
	if os.Getenv("GOSSTERM_BENCH_RATE") == "default" {
		return DefaultRate
	}
	return 1_000_000_000
}
