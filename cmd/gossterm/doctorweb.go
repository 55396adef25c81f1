package main

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"gossterm/internal/id"
)

const (
	// The path and the header by which a relay is known over TCP (PROTOCOL.md §9).
	relayPath        = "/relay/1"
	relayNonce       = "Gossterm-Nonce"
	relayServerName  = "gossterm" // asked for by who has a pin
	maxRelayResponse = 8 << 10    // bytes of header
)

// A webAnswer is what came of asking a relay by TCP.
type webAnswer struct {
	rtt   time.Duration // of the request, without the handshakes
	proxy string        // by which it went, or ""
	date  time.Time     // as the relay tells it, or zero
	at    time.Time     // when it was told
	err   error
}

// A statusError reports a web server that is no relay.
type statusError struct{ status string }

func (e *statusError) Error() string { return "a web server answers there, and no relay: " + e.status }

// An otherKeyError reports that somebody else answered.
type otherKeyError struct {
	issuer string // of the certificate, if it is none of a relay with a pin
}

func (e *otherKeyError) Error() string {
	if e.issuer == "" {
		return "another relay answers: its key is not the one in the value"
	}
	return fmt.Sprintf("TLS is intercepted: the certificate is by %q", e.issuer)
}

// askWeb begins a WebSocket with a relay, and registers nobody.
func askWeb(ctx context.Context, r id.Relay) (a webAnswer) {
	tr := &http.Transport{
		TLSClientConfig:        relayTLS(r),
		MaxResponseHeaderBytes: maxRelayResponse,
		Proxy: func(req *http.Request) (*url.URL, error) {
			u, err := http.ProxyFromEnvironment(req)
			if u != nil {
				a.proxy = u.Host
			}
			return u, err
		},
	}
	defer tr.CloseIdleConnections()
	var asked, answered time.Time // both are noted before RoundTrip returns a response
	resp, err := tr.RoundTrip(webRequest(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { asked = time.Now() }, // after TLS
		GotFirstResponseByte: func() { answered = time.Now() },
	}), r))
	if err != nil {
		if ctx.Err() != nil {
			err = errNoAnswer
		}
		a.err = err
		return a
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get(relayNonce) == "" {
		a.err = &statusError{resp.Status}
		return a
	}
	a.rtt, a.at = answered.Sub(asked), answered
	if t, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		a.date = t
	}
	return a
}

// webRequest returns the request for a WebSocket (RFC 6455 §4.1).
func webRequest(ctx context.Context, r id.Relay) *http.Request {
	key := randomKey()
	req := (&http.Request{
		Method: http.MethodGet,
		URL:    &url.URL{Scheme: "https", Host: relayPlace(r), Path: relayPath},
		Header: http.Header{
			"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
			"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {base64.StdEncoding.EncodeToString(key[:16])},
		},
	}).WithContext(ctx)
	return req
}

// relayTLS returns how a relay has to prove itself: by its pin, or by its name.
func relayTLS(r id.Relay) *tls.Config {
	conf := &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}, ServerName: r.Place}
	if !r.Pinned {
		return conf
	}
	conf.ServerName = relayServerName
	conf.InsecureSkipVerify = true // the check below is in its place
	conf.VerifyConnection = func(cs tls.ConnectionState) error {
		if len(cs.PeerCertificates) == 0 {
			return errors.New("no certificate")
		}
		c := cs.PeerCertificates[0]
		key, ok := c.PublicKey.(ed25519.PublicKey)
		if ok && len(key) == ed25519.PublicKeySize && id.PinOf(id.Peer(key)) == r.Pin {
			return nil
		}
		return &otherKeyError{issuer: c.Issuer.String()} // a relay's own has none
	}
	return conf
}
