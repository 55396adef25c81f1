package lan

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"gossterm/internal/id"
)

const someName = "brave-otter-42"

// patience bounds a wait for what must happen.
const patience = 20 * time.Second

// serve runs a Listener until the test ends.
func serve(t *testing.T, cfg Config) *Listener {
	t.Helper()
	l, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Serve(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return l
}

func (l *Listener) found() Found {
	return Found{l.cfg.Secret.Peer(), []netip.AddrPort{netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), l.port)}}
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// An owner keeps what it was asked and answers it in one way.
type owner struct {
	mu     sync.Mutex
	asked  []Question
	ticket string
	err    error
}

func (o *owner) ask(_ context.Context, q Question) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, q)
	return o.ticket, o.err
}

func TestFoundAndLetInOnOneMachine(t *testing.T) {
	o := &owner{ticket: "gst1ticket"}
	l := serve(t, Config{Name: "brave-otter-42", Secret: secretOf(1), Ask: o.ask})
	serve(t, Config{Name: "brave-panda-42", Secret: secretOf(2)}) // another host of this machine
	found, err := Find(soon(t), "brave-otter-42")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Host != l.cfg.Secret.Peer() {
		t.Fatalf("found %v", found)
	}
	var shown [4]string
	ticket, err := Knock(soon(t), found[0], secretOf(3), strings.Repeat("ä", 20), id.Watch, func(w [4]string) { shown = w })
	if ticket != "gst1ticket" || err != nil {
		t.Fatalf("got %q, %v", ticket, err)
	}
	q := o.asked[0]
	if len(o.asked) != 1 || q.Words != shown || q.Role != id.Watch || q.Name != strings.Repeat("ä", 16) || !near(q.From) {
		t.Errorf("asked %+v, the joiner shows %v", o.asked, shown)
	}
	if found, err := Find(soon(t), "brave-panda-42"); len(found) != 1 || found[0].Host != secretOf(2).Peer() || err != nil {
		t.Errorf("the other host: %v, %v", found, err)
	}
}

func TestAllHostsOfANameAreFound(t *testing.T) {
	for i := range byte(3) {
		serve(t, Config{Name: "calm-heron-50", Secret: secretOf(10 + i)})
	}
	found, err := Find(soon(t), "calm-heron-50")
	if err != nil || len(found) != 3 {
		t.Fatalf("found %v, %v; want three", found, err)
	}
}

func TestNobodyIsFound(t *testing.T) {
	t.Parallel()
	serve(t, Config{Name: "brave-otter-43", Secret: secretOf(1)})
	begun := time.Now()
	found, err := Find(soon(t), "brave-otter-44")
	if !errors.Is(err, ErrNotFound) || len(found) > 0 {
		t.Errorf("found %v, %v", found, err)
	}
	if took := time.Since(begun); took < findTime || took > findTime+2*time.Second {
		t.Errorf("gave up after %v, want %v", took, findTime)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		desc   string
		ask    Ask
		reason string
		late   bool
	}{
		{"the owner does not want to", (&owner{err: &Refusal{Reason: "the host said no"}}).ask, "the host said no", false},
		{"nobody to ask", nil, "nobody is at the host's terminal", false},
		{"nobody answers", (&owner{err: &Refusal{Late: true, Reason: "nobody answered"}}).ask, "nobody answered", true},
	} {
		t.Run(c.desc, func(t *testing.T) {
			l := serve(t, Config{Name: "brave-otter-42", Secret: secretOf(1), Ask: c.ask})
			ticket, err := Knock(soon(t), l.found(), secretOf(2), "ana", id.Type, func([4]string) {})
			r, ok := errors.AsType[*Refusal](err)
			if !ok || !strings.HasPrefix(r.Reason, c.reason) || r.Late != c.late || ticket != "" {
				t.Errorf("got %q, %v; want %q", ticket, err, c.reason)
			}
		})
	}
}

