package lan

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"gossterm/internal/id"
)

// askAt is when a question is asked, counted from the first time.
var askAt = []time.Duration{
	0, 100 * time.Millisecond, 300 * time.Millisecond, 700 * time.Millisecond, 1500 * time.Millisecond, 3 * time.Second,
}

const (
	// findTime is how long a host is looked for.
	findTime = 4 * time.Second
	// settleTime is how long others of the same name are waited for after the first.
	settleTime = 300 * time.Millisecond
	maxFound   = 8 // hosts of one name
	maxDoors   = 4 // addresses of one host
)

// ErrNotFound reports that nobody near answers to a name.
var ErrNotFound = errors.New("nobody of this name answers on this network")

// Found is a host that answered to a name.
type Found struct {
	Host  id.Peer          // as it says: its door has to prove it
	Doors []netip.AddrPort // where its door is, IPv4 first
}

// Find asks all on this machine's networks for a name, as ParseName returns it. It
// returns every host that answers, the first to answer first, or ErrNotFound. There
// is one as a rule: several have drawn the same name, or some pretend.
func Find(ctx context.Context, name string) ([]Found, error) {
	socks, err := open(0)
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", name, err)
	}
	answers := make(chan heard, maxFound*maxDoors)
	var leaves sync.WaitGroup
	defer leaves.Wait()
	defer closeAll(socks)
	for _, s := range socks {
		leaves.Go(func() {
			s.receive(answerSize, func(b []byte, from netip.AddrPort) {
				if a, ok := parseAnswer(b); ok {
					select {
					case answers <- heard{a, from.Addr()}:
					default: // it is asked again
					}
				}
			})
		})
	}
	var n queryNonce
	rand.Read(n[:])
	q := queryFor(n, name)
	found, sent := collect(ctx, q, func() bool { return askAll(socks, q.append(nil)) }, answers)
	switch {
	case len(found) > 0:
		for _, f := range found { // people know the addresses of IPv4
			slices.SortStableFunc(f.Doors, func(a, b netip.AddrPort) int {
				return cmp.Compare(a.Addr().BitLen(), b.Addr().BitLen())
			})
		}
		return found, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !sent:
		return nil, fmt.Errorf("%w: there is no network to ask on", ErrNotFound)
	}
	return nil, ErrNotFound
}

// heard is an answer and who sent it.
type heard struct {
	answer
	from netip.Addr
}

// collect asks until somebody has answered, or it has been long enough. It reports
// whether anything could be asked.
func collect(ctx context.Context, q query, ask func() bool, answers <-chan heard) (found []Found, sent bool) {
	begun := time.Now()
	asks := askAt
	end := time.NewTimer(findTime)
	defer end.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-next.C:
			sent = ask() || sent
			if asks = asks[1:]; len(asks) > 0 {
				next.Reset(asks[0] - time.Since(begun))
			}
		case h := <-answers:
			if h.nonce != q.nonce || !near(h.from) {
				continue
			}
			if len(found) == 0 {
				end.Reset(settleTime)
			}
			found = added(found, h)
		case <-end.C:
			return found, sent
		case <-ctx.Done():
			return found, sent
		}
	}
}

// added returns found with one more answer.
func added(found []Found, h heard) []Found {
	door := netip.AddrPortFrom(h.from, h.port)
	i := slices.IndexFunc(found, func(f Found) bool { return f.Host == h.host })
	switch {
	case i < 0 && len(found) < maxFound:
		return append(found, Found{h.host, []netip.AddrPort{door}})
	case i >= 0 && len(found[i].Doors) < maxDoors && !slices.Contains(found[i].Doors, door):
		found[i].Doors = append(found[i].Doors, door)
	}
	return found
}
