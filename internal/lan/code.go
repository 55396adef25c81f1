package lan

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
)

// What the door's two people compare is drawn from the connection and from a nonce of
// each side. The joiner commits to its own before it sees the host's, so that nobody
// between them can choose one by the outcome (PROTOCOL.md §10).
const (
	exporterLabel = "EXPORTER-gossterm/1 near"
	tagContext    = "gossterm/1 near\x00"
	commitContext = "gossterm/1 near commit\x00"
	wordsContext  = "gossterm/1 near words\x00"
)

const (
	nonceSize  = 32
	exportSize = 32
	commitSize = sha256.Size
)

type (
	nonce  [nonceSize]byte
	export [exportSize]byte
)

// exportOf returns X of a connection whose handshake is done.
func exportOf(cs tls.ConnectionState) (export, error) {
	b, err := cs.ExportKeyingMaterial(exporterLabel, nil, exportSize)
	if err != nil {
		return export{}, fmt.Errorf("export from TLS: %w", err)
	}
	return export(b), nil
}

// commitment returns what the joiner sends in place of its nonce at first.
func commitment(x export, n nonce) [commitSize]byte {
	h := sha256.New()
	h.Write([]byte(commitContext))
	h.Write(x[:])
	h.Write(n[:])
	return [commitSize]byte(h.Sum(nil))
}

// words returns the four words that both sides show.
func words(x export, joiner, host nonce) [4]string {
	h := hmac.New(sha256.New, x[:])
	h.Write([]byte(wordsContext))
	h.Write(joiner[:])
	h.Write(host[:])
	var w [4]string
	for i, b := range h.Sum(nil)[:len(w)] {
		w[i] = spoken[b]
	}
	return w
}