// Somebody who repeats the host's answer as his own, first, does not keep the joiner
// from the host's door.
func TestTheHostsDoorIsFoundBehindAnothers(t *testing.T) {
	o := &owner{ticket: "gst1ticket"}
	l := serve(t, Config{Name: "brave-otter-42", Secret: secretOf(1), Ask: o.ask})
	other := serve(t, Config{Name: "brave-otter-42", Secret: secretOf(8), Ask: (&owner{ticket: "gst1other"}).ask})
	f := l.found()
	f.Doors = append(other.found().Doors, f.Doors...)
	if got, err := Knock(soon(t), f, secretOf(2), "ana", id.Type, func([4]string) {}); got != "gst1ticket" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestADoorOfAnotherKeyIsRefused(t *testing.T) {
	o := &owner{ticket: "gst1ticket"}
	l := serve(t, Config{Name: "brave-otter-42", Secret: secretOf(1), Ask: o.ask})
	f := l.found()
	f.Host = secretOf(9).Peer()
	shown := false
	_, err := Knock(soon(t), f, secretOf(2), "ana", id.Type, func([4]string) { shown = true })
	if _, ok := errors.AsType[*KeyError](err); !ok || shown || len(o.asked) > 0 {
		t.Errorf("got %v, words shown %v, asked %v; want a key error and nothing", err, shown, o.asked)
	}
}

// Who does not send the nonce that it committed to could choose it after the host's
// is known, and so choose the words.
func TestACommitmentBinds(t *testing.T) {
	o := &owner{ticket: "gst1ticket"}
	l := serve(t, Config{Name: "brave-otter-42", Secret: secretOf(1), Ask: o.ask})
	for _, honest := range []bool{true, false} {
		ticket, err := cheat(t, l, honest)
		if asked := len(o.asked) == 1; (ticket != "") != honest || asked != honest {
			t.Errorf("honest %v: got %q, %v, asked %v", honest, ticket, err, asked)
		}
		o.asked = nil
	}
}

// cheat knocks with a nonce other than the one committed to, unless it is honest.
func cheat(t *testing.T, l *Listener, honest bool) (string, error) {
	conn := tlsTo(t, l)
	x, err := exportOf(conn.ConnectionState())
	if err != nil {
		t.Fatal(err)
	}
	n := nonce{1}
	if err := writeMessage(conn, knock{commitment(x, n), id.Type, "eve"}.append(nil)); err != nil {
		t.Fatal(err)
	}
	if _, err := readNonce(conn); err != nil {
		t.Fatal(err)
	}
	if !honest {
		n[0]++
	}
	if err := writeMessage(conn, n[:]); err != nil {
		t.Fatal(err)
	}
	b, err := readMessage(conn, maxMessage)
	if err != nil {
		return "", err
	}
	return parseVerdict(b)
}

// knockFrom knocks at a door as if from an address.
func knockFrom(t *testing.T, l *Listener, from netip.Addr) error {
	mine, its := net.Pipe()
	defer its.Close()
	defer context.AfterFunc(soon(t), func() { its.Close() })()
	if !l.opening.take(from) {
		return errors.New("no place at the door")
	}
	done := make(chan struct{})
	go func() { defer close(done); l.visit(t.Context(), mine, from) }()
	conf, err := tlsConfig(secretOf(2), func(id.Peer) error { return nil })
	if err != nil {
		t.Error(err)
		return err
	}
	_, err = talk(tls.Client(its, conf), knock{role: id.Type, name: "ana"}, func([4]string) {})
	its.Close()
	<-done
	return err
}

func TestFourAreAskedAboutAtOnce(t *testing.T) {
	asked := make(chan Question)
	release := make(chan struct{})
	l := serve(t, Config{Name: "brave-otter-42", Secret: secretOf(1), Ask: func(ctx context.Context, q Question) (string, error) {
		select {
		case asked <- q:
		case <-ctx.Done():
			return "", ctx.Err()
		}
		<-release
		return "gst1ticket", nil
	}})
	results := make(chan error, maxAsking)
	busy := func(n int) {
		if r, ok := errors.AsType[*Refusal](knockFrom(t, l, neighbor(n))); !ok || !r.Late {
			t.Errorf("neighbor %d: got %v, want a refusal because too many wait", n, r)
		}
	}
	for i := range maxAsking {
		go func() { results <- knockFrom(t, l, neighbor(i/maxEachAsking)) }()
		<-asked
		if i == maxEachAsking-1 {
			busy(0) // while others have places
		}
	}
	busy(7)
	close(release)
	for range maxAsking {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	go func() { <-asked }()
	if _, err := Knock(soon(t), l.found(), secretOf(2), "bob", id.Type, func([4]string) {}); err != nil {
		t.Errorf("the place is not free again: %v", err)
	}
}

// Nobody is asked about somebody who has gone.
func TestTheQuestionEndsWithTheJoiner(t *testing.T) {
	asked, over := make(chan struct{}), make(chan struct{})
	l := serve(t, Config{Name: "brave-otter-42", Secret: secretOf(1), Ask: func(ctx context.Context, q Question) (string, error) {
		close(asked)
		<-ctx.Done()
		close(over)
		return "", ctx.Err()
	}})
	ctx, cancel := context.WithCancel(soon(t))
	go func() { <-asked; cancel() }()
	if _, err := Knock(ctx, l.found(), secretOf(2), "ana", id.Type, func([4]string) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	select {
	case <-over:
	case <-time.After(patience):
		t.Error("the question goes on")
	}
}

// The end of the host ends those who wait, and is not taken for an answer.
func TestTheEndOfTheHost(t *testing.T) {
	l, err := Listen(Config{Name: "brave-otter-42", Secret: secretOf(1), Ask: func(ctx context.Context, q Question) (string, error) {
		<-ctx.Done()
		return "gst1late", nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); l.Serve(ctx) }()
	ticket, err := Knock(soon(t), l.found(), secretOf(2), "ana", id.Type, func([4]string) { cancel() })
	if err == nil || ticket != "" {
		t.Errorf("got %q, %v", ticket, err)
	}
	<-done
	if c, err := net.DialTimeout("tcp", l.found().Doors[0].String(), time.Second); err == nil {
		c.Close()
		t.Error("the door is still open")
	}
}

func TestNear(t *testing.T) {
	for a, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "::ffff:127.0.0.9": true, "169.254.3.4": true, "fe80::1%eth0": true,
		"8.8.8.8": false, "2001:4860::8888": false, "0.0.0.0": false,
	} {
		if got := near(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s is near: %v, want %v", a, got, want)
		}
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if p, ok := prefixOf(a); !ok || !near(p.Addr()) {
			t.Errorf("%v is not near", a)
		}
	}
	if near(netip.Addr{}) {
		t.Error("no address is near")
	}
}

func TestAnswersAreKeptApart(t *testing.T) {
	a := netip.MustParseAddr("10.0.0.1")
	var found []Found
	for i := range byte(20) {
		for range 3 {
			found = added(found, heard{answer{host: id.Peer{i}, port: 7}, a})
		}
	}
	for i := range 9 {
		found = added(found, heard{answer{host: id.Peer{0}, port: uint16(i + 1)}, a})
	}
	if len(found) != maxFound || len(found[0].Doors) != maxDoors || len(found[1].Doors) != 1 {
		t.Errorf("got %v", found)
	}
}
