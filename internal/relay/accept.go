package relay

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/coder/websocket"
	"github.com/quic-go/quic-go"
	"golang.org/x/time/rate"

	"gossterm/internal/id"
)

// An arrival is a new connection with what a Register on it is checked by.
type arrival struct {
	car   carrier
	nonce [nonceSize]byte
	name  string // what the client called the relay in TLS
	place *place
}

// acceptQUIC serves QUIC clients until the listener is closed. They come with their
// handshakes under way.
func (s *Server) acceptQUIC() error {
	for {
		conn, err := s.quic.Accept(context.Background())
		if errors.Is(err, quic.ErrServerClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		car := &quicCarrier{conn: conn}
		if !s.begin(car) {
			go car.close(Stopping, "") // ends within byePatience
			continue
		}
		go s.serveQUIC(car)
	}
}

// serveQUIC waits for a connection's stream and serves it.
func (s *Server) serveQUIC(car *quicCarrier) {
	defer s.serving.Done()
	defer s.settle(car)
	place := placeOf(car.conn.Context())
	place.endAfter(s.within, func() { car.close(Violation, "no register came") })
	stream, err := car.conn.AcceptStream(car.conn.Context()) // comes after the handshake
	if err != nil {
		car.close(Violation, "") // if it is not closed yet
		return
	}
	car.stream = stream
	nonce, err := quicNonce(car.conn)
	if err != nil {
		car.close(Violation, "")
		return
	}
	name := car.conn.ConnectionState().TLS.ServerName
	s.serve(arrival{car, nonce, name, place})
}

// web returns the server that takes WebSockets.
func (s *Server) web() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, s.upgrade)
	return &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: s.within,
		ReadTimeout:       s.within,
		WriteTimeout:      s.within,
		IdleTimeout:       time.Second,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, placeKey{}, c.(*tls.Conn).NetConn().(*gatedConn).place)
		},
	}
}

// upgrade serves one WebSocket client.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	a := arrival{name: r.TLS.ServerName, place: placeOf(r.Context())}
	rand.Read(a.nonce[:])
	w.Header().Set(nonceHeader, letters.EncodeToString(a.nonce[:]))
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	var car *wsCarrier
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		OnPingReceived: func(context.Context, []byte) bool { car.pinged(); return false },
	})
	if err != nil {
		return
	}
	car = newWS(conn, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))
	a.car = car
	if !s.begin(car) {
		car.close(Stopping, "")
		return
	}
	defer s.serving.Done()
	defer s.settle(car)
	s.serve(a)
}

// serve takes the Register of a new connection and serves it until its end.
func (s *Server) serve(a arrival) {
	defer a.place.leave()
	late := time.AfterFunc(s.within, func() { a.car.close(Violation, "no register came") })
	defer late.Stop()
	f, err := a.car.readers()[0]()
	if err != nil {
		code := Code(0)
		if isFrame(err) {
			code = Violation
		}
		a.car.close(code, textOf(code, err))
		return
	}
	m, code, text := s.register(a, f)
	f.free()
	if m == nil {
		s.cfg.Log.Info("refused", "from", a.car.remote(), "why", code)
		a.car.close(code, text)
		return
	}
	late.Stop()
	s.settle(a.car)
	s.cfg.Log.Info("client", "peer", m.peer, "from", a.car.remote(), "carrier", a.car.name())
	err = m.run()
	s.hub.remove(m)
	s.cfg.Log.Info("client left", "peer", m.peer, "err", err)
}

// register checks a Register and makes its sender a client, or says why not.
func (s *Server) register(a arrival, f *frame) (*member, Code, string) {
	r, err := f.registration()
	if err != nil {
		return nil, Violation, err.Error()
	}
	if subtle.ConstantTimeCompare([]byte(r.token), []byte(s.cfg.Token)) != 1 && s.cfg.Token != "" {
		return nil, WrongToken, ""
	}
	if !r.peer.Valid() || !s.signed(a, r) {
		return nil, NotAdmitted, "wrong signature"
	}
	if err := a.place.register(); err != nil {
		return nil, Full, err.Error()
	}
	m := &member{
		s: s, peer: r.peer, tag: r.tag, car: a.car,
		queue: newQueue(s.cfg.Queue, s.budget, &s.count.queued),
		rate:  rate.NewLimiter(rate.Limit(s.cfg.Rate/8), max(int(s.cfg.Rate/8/50), minBurst)), // 20 ms of it
		rare:  rate.NewLimiter(absentRate, absentRate),
		done:  make(chan struct{}),
	}
	m.heard.Store(int64(s.now()))
	m.queue.push(registeredFrame(a.car.remote())) // the first that is sent
	before, ok := s.hub.add(m)
	if !ok {
		m.queue.close()
		return nil, Full, "too many in this session"
	}
	if before != nil {
		go before.leave(Replaced, nil)
	}
	s.count.registered.Add(1)
	return m, 0, ""
}

// signed reports whether a Register is signed for this relay, by its pin or by the name
// that the client asked for.
func (s *Server) signed(a arrival, r registration) bool {
	pin := id.PinOf(s.cfg.Secret.Peer())
	return r.signedBy(a.nonce, pin[:]) || s.called(a.name) && r.signedBy(a.nonce, []byte(a.name))
}

// isFrame reports whether err is about a frame that broke the protocol.
func isFrame(err error) bool { return errors.Is(err, errFrame) }
