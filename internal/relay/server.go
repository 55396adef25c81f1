package relay

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/quic-go/quic-go"

	"gossterm/internal/cert"
	"gossterm/internal/id"
)

// What a relay allows if its config does not say.
const (
	DefaultMaxClients   = 4096
	DefaultMaxPerSource = 256
	DefaultMaxPerTag    = 1088 // a session of the greatest size, and who comes back before the old one is gone
	DefaultRate         = 100_000_000
	DefaultQueue        = 128
)

const (
	// maxQueued is how many frames wait in the queues of all clients together: 64 MiB.
	maxQueued = (64 << 20) / maxFrame
	// minBurst is how many bytes a client may send at once at least, whatever its rate.
	minBurst = 64 << 10
	// bindTries is how often a port that was drawn for UDP may be taken for TCP.
	bindTries = 16
	// lastWords is how long a closed socket still repeats to clients that it is closed.
	lastWords = 50 * time.Millisecond
)

// errSilentClient reports a client of which nothing was heard.
var errSilentClient = errors.New("nothing heard")

// A ServerConfig says how a Server listens and what it allows.
type ServerConfig struct {
	// Listen is the address of both sockets. If its address is zero: all interfaces; if
	// its port is zero, any that is free.
	Listen netip.AddrPort
	Secret id.Secret // the relay's key, of which clients have the pin

	// Cert is a certificate of an authority, for clients that come by a name in it. If
	// empty, all need the pin.
	Cert tls.Certificate
	// Token is what a client must know. If empty, everybody is served.
	Token string

	MaxClients   int   // in all. If zero, DefaultMaxClients.
	MaxPerSource int   // of one address (an IPv6 /56). If zero, DefaultMaxPerSource.
	MaxPerTag    int   // in one session. If zero, DefaultMaxPerTag.
	Rate         int64 // what one client may send, in bits a second. If zero, DefaultRate.
	Queue        int   // packets that wait for one client. If zero, DefaultQueue.

	Log *slog.Logger // If nil, nothing is logged.
}

// A Server is a relay with both sockets bound.
type Server struct {
	cfg   ServerConfig
	own   tls.Certificate
	leaf  *x509.Certificate // of cfg.Cert, or nil
	start time.Time

	udp  *net.UDPConn
	tcp  net.Listener
	tr   *quic.Transport
	quic *quic.EarlyListener // before handshakes are done, so that they can be ended

	within time.Duration // until a Register has to come
	hub    *hub
	gate   *gate
	budget *budget
	mirror *reflector
	count  counters

	mu       sync.Mutex
	stopping bool
	pending  map[carrier]bool // not registered yet
	serving  sync.WaitGroup   // the connections
}

// counters are what a Server counts by itself.
type counters struct {
	registered, packets, bytes, limited, absent, queued atomic.Uint64
}

// Stats are a Server's counters since its start, and how many there are now.
type Stats struct {
	Clients, Sessions, Unregistered int // now

	Registered uint64 // clients that came
	Refused    uint64 // connections beyond the limits
	Packets    uint64 // that clients sent to others
	Bytes      uint64 // in these
	Limited    uint64 // frames dropped because a client sent too fast
	Absent     uint64 // packets for nobody
	Dropped    uint64 // frames that gave way in queues
	Reflected  uint64 // questions for an address that were answered
}

// Listen binds both sockets. Nothing is served before Serve.
func Listen(cfg ServerConfig) (*Server, error) {
	cfg.MaxClients = cmp.Or(cfg.MaxClients, DefaultMaxClients)
	cfg.MaxPerSource = cmp.Or(cfg.MaxPerSource, DefaultMaxPerSource)
	cfg.MaxPerTag = cmp.Or(cfg.MaxPerTag, DefaultMaxPerTag)
	cfg.Rate = cmp.Or(cfg.Rate, DefaultRate)
	cfg.Queue = cmp.Or(cfg.Queue, DefaultQueue)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		cfg:     cfg,
		start:   time.Now(),
		within:  registerWithin,
		hub:     newHub(cfg.MaxPerTag),
		gate:    newGate(cfg.MaxClients, cfg.MaxPerSource),
		budget:  newBudget(maxQueued),
		mirror:  newReflector(),
		pending: make(map[carrier]bool),
	}
	if err := s.certificates(); err != nil {
		return nil, err
	}
	if err := s.bind(); err != nil {
		return nil, err
	}
	return s, nil
}

// certificates makes the relay's own and reads the other.
func (s *Server) certificates() (err error) {
	if s.own, err = cert.Of(s.cfg.Secret); err != nil {
		return err
	}
	if len(s.cfg.Cert.Certificate) > 0 {
		if s.leaf, err = x509.ParseCertificate(s.cfg.Cert.Certificate[0]); err != nil {
			return fmt.Errorf("read the certificate: %w", err)
		}
	}
	return nil
}

