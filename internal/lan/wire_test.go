package lan

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"gossterm/internal/id"
)

func secretOf(b byte) id.Secret { return id.SecretFromSeed([32]byte{b}) }

// The bytes of PROTOCOL.md §10, written once by hand from its words with another
// implementation of the hashes.
func TestGolden(t *testing.T) {
	n := queryNonce{1, 2, 3}
	q := queryFor(n, "brave-otter-42").append(nil)
	a := answer{n, secretOf(7).Peer(), 0x1234}.append(nil)
	k := knock{commitment(export{1}, nonce{2}), id.Type, "ana"}.append(nil)
	for _, c := range []struct{ desc, got, want string }{
		{"query", hex.EncodeToString(q), goldenQuery},
		{"answer", hex.EncodeToString(a[:4]) + hex.EncodeToString(a[52:]), "67736131" + "1234"},
		{"knock", hex.EncodeToString(k), goldenKnock},
		{"words", strings.Join(func() []string { w := words(export{1}, nonce{2}, nonce{3}); return w[:] }(), " "), goldenWords},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.desc, c.got, c.want)
		}
	}
	if len(q) != querySize || len(a) != answerSize {
		t.Errorf("query %d, answer %d bytes", len(q), len(a))
	}
}

func TestWordsDependOnAll(t *testing.T) {
	was := words(export{1}, nonce{2}, nonce{3})
	for desc, w := range map[string][4]string{
		"connection":     words(export{9}, nonce{2}, nonce{3}),
		"joiner's nonce": words(export{1}, nonce{9}, nonce{3}),
		"host's nonce":   words(export{1}, nonce{2}, nonce{9}),
		"sides":          words(export{1}, nonce{3}, nonce{2}),
	} {
		if w == was {
			t.Errorf("another %s gives the same words %v", desc, w)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	f.Add(queryFor(queryNonce{1}, "brave-otter-42").append(nil))
	f.Add(make([]byte, querySize))
	f.Fuzz(func(t *testing.T, b []byte) {
		if q, ok := parseQuery(b); ok && !bytes.Equal(q.append(nil), b) {
			t.Errorf("%x was read as %+v", b, q)
		}
	})
}

func FuzzParseAnswer(f *testing.F) {
	f.Add(answer{queryNonce{1}, secretOf(1).Peer(), 7}.append(nil))
	f.Add(answer{queryNonce{1}, id.Peer{}, 7}.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, ok := parseAnswer(b)
		if ok && (!bytes.Equal(a.append(nil), b) || a.port == 0 || !a.host.Valid()) {
			t.Errorf("%x was read as %+v", b, a)
		}
	})
}

func FuzzParseKnock(f *testing.F) {
	f.Add(knock{[32]byte{1}, id.Watch, "ana"}.append(nil))
	f.Add(knock{[32]byte{1}, 3, strings.Repeat("a", 40)}.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := parseKnock(b)
		if err == nil && (!bytes.Equal(k.append(nil), b) || len(k.name) > maxName || !k.role.Valid()) {
			t.Errorf("%x was read as %+v", b, k)
		}
	})
}

func FuzzReadMessage(f *testing.F) {
	f.Add([]byte{0, 2, 'h', 'i'}, 10)
	f.Fuzz(func(t *testing.T, b []byte, most int) {
		m, err := readMessage(bytes.NewReader(b), most)
		if err == nil && len(m) > most {
			t.Errorf("%d bytes read of at most %d", len(m), most)
		}
	})
}

func TestVerdicts(t *testing.T) {
	long := strings.Repeat("x", 2*maxText)
	for _, c := range []struct {
		desc   string
		in     error
		ticket string
		want   string
	}{
		{"let in", nil, "gst1abc", "gst1abc <nil>"},
		{"refused", &Refusal{Reason: "no"}, "", " the host refused: no"},
		{"busy", &Refusal{Late: true, Reason: "later"}, "", " the host refused: later"},
		{"an error of the host's is not told", errors.New("secret path"), "", " the host refused: it could not ask"},
		{"a ticket beside an error stays", &Refusal{Reason: "no"}, "gst1abc", " the host refused: no"},
	} {
		ticket, err := parseVerdict(appendVerdict(nil, c.ticket, c.in))
		if got := ticket + " " + errText(err); got != c.want {
			t.Errorf("%s: got %q, want %q", c.desc, got, c.want)
		}
		if r, ok := errors.AsType[*Refusal](c.in); ok && r.Late != err.(*Refusal).Late {
			t.Errorf("%s: late is lost", c.desc)
		}
	}
	if b := appendVerdict(nil, "", &Refusal{Reason: long}); len(b) > maxMessage {
		t.Errorf("a verdict of %d bytes", len(b))
	}
	for _, b := range [][]byte{nil, {1, 'x'}, {4}} {
		if got, err := parseVerdict(b); err == nil {
			t.Errorf("%x was read as %q", b, got)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return "<nil>"
	}
	return err.Error()
}

const (
	goldenQuery = "6773713101020300000000000000000000000000d16b9436369c0f943f38001f1132c123" + "000000000000000000000000000000000000000000000000000000000000000000000000"
	goldenKnock = "15817b164b2a1c2d0e9e8ef24aa6f256cfc272c00b5f792c5d15073f983430480203616e61"
	goldenWords = "crayon stamp spoon coach"
)
