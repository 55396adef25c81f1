package relay

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/quic-go/quic-go"
)

const (
	// headStart is how long QUIC has before WebSocket is tried as well.
	headStart = 200 * time.Millisecond
	// stagger is the same between two addresses of one name (RFC 8305 §5).
	stagger = 250 * time.Millisecond
	// maxTried is how many addresses of a name are tried over QUIC.
	maxTried = 4
	// dialPatience and registerPatience bound one attempt and one registration.
	dialPatience     = 10 * time.Second
	registerPatience = 3 * time.Second
	resolvePatience  = 5 * time.Second
)

// errSilence reports that nothing answered.
var errSilence = errors.New("no answer")

// errWoken ends an attempt because the network changed.
var errWoken = errors.New("the network changed")

// A way is one of those by which a relay may be reached.
type way struct {
	after time.Duration // the others' head start
	dial  func(context.Context) (carrier, [nonceSize]byte, error)
}

// A dialled is what became of a way.
type dialled struct {
	car   carrier
	nonce [nonceSize]byte
	err   error
}

// connect tries all ways, each at its time or as soon as another failed, and returns the
// first on which the relay took the registration.
func (c *Client) connect(ctx context.Context) (carrier, error) {
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	ways := c.ways(ctx)
	results := make(chan dialled, len(ways))
	started, ended := 0, 0
	defer func() { // the losers
		cancel()
		for ; ended < started; ended++ {
			if r := <-results; r.err == nil {
				r.car.close(0, "")
			}
		}
	}()
	next := time.NewTimer(0)
	defer next.Stop()
	var failed []error
	for {
		select {
		case <-next.C:
			w := ways[started]
			started++
			go func() {
				car, nonce, err := w.dial(ctx)
				results <- dialled{car, nonce, err}
			}()
			if started < len(ways) {
				next.Reset(ways[started].after)
			}
		case r := <-results:
			ended++
			if r.err == nil {
				r.err = c.register(ctx, r)
			}
			if r.err == nil {
				return r.car, nil
			}
			failed = append(failed, r.err)
			if _, bye := asBye(r.err); bye || ended == len(ways) {
				return nil, words(failed)
			}
			if started < len(ways) {
				next.Reset(0)
			}
		case <-c.wake:
			return nil, errWoken
		case <-ctx.Done():
			return nil, words(append(failed, errSilence))
		}
	}
}

// words returns the errors of all ways as one: a Bye if there was one.
func words(errs []error) error {
	all := errs[0]
	for i, err := range errs {
		if _, ok := asBye(err); ok {
			return err
		}
		if i > 0 && err.Error() != errs[i-1].Error() {
			all = fmt.Errorf("%w; %w", all, err)
		}
	}
	return all
}

// plain says in our words what a dial failed of.
func plain(err error) error {
	_, timeout := errors.AsType[*quic.HandshakeTimeoutError](err)
	_, idle := errors.AsType[*quic.IdleTimeoutError](err)
	switch {
	case errors.Is(err, ErrKey):
		return ErrKey
	case timeout, idle, errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return errSilence
	}
	return err
}

// ways returns how the relay may be reached: over QUIC at each address, then over
// WebSocket.
func (c *Client) ways(ctx context.Context) []way {
	var ways []way
	for i, a := range c.resolve(ctx) {
		w := way{dial: func(ctx context.Context) (carrier, [nonceSize]byte, error) { return c.overQUIC(ctx, a) }}
		if i > 0 {
			w.after = stagger
		}
		ways = append(ways, w)
	}
	ws := way{dial: c.overWS}
	if len(ways) > 0 {
		ws.after = headStart
	}
	switch ways = append(ways, ws); c.only {
	case "udp":
		return ways[:len(ways)-1]
	case "tcp":
		return []way{{dial: c.overWS}}
	}
	return ways
}

// resolve returns the addresses of the relay's place, or none: then WebSocket says why,
// or gets there by a proxy, which may know the name.
func (c *Client) resolve(ctx context.Context) []netip.AddrPort {
	r := c.cfg.Relay
	ips := []netip.Addr{}
	if a, err := netip.ParseAddr(r.Place); err == nil {
		ips = append(ips, a)
	} else {
		ctx, cancel := context.WithTimeout(ctx, resolvePatience)
		defer cancel()
		if ips, err = net.DefaultResolver.LookupNetIP(ctx, "ip", r.Place); err != nil {
			return nil
		}
	}
	var addrs []netip.AddrPort
	for _, a := range ips[:min(len(ips), maxTried)] {
		addrs = append(addrs, netip.AddrPortFrom(a.Unmap(), r.Port))
	}
	if len(addrs) > 0 {
		c.set(func(s *State) { s.UDP = addrs[0] })
	}
	return addrs
}

// overQUIC dials over QUIC.
func (c *Client) overQUIC(ctx context.Context, addr netip.AddrPort) (carrier, [nonceSize]byte, error) {
	conf := clientTLS(c.cfg.Relay, alpn, c.roots)
	var wrong error // what our own check said; quic-go wraps it beyond recognition
	if check := conf.VerifyConnection; check != nil {
		conf.VerifyConnection = func(cs tls.ConnectionState) error {
			wrong = check(cs)
			return wrong
		}
	}
	car, err := dialQUIC(ctx, addr, conf)
	if err != nil {
		return nil, [nonceSize]byte{}, fmt.Errorf("by UDP: %w", plain(cmp.Or(wrong, err)))
	}
	nonce, err := quicNonce(car.conn)
	if err != nil {
		car.close(0, "")
		return nil, nonce, err
	}
	return car, nonce, nil
}

// overWS dials over WebSocket.
func (c *Client) overWS(ctx context.Context) (carrier, [nonceSize]byte, error) {
	car, nonce, err := dialWS(ctx, c.cfg.Relay, clientTLS(c.cfg.Relay, httpALPN, c.roots), c.proxy)
	if err != nil {
		return nil, nonce, fmt.Errorf("by TCP: %w", plain(err))
	}
	return car, nonce, nil
}

// asBye returns the Bye that err is about.
func asBye(err error) (*ByeError, bool) { return errors.AsType[*ByeError](err) }

// register registers on a new connection, or closes it.
func (c *Client) register(ctx context.Context, d dialled) error {
	timer := time.AfterFunc(registerPatience, func() { d.car.close(0, "") })
	defer timer.Stop()
	stop := context.AfterFunc(ctx, func() { d.car.close(0, "") })
	defer stop()
	err := c.exchange(d)
	if err != nil {
		d.car.close(0, "")
		return fmt.Errorf("register: %w", err)
	}
	if d.car.name() == "udp" { // of several addresses, the one that works
		c.set(func(s *State) { s.UDP = d.car.remote() })
	}
	return nil
}

// exchange sends Register and reads Registered.
func (c *Client) exchange(d dialled) error {
	f := registerFrame(c.cfg.Secret, c.cfg.Tag, c.cfg.Relay.Token, d.nonce, calledBy(c.cfg.Relay))
	defer f.free()
	if err := d.car.send(f); err != nil {
		return err
	}
	got, err := d.car.readers()[0]()
	if err != nil {
		return err
	}
	defer got.free()
	if got.kind() == kindBye {
		return got.bye()
	}
	_, err = got.registered()
	return err
}