// bind binds UDP and TCP on one port number, and listens for QUIC.
func (s *Server) bind() (err error) {
	for try := range bindTries {
		ip := s.cfg.Listen.Addr().AsSlice()
		if s.cfg.Listen.Addr() == netip.IPv6Unspecified() {
			ip = nil // every interface, also where there is no IPv6
		}
		if s.udp, err = net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: int(s.cfg.Listen.Port())}); err != nil {
			return fmt.Errorf("UDP: %w", err)
		}
		port := s.udp.LocalAddr().(*net.UDPAddr).Port
		if s.tcp, err = net.ListenTCP("tcp", &net.TCPAddr{IP: ip, Port: port}); err == nil {
			break
		}
		s.udp.Close()
		if s.cfg.Listen.Port() != 0 || !errors.Is(err, syscall.EADDRINUSE) || try == bindTries-1 {
			return fmt.Errorf("TCP: %w", err)
		}
	}
	s.tr = &quic.Transport{
		Conn:                &socket{UDPConn: s.udp},
		VerifySourceAddress: s.gate.crowded,
		ConnContext:         s.gate.begin,
	}
	if s.quic, err = s.tr.ListenEarly(s.tlsConfig(alpn), quicConfig(1)); err != nil {
		s.udp.Close()
		s.tcp.Close()
		return fmt.Errorf("listen: %w", err)
	}
	return nil
}

// tlsConfig returns what the relay shows: the authority's certificate to who asks for a name in
// it, its own to all others.
func (s *Server) tlsConfig(proto string) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{proto},
		SessionTicketsDisabled: true,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if s.called(hello.ServerName) {
				return &s.cfg.Cert, nil
			}
			return &s.own, nil
		},
	}
}

// called reports whether name is one of the relay's by its certificate.
func (s *Server) called(name string) bool {
	return s.leaf != nil && name != "" && s.leaf.VerifyHostname(name) == nil
}

// Addr returns the address of both sockets.
func (s *Server) Addr() netip.AddrPort { return addrOf(s.udp.LocalAddr()) }

// Serve serves until ctx ends, then says so to all clients and closes everything. It
// returns nil, or why it could not serve any longer. It is called once.
func (s *Server) Serve(ctx context.Context) error {
	web := s.web()
	failed := make(chan error, 2)
	var loops sync.WaitGroup
	inner, cancel := context.WithCancel(ctx)
	loops.Go(func() { failed <- s.acceptQUIC() })
	loops.Go(func() {
		failed <- web.Serve(tls.NewListener(&gatedListener{s.tcp, s.gate, s.within}, s.tlsConfig(httpALPN)))
	})
	loops.Go(func() { s.mirror.run(inner, s.tr) })
	loops.Go(func() { s.sweep(inner) })
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	cancel()
	s.stop(web)
	loops.Wait()
	return err
}

// Close closes a server that does not serve.
func (s *Server) Close() {
	s.quic.Close()
	s.tr.Close()
	s.udp.Close()
	s.tcp.Close()
}

// stop ends all connections, then the sockets.
func (s *Server) stop(web *http.Server) {
	s.mu.Lock()
	s.stopping = true
	var pending []carrier
	for c := range s.pending {
		pending = append(pending, c)
	}
	s.mu.Unlock()
	s.quic.Close()
	web.Close()
	members := s.hub.all()
	for _, m := range members {
		go m.leave(Stopping, nil) // ends within byePatience; serving waits for it
	}
	for _, c := range pending {
		go c.close(Stopping, "")
	}
	s.serving.Wait()
	if len(members) > 0 {
		time.Sleep(lastWords)
	}
	s.tr.Close()
	s.udp.Close()
}

// begin admits a connection to be served, unless the server stops.
func (s *Server) begin(c carrier) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	s.pending[c] = true
	s.serving.Add(1)
	return true
}

// settle notes that a connection is not unregistered any more.
func (s *Server) settle(c carrier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, c)
}

// sweep ends clients of which nothing is heard any more.
func (s *Server) sweep(ctx context.Context) {
	tick := time.NewTicker(maxSilence / 5)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, m := range s.silent() {
				go m.leave(0, errSilentClient)
			}
		}
	}
}

// silent returns the clients of which nothing was heard for maxSilence.
func (s *Server) silent() []*member {
	return slices.DeleteFunc(s.hub.all(), func(m *member) bool {
		return s.now()-time.Duration(m.heard.Load()) <= maxSilence
	})
}

// Stats returns the counters.
func (s *Server) Stats() Stats {
	s.gate.mu.Lock()
	clients, waiting, refused := s.gate.clients, len(s.gate.waiting)+s.gate.leaving, s.gate.refused
	s.gate.mu.Unlock()
	return Stats{
		Clients: clients, Sessions: s.hub.count(), Unregistered: waiting,
		Registered: s.count.registered.Load(), Refused: refused,
		Packets: s.count.packets.Load(), Bytes: s.count.bytes.Load(),
		Limited: s.count.limited.Load(), Absent: s.count.absent.Load(), Dropped: s.count.queued.Load(),
		Reflected: s.mirror.answered.Load(),
	}
}

// now is the time since the server's start.
func (s *Server) now() time.Duration { return time.Since(s.start) }
