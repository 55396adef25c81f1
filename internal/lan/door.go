package lan

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	// maxAsking is how many the owner is asked about at once, of all and of one address.
	maxAsking     = 4
	maxEachAsking = 2
	// maxOpening is how many may be at the door who have not said yet what they want, of
	// all and of one address. Connections beyond are closed.
	maxOpening     = 16
	maxEachOpening = 4
	// doorPause is how long a door rests that could not take a connection.
	doorPause = 100 * time.Millisecond
)

// errCommitment reports a joiner whose nonce is not the one that it committed to.
var errCommitment = errors.New("the nonce is not the one committed to")

// letIn takes connections until the door is closed, and waits for them to end.
func (l *Listener) letIn(ctx context.Context) {
	var visits sync.WaitGroup
	defer visits.Wait()
	for ctx.Err() == nil {
		c, err := l.door.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			select {
			case <-time.After(doorPause):
			case <-ctx.Done():
			}
			continue
		}
		from := c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
		if !l.opening.take(from) {
			c.Close()
			continue
		}
		visits.Go(func() {
			if err := l.visit(ctx, c, from); err != nil {
				l.cfg.Log.Info("nearby", "from", from, "err", err)
			}
		})
	}
}

// visit serves one connection and closes it. It gives the place among the opening
// back when it knows what is wanted.
func (l *Listener) visit(ctx context.Context, c net.Conn, from netip.Addr) error {
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	q, conn, err := l.greet(ctx, c, from)
	l.opening.give(from)
	if err != nil {
		return err
	}
	ticket, err := l.ask(ctx, conn, q)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	conn.SetWriteDeadline(time.Now().Add(greetTime))
	if e := writeMessage(conn, appendVerdict(nil, ticket, err)); e != nil {
		return errors.Join(err, e)
	}
	return errors.Join(err, conn.Close())
}

// greet finds out who is there and exchanges the nonces.
func (l *Listener) greet(ctx context.Context, c net.Conn, from netip.Addr) (Question, *tls.Conn, error) {
	if !near(from) {
		return Question{}, nil, errors.New("not of this network")
	}
	c.SetDeadline(time.Now().Add(l.cfg.greet))
	conn := tls.Server(c, l.tls)
	if err := conn.HandshakeContext(ctx); err != nil {
		return Question{}, nil, err
	}
	x, err := exportOf(conn.ConnectionState())
	if err != nil {
		return Question{}, nil, err
	}
	b, err := readMessage(conn, commitSize+2+maxName)
	if err != nil {
		return Question{}, nil, err
	}
	k, err := parseKnock(b)
	if err != nil {
		return Question{}, nil, err
	}
	var own nonce
	rand.Read(own[:])
	if err := writeMessage(conn, own[:]); err != nil {
		return Question{}, nil, err
	}
	its, err := readNonce(conn)
	if err != nil {
		return Question{}, nil, err
	}
	if commitment(x, its) != k.commitment {
		return Question{}, nil, errCommitment
	}
	c.SetDeadline(time.Time{})
	return Question{Name: k.name, From: from, Role: k.role, Words: words(x, its, own)}, conn, nil
}

// ask asks the owner, unless too many are asked about already, for as long as the
// joiner is there.
func (l *Listener) ask(ctx context.Context, conn *tls.Conn, q Question) (string, error) {
	if l.cfg.Ask == nil {
		return "", &Refusal{Reason: "nobody is at the host's terminal to let you in: ask for the ticket"}
	}
	if !l.asking.take(q.From) {
		return "", &Refusal{Late: true, Reason: "others are waiting to be let in"}
	}
	defer l.asking.give(q.From)
	ctx, cancel := context.WithTimeout(ctx, ownerTime)
	defer cancel()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		conn.Read(make([]byte, 1)) // a joiner says nothing more: it is gone, or speaks out of turn
		cancel()
	}()
	ticket, err := l.cfg.Ask(ctx, q)
	conn.SetReadDeadline(time.Now())
	<-watched
	return ticket, err
}
