package relay

import (
	"crypto/tls"
	"crypto/x509"
	"errors"

	"gossterm/internal/cert"
	"gossterm/internal/id"
)

// serverName is what clients with a pin ask for; it tells an observer nothing.
const serverName = "gossterm"

// ErrKey reports that another answered at the relay's address.
var ErrKey = errors.New("the relay there has another key")

// clientTLS returns how a client checks the relay. With a pin that is the key, and what
// else the certificate says is ignored; without, the authorities of roots, or of the
// system if that is nil, vouch for the name.
func clientTLS(r id.Relay, proto string, roots *x509.CertPool) *tls.Config {
	conf := &tls.Config{
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{proto},
		SessionTicketsDisabled: true,
		ServerName:             r.Place,
		RootCAs:                roots,
	}
	if !r.Pinned {
		return conf
	}
	conf.ServerName = serverName
	conf.InsecureSkipVerify = true // the check below is in its place, and never skipped
	conf.VerifyConnection = func(cs tls.ConnectionState) error {
		want := proto
		if proto == httpALPN { // net/http does not offer it where there is no other
			want = cs.NegotiatedProtocol
		}
		key, err := cert.Peer(cs, want)
		if err != nil {
			return err
		}
		if id.PinOf(key) != r.Pin {
			return ErrKey
		}
		return nil
	}
	return conf
}
