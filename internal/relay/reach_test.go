package relay

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gossterm/internal/id"
)

// A tunnel is a TCP port in front of a relay. Nobody answers UDP at it.
type tunnel struct {
	port  uint16
	used  atomic.Int64
	stuck atomic.Bool // forwards nothing any more, and says nothing
}

// startTunnel forwards TCP to an address until the test ends.
func startTunnel(t *testing.T, to string) *tunnel {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tun := &tunnel{port: addrOf(ln.Addr()).Port()}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	wg.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			tun.used.Add(1)
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			mu.Lock()
			open = append(open, in, out)
			mu.Unlock()
			wg.Go(func() { tun.copy(in, out) })
			wg.Go(func() { tun.copy(out, in) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range open {
			c.Close()
		}
		wg.Wait()
	})
	return tun
}

func (tun *tunnel) copy(to, from net.Conn) {
	b := make([]byte, 16<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			to.Close()
			return
		}
		if !tun.stuck.Load() {
			to.Write(b[:n])
		}
	}
}

// Where UDP gets no answer, TCP is up after its head start, not after UDP's time-out.
func TestUDPBlocked(t *testing.T) {
	s := testServer(t, nil)
	r := valueOf(t, s)
	r.Port = startTunnel(t, s.Addr().String()).port
	began := time.Now()
	a := startClient(t, clientOf(r, 1, tagOf(1)), nil).up(t)
	if st := a.State(); st.Carrier != "tcp" {
		t.Errorf("by %s", st.Carrier)
	}
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("up after %v", d)
	}
	b := startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), by("udp")).up(t)
	pass(t, a, b, token())
}

// After the network changed a relay that is not reached any more is known in 1 s, and
// tried again at once.
func TestWakeFindsADeadPath(t *testing.T) {
	s := testServer(t, nil)
	r := valueOf(t, s)
	tun := startTunnel(t, s.Addr().String())
	r.Port = tun.port
	a := startClient(t, clientOf(r, 1, tagOf(1)), by("tcp")).up(t)
	tun.stuck.Store(true)
	began := time.Now()
	a.Wake()
	if err := a.down(t); err != errSilent {
		t.Errorf("down: %v", err)
	}
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("known after %v", d)
	}
	tun.stuck.Store(false)
	a.Wake()
	a.up(t)
}

// authority returns a certificate for a name, and who vouches for it.
func authority(t *testing.T, name string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{name, "*.example.org"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestDomain(t *testing.T) {
	cert, roots := authority(t, "localhost")
	s := testServer(t, func(c *ServerConfig) { c.Cert, c.Token = cert, "Word" })
	values := s.Values()
	if len(values) != 2 || values[0].Place != "localhost" || values[0].Pinned || !values[1].Pinned {
		t.Fatalf("values %v", values)
	}
	both(t, func(t *testing.T, over string) {
		trusting := func(c *Client) { c.only, c.roots = over, roots }
		a := startClient(t, clientOf(values[0], 1, tagOf(1)), trusting).up(t)
		if st := a.State(); st.UDP.Port() != s.Addr().Port() {
			t.Errorf("state %+v", st)
		}
		b := startClient(t, clientOf(values[1], 2, tagOf(1)), by(over)).up(t) // by the pin
		pass(t, a, b, token())

		stranger := startClient(t, clientOf(values[0], 3, tagOf(1)), by(over))
		if err := stranger.down(t); !strings.Contains(err.Error(), "certificate") {
			t.Errorf("without the authority: %v", err)
		}
		pinned := values[0] // the name with a key
		pinned.Pin, pinned.Pinned = values[1].Pin, true
		startClient(t, clientOf(pinned, 4, tagOf(1)), by(over)).up(t)
	})
}

// A client that is shown a name's certificate signs for the name, and that is of no use
// at a relay that is called otherwise.
func TestSignatureForAName(t *testing.T) {
	cert, _ := authority(t, "localhost")
	s := testServer(t, func(c *ServerConfig) { c.Cert = cert })
	both(t, func(t *testing.T, over string) {
		l := lie(t, s, over)
		l.tell(t, registerFrame(secretOf(1), tagOf(1), "", l.nonce, []byte("localhost"))) // not what it asked for
		if _, err := l.hears(t); byes(t, err) != NotAdmitted {
			t.Errorf("got %v", err)
		}
	})
}

// TCP goes by the proxy that the environment names, and the key is checked through it.
func TestProxy(t *testing.T) {
	s := testServer(t, nil)
	tun := startTunnel(t, s.Addr().String())
	var asked []string
	var mu sync.Mutex
	proxy := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.Method+" "+r.Host)
		mu.Unlock()
		out, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", portText(tun.port)))
		if err != nil {
			return
		}
		in, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
		done := make(chan struct{})
		go func() { defer close(done); io.Copy(out, bufio.NewReader(rw)); out.Close() }()
		io.Copy(in, out)
		in.Close()
		<-done
	})}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go proxy.Serve(ln)
	t.Cleanup(func() { proxy.Close() })
	r := valueOf(t, s)
	r.Place = "relay.example.org" // known to the proxy alone
	a := startClient(t, clientOf(r, 1, tagOf(1)), func(c *Client) {
		c.only = "tcp"
		c.proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: ln.Addr().String()})
	}).up(t)
	b := startClient(t, clientOf(valueOf(t, s), 2, tagOf(1)), by("udp")).up(t)
	pass(t, a, b, token())
	mu.Lock()
	defer mu.Unlock()
	if want := "CONNECT relay.example.org:" + portText(r.Port); !slices.Contains(asked, want) {
		t.Errorf("the proxy was asked %q", asked)
	}
}

func portText(p uint16) string { return strings.TrimPrefix((&net.TCPAddr{Port: int(p)}).String(), ":") }

// Another web server at the address is no relay, and is said to be none.
func TestWebServerIsNoRelay(t *testing.T) {
	cert, roots := authority(t, "localhost")
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: http.NotFoundHandler()}
	go web.Serve(ln)
	t.Cleanup(func() { web.Close() })
	r := id.Relay{Place: "localhost", Port: addrOf(ln.Addr()).Port()}
	a := startClient(t, clientOf(r, 1, tagOf(1)), func(c *Client) { c.only, c.roots = "tcp", roots })
	if err := a.down(t); !strings.Contains(err.Error(), "web server") {
		t.Errorf("got %v", err)
	}
}
