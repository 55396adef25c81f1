package id

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// shows returns the way in which text shows the bytes of a secret, or "".
func shows(text string, secret []byte) string {
	part := secret[:4]
	var dec, gox []string
	for _, c := range part {
		dec, gox = append(dec, fmt.Sprint(c)), append(gox, fmt.Sprintf("0x%x", c))
	}
	for _, form := range []string{
		hex.EncodeToString(part),
		strings.Join(dec, " "), strings.Join(dec, ","), strings.Join(dec, ", "),
		strings.Join(gox, " "), strings.Join(gox, ", "),
		base64.StdEncoding.EncodeToString(secret[:3]),
		string(part),
	} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
			return form
		}
	}
	return ""
}

func TestSecretIsNotPrinted(t *testing.T) {
	seed := [32]byte{0x9d, 0x61, 0xb1, 0x9e, 77, 78, 79, 80}
	s := SecretFromSeed(seed)
	type exported struct{ S Secret }
	type unexported struct{ s Secret }
	values := []any{s, &s, exported{s}, &exported{s}, unexported{s}, &unexported{s}, []Secret{s}, []unexported{{s}}, map[string]Secret{"k": s}}
	var text strings.Builder
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d", "%o"} {
			fmt.Fprintf(&text, verb+"\n", v)
		}
		fmt.Fprintln(&text, v)
		j, _ := json.Marshal(v)
		text.Write(j)
		for _, h := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&text, nil)} {
			slog.New(h).Info("a secret", "s", v)
		}
	}
	if form := shows(text.String(), seed[:]); form != "" {
		t.Errorf("the secret is shown as %q", form)
	}
	if !strings.Contains(text.String(), hidden) {
		t.Errorf("nothing was printed as %s", hidden)
	}
	// The test can see a leak.
	var leak bytes.Buffer
	fmt.Fprintf(&leak, "%v", struct{ s [32]byte }{seed})
	if shows(leak.String(), seed[:]) == "" {
		t.Errorf("a plain array is not noticed: %s", leak.String())
	}
}
