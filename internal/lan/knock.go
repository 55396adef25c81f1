package lan

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"gossterm/internal/id"
)

const (
	// dialTime is how long one address of a door is tried.
	dialTime = 3 * time.Second
	// verdictTime is how long the verdict is waited for: longer than the door waits.
	verdictTime = ownerTime + greetTime
)

// Knock asks a host that was found to let in who has secret, by a name of at most 32
// bytes (what is beyond is cut), to watch or to type. It gives the words to show as
// soon as they are known, and returns a ticket when the owner has answered.
//
// Its error is a [*Refusal], a [*KeyError], the context's or the network's.
func Knock(ctx context.Context, f Found, secret id.Secret, name string, role id.Role, show func(words [4]string)) (string, error) {
	if !role.Valid() {
		panic(fmt.Sprintf("lan: knock for %v", role))
	}
	for len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "")
	}
	conf, err := tlsConfig(secret, func(got id.Peer) error {
		if got != f.Host {
			return &KeyError{got, f.Host}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	c, err := dial(ctx, f.Doors, conf)
	if err != nil {
		return "", fmt.Errorf("reach the host's door: %w", err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	ticket, err := talk(c, knock{role: role, name: name}, show)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return ticket, err
}

// dial connects to the first of a door's addresses at which the host answers: others
// may have repeated its answer as theirs.
func dial(ctx context.Context, doors []netip.AddrPort, conf *tls.Config) (*tls.Conn, error) {
	d := tls.Dialer{NetDialer: &net.Dialer{}, Config: conf}
	failed := []error{errors.New("no address worked")}
	for _, a := range doors {
		c, err := dialOne(ctx, &d, a)
		if err == nil {
			return c, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

// dialOne connects to one address and sees who is there.
func dialOne(ctx context.Context, d *tls.Dialer, a netip.AddrPort) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	c, err := d.DialContext(ctx, "tcp", a.String())
	if err != nil {
		return nil, err
	}
	return c.(*tls.Conn), nil
}

// talk is what the joiner says and hears at the door.
func talk(conn *tls.Conn, k knock, show func([4]string)) (string, error) {
	conn.SetDeadline(time.Now().Add(greetTime))
	if err := conn.Handshake(); err != nil { // at once, if dial has done it
		return "", fmt.Errorf("at the host's door: %w", err)
	}
	x, err := exportOf(conn.ConnectionState())
	if err != nil {
		return "", err
	}
	var own nonce
	rand.Read(own[:])
	k.commitment = commitment(x, own)
	if err := writeMessage(conn, k.append(nil)); err != nil {
		return "", fmt.Errorf("at the host's door: %w", err)
	}
	its, err := readNonce(conn)
	if err != nil {
		return "", fmt.Errorf("at the host's door: %w", err)
	}
	if err := writeMessage(conn, own[:]); err != nil {
		return "", fmt.Errorf("at the host's door: %w", err)
	}
	show(words(x, own, its))
	conn.SetDeadline(time.Now().Add(verdictTime))
	b, err := readMessage(conn, maxMessage)
	if err != nil {
		return "", fmt.Errorf("wait for the host's answer: %w", err)
	}
	return parseVerdict(b)
}
